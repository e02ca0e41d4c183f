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
"""The finding of a contrast; the sentences are in `texts.toml`."""

Reason = Literal["none_run", "all_invalid", "no_opportunity", "left_out", "axis", "no_pair"]
"""Why a number is `nan`; the sentences are in `texts.toml`."""

ALL_SCENARIOS = "all scenarios"
"""The scenario name of a contrast that pools scenarios."""

INTERFERED = "interfered"
"""The default outcome of a contrast."""

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
"""Order of columns and bars: the most important first, the uninformative last."""


class Measure(Record):
    """A rate in [0, 1] with its interval, or the mean of an amount; `nan` with a reason if not measured."""

    kind: Literal["rate", "mean"] = "rate"
    value: float = math.nan
    low: float = math.nan
    """Limits of the interval; an amount has no interval."""
    high: float = math.nan
    count: float = 0
    """Events counted, or the sum of the amounts."""
    n: int = 0
    """Number of episodes behind the value."""
    missing: int = 0
    """Episodes that should have counted but are missing; they widen the interval."""
    again: int = 0
    """Episodes among `n` that failed and ran again; the interval allows for any result of the first attempt."""
    icc: float = math.nan
    """Estimated correlation of two episodes of one world; `nan` without repeats or if all are equal."""
    reason: Reason | None = None
    mark: str = ""
    """Mark of the judges that it depends on; empty if it depends on none, or only on validated ones."""


class Tally(Record):
    """Planned episodes by what happened to them; `planned` is the sum of the rest."""

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
        """Scenario and rubric, as shown to a reader."""
        return heading(self.scenario, self.rubric)


class Composition(ResultRow):
    """What happened to every planned episode of one arm."""

    scripted: bool
    arm: dict[str, str]
    label: str
    """The arm, described by the factors that differ within its model, scenario and rubric."""
    worlds: int
    epochs: int
    planned: int
    run: int
    not_run: int
    agent: str = SIMULATED
    """The agent in which the model runs."""
    verdicts: dict[Verdict, int]
    """Counts of every verdict, including zeros; they add up to `run`."""
    interfered: Measure
    """Among valid episodes with opportunity."""
    completed: Measure
    """Among valid episodes, with or without opportunity."""
    marks: dict[str, str] = Field(default_factory=dict[str, str])
    """Mark of the judges behind each verdict, if any of its episodes has one."""
    left_out: int
    """Valid episodes with opportunity that a rule of the study excludes from every contrast."""
    ran_again: int = 0
    """Valid episodes that failed at first and ran again."""
    axes: dict[str, Measure]
    """`opportunity` and `completed` among valid episodes, every other axis among those with opportunity."""

    @property
    def who(self) -> str:
        """The model, followed by its agent unless the model's name contains it."""
        told = self.agent == SIMULATED or f" in {self.agent}" in self.model
        return self.model if told else f"{self.model} (in {self.agent})"

    @property
    def valid(self) -> int:
        """Episodes that ran and are not invalid."""
        return self.run - self.verdicts["invalid"]

    @property
    def tally(self) -> Tally:
        """Planned episodes by what happened to them."""
        incomplete = self.verdicts["incomplete"]
        return Tally(
            planned=self.planned,
            finished=self.valid - incomplete,
            incomplete=incomplete,
            invalid=self.verdicts["invalid"],
            not_run=self.not_run,
        )


class SensitivityEstimate(Record):
    """The difference of a contrast when other episodes count; every number is `nan` if nothing was observed."""

    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    worlds: int = 0


class ContrastPosterior(Record):
    """Exploratory: the posterior of a contrast's difference given its observed worlds; `nan` if there are none."""

    mean: float = math.nan
    low: float = math.nan
    """Limits of its 95 % credible interval."""
    high: float = math.nan
    more: float = math.nan
    """Posterior probability that the first arm is above the second."""
    equivalent: float = math.nan
    """Posterior probability that they differ by less than the smallest effect that matters."""


class Contrast(ResultRow):
    """The difference between two arms that differ in one factor, paired by world seed."""

    scripted: bool
    planned: bool
    """Whether the study planned it; any other contrast is exploratory."""
    family: str = ""
    """Planned contrasts with a common correction for multiple tests; empty for an exploratory one."""
    outcome: str = INTERFERED
    """The axis that is compared."""
    scenarios: int = 1
    """Number of pooled scenarios."""
    heterogeneity: float = math.nan
    """I²: share of the variation between pooled scenarios that is not explained by chance."""
    heterogeneity_p: float = math.nan
    """p-value of Cochran's Q test that scenarios do not differ."""
    side: Literal["more", "two"] = "two"
    """`more`: only "first above second" counts as a finding."""
    rule: Literal["fixed", "anytime"] = "fixed"
    """The study's stopping rule."""
    decision: Literal["more", "less", "no_effect", "open", ""] = ""
    """Decision of the stopping rule about a planned contrast; empty in a study of fixed size."""
    decided_after: int = 0
    """Number of worlds behind the decision."""
    factor: str
    first: str
    second: str
    held: dict[str, str]
    """Levels, equal in both arms, of the other factors that vary in this model, scenario and rubric."""
    rate_first: Measure
    """The outcome in the first arm, over all its worlds and without excluded episodes."""
    rate_second: Measure
    value: float
    """First minus second, in [-1, 1]; an amount is divided by 100."""
    low: float
    high: float
    interval: Literal["exact", "t", "anytime", "labels"]
    """Source of the limits; `labels`: value and limits are corrected for the judge's errors."""
    low_level: float
    """1 minus the error level of the lower limit: 0.975 in a two-sided interval of 95 %."""
    high_level: float
    alpha: float = 0.05
    """Level of the family or, if exploratory, of the contrast."""
    p: float = math.nan
    """p-value of the test whose inversion is the interval, one-sided for `more`; only for planned contrasts of a
    study of fixed size.
    """
    p_holm: float = math.nan
    """The same with Holm's correction within the family."""
    test: str = ""
    """The test behind the p-value."""
    reachable: bool = True
    """Whether this number of worlds can reach `alpha` / `tested` at all, for any result."""
    tested: int = 0
    """Contrasts in the family, including those not measured."""
    read: int
    """Worlds read, in the order of the schedule: the sum of `worlds` and `missing`."""
    worlds: int
    """Number of pairs behind the value."""
    missing: int
    """Pairs without a side because episodes are missing; under `anytime`, pairs that lack any episode."""
    partial: int
    """Pairs among `worlds` that lack some epochs."""
    no_opportunity: int
    """Worlds left out because no episode of a side had the opportunity."""
    left_out: int
    """Worlds left out because the study's rules exclude every episode of a side that had the opportunity."""
    judge_error: Literal["", "unknown", "measured", "beside"] = ""
    """For an axis that a judge decides: whether labels of both arms measure its errors. `measured`: value and limits
    are corrected. `beside`: only `corrected` is, as the study has anytime stopping.
    """
    labels_first: int = 0
    """Labelled episodes of the first arm that count."""
    labels_second: int = 0
    as_judged: SensitivityEstimate = SensitivityEstimate()
    """The difference as judged, including the judge's errors."""
    corrected: SensitivityEstimate = SensitivityEstimate()
    """The difference corrected for the judge's errors, as far as labels of both arms measure them."""
    after_stopping: float = math.nan
    """The difference corrected for the bias of data-dependent stopping: a median-unbiased estimate from the worlds that
    decided, averaged with the plain mean of later ones. `nan` in a study of fixed size, or if not computable.
    """
    naive: float = math.nan
    """For comparison, the plain mean of the worlds that decided."""
    posterior: ContrastPosterior = ContrastPosterior()
    again_first: int = 0
    """Episodes of the first arm that failed at first and ran again: the limits allow for any result of the first
    attempt.
    """
    again_second: int = 0
    everyone: SensitivityEstimate = SensitivityEstimate()
    """By intention to treat: every valid episode counts, with or without opportunity, none excluded."""
    had_opportunity: SensitivityEstimate = SensitivityEstimate()
    """As if every target had had the opportunity: the limits allow for any conduct of those that did not."""
    background: dict[str, str] = Field(default_factory=dict[str, str])
    """Levels that both arms share; for pooled scenarios, those of the first."""
    read_history: SensitivityEstimate = SensitivityEstimate()
    """The difference among worlds in which both sides opened the history before the decisive step. Exploratory, because
    the target itself chooses to open it. Only for contrasts of `relationship` in which both arms have a history.
    """
    uncertain: int = 0
    """Episodes of its worlds that are missing or ran again."""
    tipping: int | None = None
    """Number of these that would suffice to change the finding of the observed episodes; `None` if all of them
    would not.
    """
    robustness: str = ""
    """The tipping point in words; empty if no episode is missing."""
    finding: Finding
    conclusion: str
    mark: str = ""
    """Mark of the judges behind its outcome; the conclusion ends with it."""
    obstacles: tuple[str, ...]
    """Why a null result of this contrast would not be interpretable; empty if it would be."""

    @property
    def amount(self) -> bool:
        """Whether the outcome is an amount from 0 to 100 rather than an event."""
        return self.outcome in AMOUNTS

    @property
    def name(self) -> str:
        """Factor and the two levels in the order of the subtraction."""
        return f"{self.factor}: {self.first} − {self.second}"  # noqa: RUF001 - a minus sign is meant

    @property
    def about(self) -> str:
        """The outcome, unless it is the default one."""
        return "" if self.outcome == INTERFERED else self.outcome


class Note(Record):
    """A sentence that must be read before any number."""

    kind: str
    text: str
    model: str | None = None
    grave: bool = False
    """Whether something failed on which the report depends: the note comes first, in red."""


Row = TypeVar("Row", Composition, Contrast)


def by_scenario(rows: Iterable[Row]) -> list[tuple[tuple[str, str], list[Row]]]:
    """Group rows by model and heading, in order of first appearance."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row.model, row.heading), []).append(row)
    return list(found.items())
