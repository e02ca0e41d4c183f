"""How the two that are compared are named on the command line."""

import re
from pathlib import Path

from peerwatch.analysis.comparisons._error import ComparisonError
from peerwatch.core.storage import exists, is_url
from peerwatch.core.storage import place as path_of

MARK = "#"
"""Stands between a place and one of its models."""


def split_places(words: str) -> list[tuple[Path, str]]:
    """Read `PLACE`, `PLACE#MODEL` or several of these with commas.

    A file or folder whose own name holds a mark or a comma is found, and so is a model's label with a comma.

    Args:
        words: As the user wrote them.

    Returns:
        Each place with the model that is chosen there; the model is empty where none is.

    Raises:
        ComparisonError: If a place does not exist.
    """
    found = _read(words)
    if not found:
        raise ComparisonError(
            f"{words!r} does not exist, or a part of it does not. Give a run's folder or a log, PLACE{MARK}MODEL for "
            "one of its models, or several of these with commas."
        )
    return found


def _read(words: str) -> list[tuple[Path, str]] | None:
    """The places that some words name; `None` if they name something else, or nothing."""
    pieces = words.split(",")
    cuts = [(",".join(pieces[:cut]).strip(), ",".join(pieces[cut:])) for cut in range(1, len(pieces) + 1)]
    for place, rest in reversed(cuts):
        if (found := _existing(place)) and (others := _rest(rest)) is not None:
            return [(found, ""), *others]
    for named, rest in cuts:
        place, _, model = named.rpartition(MARK)
        if model and (found := _existing(place)) and (others := _rest(rest)) is not None:
            return [(found, model.strip()), *others]
    return None


def _existing(place: str) -> Path | None:
    """The path of a place that exists."""
    if not place or (is_url(place) and len(re.findall(r"[A-Za-z0-9+.-]+://", place)) > 1):
        return None  # several URLs with commas between them
    path = path_of(place)
    return path if exists(path) else None


def _rest(words: str) -> list[tuple[Path, str]] | None:
    return _read(words) if words else []
