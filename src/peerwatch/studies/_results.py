"""What has ended so far, read quickly from the summaries that logs carry."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from peerwatch.logs import Log, LogError, Sampled, SlotKey, counted_score, cut_off, newest_in_short, open_logs
from peerwatch.outcomes import Verdict
from peerwatch.studies._read import axes_of

Key = SlotKey
"""Model, sample id and epoch: one per slot."""


@dataclass(frozen=True)
class Ended:
    """An episode that has ended, as far as progress and stopping need it."""

    verdict: Verdict
    axes: dict[str, float | None]


def ended(place: Path, tell: Callable[[str], None] = lambda _: None) -> dict[Key, Ended]:
    """Every episode that the logs in a folder hold, and that need not run again.

    One that an error or the run's cap has cut off is not among them, nor one that was invalidated.

    Args:
        place: The folder; it need not exist or hold anything.
        tell: Called with a line for each file that cannot be read: the episodes in it run again.
    """
    if not place.is_dir() or not any(place.iterdir()):
        return {}
    try:
        found = newest_in_short(open_logs(place, planned=True), _ended)
    except LogError as error:
        tell(f"{error} What is lost runs again.")
        return {}
    for each in found.reading.unread:
        tell(f"{each.file} {each.why} The episodes that it held run again.")
    return {key: each for key, each in found.chosen.items() if each is not None}


def _ended(log: Log, sample: Sampled) -> Ended | None:
    del log
    if cut_off(sample):
        return None
    score = counted_score(sample.scores).score
    if score is None:
        return Ended("invalid", {})
    axes = cast("dict[str, Any]", score.value) if isinstance(score.value, dict) else {}
    return Ended(cast("Verdict", score.answer or "invalid"), axes_of(axes))
