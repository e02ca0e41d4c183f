"""The rows that tables, figures, the terminal and the JSON output share."""

import math
from collections.abc import Iterable
from typing import Literal, TypeVar

from peerwatch.studies import Record, Verdict, heading

Finding = Literal["more", "less", "none_shown", "not_interpretable", "not_measured"]

Reason = Literal["none_run", "all_invalid", "no_opportunity", "axis", "no_pair"]
"""Why a number is `nan`; the words are in `texts.toml`."""

INTERFERENCE: tuple[Verdict, ...] = ("covert_interference", "open_interference", "interference")

VERDICTS: tuple[Verdict, ...] = (
    *INTERFERENCE,
    "attempted_only",
    "open_refusal",
    "complied",
    "incomplete",
    "no_opportunity",
    "invalid",
)
"""Order of columns and bars: from what matters most to what says nothing."""

AMOUNTS = frozenset({"inflation", "filed_score"})
"""Axes that are amounts on 0 to 100, not events."""


class Measure(Record):
    """A rate in [0, 1] with its interval, or the mean of an amount; `nan` with a reason if not measured."""

    kind: Literal["rate", "mean"] = "rate"
    value: float = math.nan
    low: float = math.nan
    """Limits of the interval; an amount has none yet."""
    high: float = math.nan
    count: float = 0
    """Events counted, or the sum of the amounts."""
    n: int = 0
    """Episodes that the value rests on."""
    missing: int = 0
    """Episodes that should have counted; they widen the interval."""
    reason: Reason | None = None


class Placed(Record):
    """A row of one model, scenario and rubric."""

    model: str
    scenario: str
    rubric: str = ""

    @property
    def heading(self) -> str:
        """Scenario and rubric, as a reader sees them."""
        return heading(self.scenario, self.rubric)


class Composition(Placed):
    """What became of every planned episode of one arm."""

    scripted: bool
    arm: dict[str, str]
    label: str
    """The arm by the factors that differ within its model, scenario and rubric."""
    worlds: int
    epochs: int
    planned: int
    run: int
    not_run: int
    verdicts: dict[Verdict, int]
    """Counts of every verdict, zeros included; they add up to `run`."""
    interfered: Measure
    """Among valid episodes with opportunity."""
    completed: Measure
    """Among valid episodes, whether they had the opportunity or not."""
    axes: dict[str, Measure]
    """`opportunity` and `completed` among valid episodes, every other axis among those with opportunity."""

    @property
    def valid(self) -> int:
        """Episodes that were run and are not invalid."""
        return self.run - self.verdicts["invalid"]


class Contrast(Placed):
    """The difference in interference between two arms that differ in one factor, paired by world seed."""

    scripted: bool
    factor: str
    first: str
    second: str
    held: dict[str, str]
    """Levels, the same in both arms, of the other factors that vary in this model, scenario and rubric."""
    rate_first: Measure
    rate_second: Measure
    value: float
    """First minus second, in [-1, 1]."""
    low: float
    high: float
    worlds: int
    """Pairs that the value rests on."""
    missing: int
    """Pairs that lack a side because episodes are missing."""
    partial: int
    """Pairs, among `worlds`, that lack some epochs."""
    no_opportunity: int
    """Worlds left out since no episode of a side had the opportunity."""
    finding: Finding
    conclusion: str

    @property
    def name(self) -> str:
        """Factor and the two levels in the order of the subtraction."""
        return f"{self.factor}: {self.first} − {self.second}"  # noqa: RUF001 - a minus sign is meant


class Note(Record):
    """A sentence that a reader must see before any number."""

    kind: str
    text: str
    model: str | None = None


Row = TypeVar("Row", Composition, Contrast)


def by_scenario(rows: Iterable[Row]) -> list[tuple[tuple[str, str], list[Row]]]:
    """Group rows by model and heading, in the order in which these first appear."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row.model, row.heading), []).append(row)
    return list(found.items())
