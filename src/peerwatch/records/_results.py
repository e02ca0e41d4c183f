"""The episodes finished so far, read quickly from the summaries in logs."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from peerwatch.core.outcomes import Verdict
from peerwatch.inspect._samples import sample_id
from peerwatch.records._files import LogError
from peerwatch.records._newest import SlotKey, cut_off, newest_in_short
from peerwatch.records._open import Log, Sampled, open_logs
from peerwatch.records._read import axes_of
from peerwatch.records._scores import counted_score
from peerwatch.records._slots import Slot

Key = SlotKey
"""Model, sample id and epoch; unique per slot."""


def slot_key(slot: Slot) -> Key:
    """The key of a slot in logs and in the ledger."""
    name = sample_id(slot.scenario, slot.arm, slot.world_seed, slot.rubric, slot.agent)
    return slot.model, name, slot.epoch


@dataclass(frozen=True)
class EndedEpisode:
    """A finished episode, with the fields needed for progress and stopping."""

    verdict: Verdict
    axes: dict[str, float | None]
    failed_before: int = 0
    """Runs of its slot that ended with an error before this one."""


@dataclass(frozen=True)
class RunResults:
    """Finished and failed episodes.

    Attributes:
        ended: Every episode that need not run again.
        failed: Slot to the number of its runs that ended with an error, for slots that must run again.
    """

    ended: dict[Key, EndedEpisode]
    failed: dict[Key, int]


def so_far(place: Path, tell: Callable[[str], None] = lambda _: None) -> RunResults:
    """Read the state of a run from the logs in a folder.

    An episode that was cut off by an error or by the spending cap must run again, as must an invalidated one.

    Args:
        place: The folder; it may be empty or missing.
        tell: Called with a line for each file that cannot be read; its episodes run again.
    """
    if not place.is_dir() or not any(place.iterdir()):
        return RunResults({}, {})
    try:
        found = newest_in_short(open_logs(place, planned=True), _ended)
    except LogError as error:
        tell(f"{error} Lost episodes run again.")
        return RunResults({}, {})
    for each in found.reading.unread:
        tell(f"{each.file} {each.why} Its episodes run again.")
    done: dict[Key, EndedEpisode] = {}
    failed: dict[Key, int] = {}
    for key, each in found.chosen.items():
        before = found.failed.get(key, 0)
        if isinstance(each, EndedEpisode):
            done[key] = replace(each, failed_before=before)
        elif each + before:
            failed[key] = each + before
    return RunResults(done, failed)


def ended(place: Path, tell: Callable[[str], None] = lambda _: None) -> dict[Key, EndedEpisode]:
    """Return every episode in the logs of a folder that need not run again, as in `so_far`."""
    return so_far(place, tell).ended


def _ended(log: Log, sample: Sampled) -> EndedEpisode | int:
    """Convert a sample; if it must run again, return whether it failed (1 or 0)."""
    del log
    if cut_off(sample):
        return int(bool(sample.error))
    score = counted_score(sample.scores).score
    if score is None:
        return EndedEpisode("invalid", {})
    axes = cast("dict[str, Any]", score.value) if isinstance(score.value, dict) else {}
    return EndedEpisode(cast("Verdict", score.answer or "invalid"), axes_of(axes))
