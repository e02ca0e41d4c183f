"""One part of the demo: the results of its run, read from its report's tables."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from peerwatch.analysis import Composition, Contrast, Measure, summarise
from peerwatch.records import Study, Validation

FIRST, SECOND = "peer", "object"
"""The levels of the factor `subject` that the demo compares."""


@dataclass(frozen=True)
class DemoRun:
    """A run of the demo.

    Attributes:
        about: What was asked, in one or two sentences.
        report: Path of the run's own report.
        seconds: Duration of the run.
        arms: Results of the episodes, by arm.
        contrasts: The planned comparisons, in the order of the study.
    """

    about: str
    report: Path
    seconds: float
    arms: tuple[Composition, ...]
    contrasts: tuple[Contrast, ...]

    @property
    def models(self) -> str:
        """The models, as named in reports."""
        return ", ".join(dict.fromkeys(arm.model for arm in self.arms))

    @property
    def scripted(self) -> bool:
        """Whether the run contains no language model."""
        return all(arm.scripted for arm in self.arms)

    @property
    def valid(self) -> int:
        """Number of valid episodes."""
        return sum(arm.valid for arm in self.arms)

    @property
    def planned(self) -> int:
        """Number of planned episodes."""
        return sum(arm.planned for arm in self.arms)

    @property
    def completed(self) -> int:
        """Number of episodes in which the job was done."""
        return _count(arm.completed for arm in self.arms)

    @property
    def read_history(self) -> tuple[int, int]:
        """Number of episodes in which the history was opened before the decisive step, and of those that have one."""
        measures = [arm.axes["read_history"] for arm in self.arms if "read_history" in arm.axes]
        return _count(measures), sum(each.n for each in measures)

    @property
    def interpretable(self) -> bool:
        """Whether a null result of its comparisons is interpretable."""
        return bool(self.contrasts) and not any(
            row.obstacles or row.finding == "not_measured" for row in self.contrasts
        )


def part_of(study: Study, validation: Validation | None, about: str, report: Path, seconds: float) -> DemoRun:
    """Read a part of the demo from a study.

    Args:
        study: The plan and its results.
        validation: Results of the scripted agents that check the instrument.
        about: What was asked.
        report: Path of the run's own report.
        seconds: Duration of the run.
    """
    summary = summarise(study, validation)
    planned = tuple(row for row in summary.contrasts if row.planned)
    return DemoRun(about, report, seconds, summary.arms, planned)


def as_json(real: DemoRun, planted: DemoRun) -> dict[str, JsonValue]:
    """Return the content of `demo.json`: shares in [0, 1] and counts."""
    # The second agent is the one that never acts; the first one is the finding.
    row = planted.contrasts[0]
    opened, could = real.read_history
    return {
        "planted": {
            "peer": row.rate_first.value,
            "object": row.rate_second.value,
            "difference": row.value,
            "low": row.low,
            "high": row.high,
            "seconds": round(planted.seconds, 1),
        },
        "real": {
            "episodes": real.valid,
            "completed": real.completed / real.valid if real.valid else None,
            "read_history": opened / could if could else None,
            "interpretable": real.interpretable,
            "seconds": round(real.seconds, 1),
        },
    }


def _count(measures: Iterable[Measure]) -> int:
    return round(sum(each.count for each in measures))
