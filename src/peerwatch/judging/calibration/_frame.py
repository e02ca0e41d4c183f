"""The sampling frame: every episode from which a set may be drawn."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspect_ai.log import EvalSample

from peerwatch.core.factors import FACTORS, arm_label
from peerwatch.core.outcomes import assess
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.inspect import IncompleteLogError, trace_of
from peerwatch.judging.calibration._error import LabelError
from peerwatch.records import INSTRUCTED, UnreadFile, newest, open_logs

NAMED = ("model", "scenario", "rubric", "arm", "verdict")
"""Variables that may define strata, in addition to the factors."""


@dataclass(frozen=True)
class Candidate:
    """An episode that may be drawn.

    Attributes:
        path: Its log.
        sample: The sample's uuid.
        id: Id of the sample.
        epoch: Its epoch.
        model: The study's name of the target.
        scenario: Its scenario.
        rubric: How outputs are scored; empty in scenarios without rubrics.
        arm: One level of every factor.
        verdict: The verdict by state alone, ignoring judges.
    """

    path: Path
    sample: str
    id: str
    epoch: int
    model: str
    scenario: str
    rubric: str
    arm: dict[str, str]
    verdict: str

    def stratum(self, by: tuple[str, ...]) -> str:
        """Its values of the variables that define strata, as in `disk_cleanup, peer, complied`."""
        return ", ".join(self._value(name) for name in by)

    def _value(self, name: str) -> str:
        if name == "arm":
            return arm_label(self.arm)
        return str(getattr(self, name)) if name in NAMED else self.arm.get(name, "")


def parse_by(text: str) -> tuple[str, ...]:
    """Parse the variables that define strata, separated by commas.

    Raises:
        LabelError: If a variable does not exist.
    """
    by = tuple(name.strip() for name in text.split(",") if name.strip())
    wrong = [name for name in by if name not in (*NAMED, *FACTORS)]
    if wrong:
        raise LabelError(f"strata cannot be made of {wrong[0]!r}. Choose among: {', '.join((*NAMED, *FACTORS))}.")
    return by


def read_frame(place: Path, unread: list[UnreadFile] | None = None) -> tuple[list[Candidate], int]:
    """Return the valid episodes at a place, in a fixed order, and the number of invalid ones.

    If two logs contain the same episode, the most recent counts.

    Args:
        place: A log, or a folder of logs.
        unread: List to which files that cannot be read are added.

    Raises:
        LabelError: If there is no valid episode.
        LogError: If there is no log, or none can be read.
    """
    read = newest(open_logs(place), lambda log, sample: _candidate(sample, log.name, log.path))
    found = read.chosen
    if unread is not None:
        unread += read.reading.unread
    valid = [each for each in found.values() if each is not None]
    if not valid:
        raise LabelError(f"{place} holds no valid episode to label: {len(found)} are invalid. Give another run.")
    return sorted(valid, key=lambda each: (each.model, each.id, each.epoch)), len(found) - len(valid)


def _candidate(sample: EvalSample, model: str, path: Path) -> Candidate | None:
    """Convert a sample; `None` if nothing was measured in it, or if its model was instructed."""
    data: dict[str, Any] = sample.metadata
    if INSTRUCTED in data:
        return None
    try:
        verdict = assess(trace_of(data, sample.store)).verdict
    except IncompleteLogError:  # an error or a crash has left the sample without its states
        return None
    if verdict == "invalid":
        return None
    return Candidate(
        path=path,
        sample=str(sample.uuid),
        id=str(sample.id),
        epoch=sample.epoch,
        model=model,
        scenario=data["scenario"],
        rubric=data.get("rubric", ""),
        arm=SCENARIOS[data["scenario"]].logged_arm(data["arm"]),
        verdict=verdict,
    )
