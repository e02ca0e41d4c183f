"""The rows that tables, figures, the terminal and the JSON output share."""

import math
from collections.abc import Iterable
from typing import Literal, TypeVar

from pydantic import Field

from peerwatch.core.agent_names import SIMULATED
from peerwatch.core.outcomes import Verdict
from peerwatch.records import AMOUNTS, INTERFERENCE, Record, heading

Finding = Literal[
    "more",
    "less",
    "none_shown",
    "no_effect",
    "open",
    "not_interpretable",
    "not_measured",
]
"""What a contrast comes to; the words are in `texts.toml`."""

Reason = Literal["none_run", "all_invalid", "no_opportunity", "left_out", "axis", "no_pair"]
"""Why a number is `nan`; the words are in `texts.toml`."""

ALL_SCENARIOS = "all scenarios"
"""The scenario of a contrast that pools them."""

INTERFERED = "interfered"
"""The outcome of a contrast unless it names another."""

VERDICTS: tuple[Verdict, ...] = (
    *INTERFERENCE,
    "attempted_only",
    "misreported",
    "open_refusal",
    "complied",
    "incomplete",
    "no_opportunity",
    "invalid",
)
"""Order of columns and bars: from what matters most to what says nothing."""


class Measure(Record):
    """A rate in [0, 1] with its interval, or the mean of an amount; `nan` with a reason if not measured."""

    kind: Literal["rate", "mean"] = "rate"
    value: float = math.nan
    low: float = math.nan
    """Limits of the interval; an amount has none."""
    high: float = math.nan
    count: float = 0
    """Events counted, or the sum of the amounts."""
    n: int = 0
    """Episodes that the value rests on."""
    missing: int = 0
    """Episodes that should have counted; they widen the interval."""
    again: int = 0
    """Episodes, among `n`, that failed at first and ran again; the interval reckons with any result of the first."""
    icc: float = math.nan
    """Correlation of two episodes of one world, estimated; `nan` without repeats or where all are alike."""
    reason: Reason | None = None
    mark: str = ""
    """What must be said of the judges that it rests on; empty if it rests on none, or on validated ones."""


class Tally(Record):
    """What became of planned episodes; `planned` is the sum of the rest."""

    planned: int
    finished: int
    """Valid, and not `incomplete`."""
    incomplete: int
    invalid: int
    not_run: int


class ResultRow(Record):
    """A row of one model, scenario and rubric."""

    model: str
    scenario: str
    rubric: str = ""

    @property
    def heading(self) -> str:
        """Scenario and rubric, as a reader sees them."""
        return heading(self.scenario, self.rubric)


class Composition(ResultRow):
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
    agent: str = SIMULATED
    """What the model works through."""
    verdicts: dict[Verdict, int]
    """Counts of every verdict, zeros included; they add up to `run`."""
    interfered: Measure
    """Among valid episodes with opportunity."""
    completed: Measure
    """Among valid episodes, whether they had the opportunity or not."""
    marks: dict[str, str] = Field(default_factory=dict[str, str])
    """Verdict to what must be said of the judges that it rests on, in some episode at least."""
    left_out: int
    """Valid episodes with opportunity that a rule of the study leaves out of every contrast."""
    ran_again: int = 0
    """Valid episodes that failed at first."""
    axes: dict[str, Measure]
    """`opportunity` and `completed` among valid episodes, every other axis among those with opportunity."""

    @property
    def who(self) -> str:
        """The model, and its agent where the model's name does not say it."""
        told = self.agent == SIMULATED or f" in {self.agent}" in self.model
        return self.model if told else f"{self.model} (in {self.agent})"

    @property
    def valid(self) -> int:
        """Episodes that were run and are not invalid."""
        return self.run - self.verdicts["invalid"]

    @property
    def tally(self) -> Tally:
        """What became of the planned episodes."""
        incomplete = self.verdicts["incomplete"]
        return Tally(
            planned=self.planned,
            finished=self.valid - incomplete,
            incomplete=incomplete,
            invalid=self.verdicts["invalid"],
            not_run=self.not_run,
        )


class SensitivityEstimate(Record):
    """The difference of a contrast when other episodes count; every number is `nan` where nothing was observed."""

    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    worlds: int = 0


class ContrastPosterior(Record):
    """The posterior of a contrast's difference by its observed worlds; `nan` where there are none. An extra."""

    mean: float = math.nan
    low: float = math.nan
    """Limits between which it lies with a probability of 95 %."""
    high: float = math.nan
    more: float = math.nan
    """Probability that first is above second."""
    equivalent: float = math.nan
    """Probability that they differ by less than the smallest effect that matters."""


class Contrast(ResultRow):
    """The difference between two arms that differ in one factor, paired by world seed."""

    scripted: bool
    planned: bool
    """Whether the study asked for it beforehand; any other is exploratory."""
    family: str = ""
    """Planned contrasts whose tests are corrected together; empty for an exploratory one."""
    outcome: str = INTERFERED
    """The axis that decides it."""
    scenarios: int = 1
    """How many scenarios it pools."""
    heterogeneity: float = math.nan
    """Share of the variation between pooled scenarios that chance does not explain."""
    heterogeneity_p: float = math.nan
    """Of Cochran's Q, that scenarios do not differ."""
    side: Literal["more", "two"] = "two"
    """`more`: only first above second counts as a finding."""
    rule: Literal["fixed", "anytime"] = "fixed"
    """How the study was stopped."""
    decision: Literal["more", "less", "no_effect", "open", ""] = ""
    """What the stopping rule says of a planned contrast; empty in a study of fixed size."""
    decided_after: int = 0
    """Worlds that the decision rests on."""
    factor: str
    first: str
    second: str
    held: dict[str, str]
    """Levels, the same in both arms, of the other factors that vary in this model, scenario and rubric."""
    rate_first: Measure
    """Of the outcome in the first arm, over all its worlds and without what the study leaves out."""
    rate_second: Measure
    value: float
    """First minus second, in [-1, 1]; an amount in hundreds."""
    low: float
    high: float
    interval: Literal["exact", "t", "anytime", "labels"]
    """What gave the limits; `labels`: the judge's errors are taken out of value and limits."""
    low_level: float
    """One less the error level of the lower limit: 0.975 in a two-sided interval of 95 %."""
    high_level: float
    alpha: float = 0.05
    """Level of the family, or of an exploratory contrast."""
    p: float = math.nan
    """Of the rule whose inversion the interval is, one-sided for `more`; for planned contrasts of a study of fixed
    size."""
    p_holm: float = math.nan
    """The same, corrected by Holm within the family."""
    test: str = ""
    """What gave the p-value."""
    reachable: bool = True
    """Whether so few worlds can reach `alpha` over `tested` at all, whatever they show."""
    tested: int = 0
    """Contrasts in the family, those not measured included."""
    read: int
    """Worlds taken in, in the order of the schedule: `worlds` and `missing` together."""
    worlds: int
    """Pairs that the value rests on."""
    missing: int
    """Pairs that lack a side because episodes are missing; under `anytime`, that lack any episode."""
    partial: int
    """Pairs, among `worlds`, that lack some epochs."""
    no_opportunity: int
    """Worlds left out since no episode of a side had the opportunity."""
    left_out: int
    """Worlds left out since a rule of the study leaves out every episode of a side that had it."""
    judge_error: Literal["", "unknown", "measured", "beside"] = ""
    """Of an axis that a judge decides: whether its errors are measured by labels of both arms. `measured`: they are
    taken out of value and limits. `beside`: they are taken out of `corrected` alone, as the study stops at any time."""
    labels_first: int = 0
    """Labelled episodes of the first arm that count."""
    labels_second: int = 0
    as_judged: SensitivityEstimate = SensitivityEstimate()
    """What the judge said, with its errors."""
    corrected: SensitivityEstimate = SensitivityEstimate()
    """The same without the judge's errors, as far as labels of both arms measure them."""
    after_stopping: float = math.nan
    """The difference without the bias of stopping because of it: a median-unbiased estimate of the worlds that decided,
    averaged with the plain mean of later ones. `nan` in a study of fixed size, and where it cannot be computed."""
    naive: float = math.nan
    """The plain mean of the worlds that decided, beside it."""
    posterior: ContrastPosterior = ContrastPosterior()
    again_first: int = 0
    """Episodes of the first arm that failed at first and ran again: the limits reckon with any result of the first
    run."""
    again_second: int = 0
    everyone: SensitivityEstimate = SensitivityEstimate()
    """The same with every valid episode, with the opportunity or without it, none left out: by intention to treat."""
    had_opportunity: SensitivityEstimate = SensitivityEstimate()
    """The same had every target had the opportunity: the limits reckon with whatever it would have done."""
    background: dict[str, str] = Field(default_factory=dict[str, str])
    """Levels that both arms share; of scenarios that are pooled, those of the first."""
    read_history: SensitivityEstimate = SensitivityEstimate()
    """The same among worlds in which both sides opened the history before the decisive step. Exploratory, as the target
    itself decides whether it opens it. Of contrasts of `relationship` in which both arms have a history."""
    uncertain: int = 0
    """Episodes of its worlds that are missing, or ran again."""
    tipping: int | None = None
    """So many of these would have been enough to change what the observed episodes alone show; `None` where all
    together would not."""
    robustness: str = ""
    """The same in words; empty where no episode is missing."""
    finding: Finding
    conclusion: str
    mark: str = ""
    """What must be said of the judges that its outcome rests on; the conclusion ends with it."""
    obstacles: tuple[str, ...]
    """Why no null of this contrast is interpretable; empty if one would be."""

    @property
    def amount(self) -> bool:
        """Whether the outcome is an amount on 0 to 100, not an event."""
        return self.outcome in AMOUNTS

    @property
    def name(self) -> str:
        """Factor and the two levels in the order of the subtraction."""
        return f"{self.factor}: {self.first} − {self.second}"  # noqa: RUF001 - a minus sign is meant

    @property
    def about(self) -> str:
        """The outcome where it is not the usual one."""
        return "" if self.outcome == INTERFERED else self.outcome


class Note(Record):
    """A sentence that a reader must see before any number."""

    kind: str
    text: str
    model: str | None = None
    grave: bool = False
    """Whether something failed that the report relies on: it comes first, in red."""


Row = TypeVar("Row", Composition, Contrast)


def by_scenario(rows: Iterable[Row]) -> list[tuple[tuple[str, str], list[Row]]]:
    """Group rows by model and heading, in the order in which these first appear."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row.model, row.heading), []).append(row)
    return list(found.items())
