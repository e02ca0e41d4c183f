"""How the two that are compared are named on the command line."""

from pathlib import Path

from peerwatch.comparisons._mistake import ComparisonError

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
    found: list[tuple[Path, str]] = []
    left = words
    while left:
        piece, left = _first(left, words)
        found.append(piece)
    if not found:
        raise ComparisonError("a place is empty. Give a run's folder or a log, or PLACE#MODEL for one of its models.")
    return found


def _first(left: str, words: str) -> tuple[tuple[Path, str], str]:
    """The longest beginning that names a place, and what follows it."""
    pieces = left.split(",")
    for count in range(len(pieces), 0, -1):
        place, rest = ",".join(pieces[:count]).strip(), ",".join(pieces[count:])
        if place and Path(place).exists():
            return (Path(place), ""), rest
        where, mark, model = place.rpartition(MARK)
        if mark and Path(where).exists() and not _names_place(model):
            return (Path(where), model.strip()), rest
    raise ComparisonError(
        f"{pieces[0].strip()} does not exist (in {words}). Give a run's folder or a log, PLACE#MODEL for one of its "
        "models, or several of these with commas."
    )


def _names_place(model: str) -> bool:
    """Whether what looks like a model's label goes on with a further place after a comma."""
    parts = model.split(",")
    later = [",".join(parts[start:end]) for start in range(1, len(parts)) for end in range(start + 1, len(parts) + 1)]
    names = [name for each in later for name in (each.strip(), each.rpartition(MARK)[0].strip())]
    return any(name and Path(name).exists() for name in names)
