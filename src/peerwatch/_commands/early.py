"""Places that do not exist, told before Inspect is loaded, which takes three seconds; plans need no Inspect."""

from collections.abc import Iterable
from pathlib import Path

from peerwatch._mistakes import Mistake


def check_places(places: Iterable[Path]) -> None:
    """Refuse folders and files that do not exist.

    Raises:
        Mistake: At the first one.
    """
    for place in places:
        if not place.exists():
            raise Mistake(f"{place} does not exist. Give the folder of a run, or an Inspect log of a Peerwatch task.")
