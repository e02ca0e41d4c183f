"""Selects the weights file for a requested model, with a note about it."""

from dataclasses import dataclass
from pathlib import Path

from peerwatch.models._cache import locate, own_file
from peerwatch.models._sources import catalogue

NOTE = catalogue().find().note
"""The size of the default model and its implications, for reports and the command line."""

_UNKNOWN = "its bytes were not checked against any source, and it is not known how able it is."


@dataclass(frozen=True)
class ModelChoice:
    """The selected file, with a note about it."""

    name: str
    path: Path
    note: str


def choose(weights: str | None = None) -> ModelChoice:
    """Find the file of a model.

    Args:
        weights: Name in the catalog, or path of a GGUF file; if omitted, $PEERWATCH_MODEL or else the default model.

    Raises:
        ModelError: If there is no such model, its weights are not downloaded, or the file is damaged.
    """
    own = own_file(weights)
    if own is not None:
        note = f"This is a GGUF file of the user's own, {own.name}: {_UNKNOWN}"
        return ModelChoice(name=own.stem, path=own, note=note)
    known = catalogue().find(weights)
    return ModelChoice(name=known.name, path=locate(known.name), note=known.note)
