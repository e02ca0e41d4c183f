"""Parses how the two sides of a comparison are given on the command line."""

from pathlib import Path

from peerwatch.analysis.comparisons._error import ComparisonError

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
        if place and Path(place).exists() and (others := _rest(rest)) is not None:
            return [(Path(place), ""), *others]
    for named, rest in cuts:
        place, _, model = named.rpartition(MARK)
        if place and model and Path(place).exists() and (others := _rest(rest)) is not None:
            return [(Path(place), model.strip()), *others]
    return None


def _rest(words: str) -> list[tuple[Path, str]] | None:
    return _read(words) if words else []
