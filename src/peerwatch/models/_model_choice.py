"""Which file is run when a model is asked for, and what has to be said about it."""

from dataclasses import dataclass
from pathlib import Path

from peerwatch.models._cache import locate, own_file
from peerwatch.models._sources import catalogue

NOTE = catalogue().find().note
"""How small the default model is and what that means, for reports and the command line."""

_UNKNOWN = "its bytes were not checked against any source, and it is not known how able it is."


@dataclass(frozen=True)
class ModelChoice:
    """Which file is run, and what to say about it."""

    name: str
    path: Path
    note: str


def choose(weights: str | None = None) -> ModelChoice:
    """Find the file for a model.

    Args:
        weights: Name in the catalogue, or path of a GGUF file; if omitted, $PEERWATCH_MODEL or else the
            default model.

    Raises:
        ModelError: There is no such model, its weights are not fetched, or the file is not what it should be.
    """
    own = own_file(weights)
    if own is not None:
        note = f"This is a GGUF file of the user's own, {own.name}: {_UNKNOWN}"
        return ModelChoice(name=own.stem, path=own, note=note)
    known = catalogue().find(weights)
    return ModelChoice(name=known.name, path=locate(known.name), note=known.note)
