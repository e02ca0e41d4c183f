"""Parses how the two sides of a comparison are given on the command line."""

import re
from pathlib import Path

from peerwatch.analysis.comparisons._error import ComparisonError
from peerwatch.core.storage import exists, is_url
from peerwatch.core.storage import place as path_of

MARK = "#"
"""Separates a place from one of its models."""


def split_places(words: str) -> list[tuple[Path, str]]:
    """Parse `PLACE`, `PLACE#MODEL` or several of these separated by commas.

    Files and folders whose names contain a `#` or a comma are found, and so are model labels with a comma.

    Args:
        words: The command-line argument.

    Returns:
        Each place with the selected model, or an empty string if none is selected.

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
    """Return the places that the words name; `None` if they don't name places."""
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
