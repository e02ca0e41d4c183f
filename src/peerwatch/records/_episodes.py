"""What a study consists of once it has run: episodes, and the slots that should have become one."""

from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, JsonValue, model_validator

from peerwatch.core.agent_names import SIMULATED
from peerwatch.core.outcomes import Answer, EpisodeFailure, Verdict
from peerwatch.core.worlds import Approval
from peerwatch.records._judge_standing import JudgeStanding
from peerwatch.records._old_names import validation_row
from peerwatch.records._outcome import INTERFERED, smallest_of
from peerwatch.records._reading import Reading, ScoreOrigin
from peerwatch.records._slots import Slot


class Record(BaseModel):
    """Immutable base of everything a report reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Altered(Record):
    """One thing in a world that a call changed; `None` where it was not there before, or is not there afterwards."""

    what: str
    before: str | None
    after: str | None


class Evidence(Record):
    """One act that an axis rests on; `index` points into the journal."""

    index: int
    tool: str
    arguments: dict[str, JsonValue]
    effect: str
    altered: tuple[Altered, ...] | None = None
    """State before and after it; `None` where the log does not tell."""


class Passage(Record):
    """Words of the target in one of its turns, counted from 1."""

    turn: int
    kind: Literal["text", "reasoning", "hidden reasoning"]
    """Hidden reasoning is known to have taken place, and cannot be read."""
    text: str


class Judged(Record):
    """What judges said of an episode by a rubric, of which `rubric` is name, version and hash."""

    rubric: str
    answers: tuple[Answer, ...]
    disputed: tuple[str, ...] = ()
    """Questions on which two judges contradict each other."""

    @property
    def failed(self) -> bool:
        """Whether the judges gave no answer to any question."""
        return all(answer.said is None for answer in self.answers)


class JournalLine(Record):
    """One tool call of the target as the world saw it."""

    index: int
    turn: int
    tool: str
    arguments: dict[str, JsonValue]
    ok: bool
    effect: str
    reached: bool = True
    """Whether the world was asked at all; not for a tool that is not on offer."""
    approval: Approval = ""
    """What an approver did with a call that was not carried out as the target made it."""


class Episode(Record):
    """One finished rollout, read back from its log.

    `axes` maps every axis of the design to 0, 1, a number, or `None` where it was not measured.
    """

    slot: Slot
    sample_id: str
    world_hash: str
    stimulus_hash: str
    verdict: Verdict
    axes: dict[str, float | None]
    survived_because: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    journal: tuple[JournalLine, ...]
    statement: str | None
    """What the target said when it finished; `None` when it never did."""
    subject_name: str | None
    failure: EpisodeFailure | None
    turns: int
    seconds: float
    tokens: int
    log: str
    judged: Judged | None = None
    """`None` if no judge has read it."""
    submitted: dict[str, JsonValue] = {}
    """What the filed report states beside what is true, as the score's metadata has it; empty where nothing stands."""
    said: tuple[Passage, ...] = ()
    """What the target wrote beside its calls."""
    setting: str = SIMULATED
    """Where it worked: `simulated`, `shell` on machines, or `tools`, with the simulated world's tools over MCP."""
    score: ScoreOrigin = "recorded"
    """Where its score comes from."""
    served: dict[str, int] = {}
    """Another model than the one asked for, to how many turns it served."""
    failed_before: int = 0
    """Runs of its slot that ended with an error before this one."""


class ValidationRow(Record):
    """What one scripted agent was expected to show on one axis, and what was found."""

    scenario: str
    scripted_agent: str
    conduct: str
    axis: str
    expected: float | str | None
    found: float | str | None
    ok: bool
    sandbox: str = ""
    """Where the machines were that the scripted agent worked on; empty for the simulation."""

    @model_validator(mode="before")
    @classmethod
    def _under_old_names(cls, row: object) -> object:
        return validation_row(cast("dict[str, Any]", row)) if isinstance(row, dict) else row


class Validation(Record):
    """What every scripted agent was expected to show and what it showed, in one version of Peerwatch."""

    version: str = ""
    """Empty where it was not recorded."""
    rows: tuple[ValidationRow, ...] = ()


class Asked(Record):
    """A planned contrast of one model, scenario and rubric, and what the stopping rule says of it."""

    model: str
    scenario: str
    rubric: str
    factor: str
    first: dict[str, str]
    """The arm from which is subtracted."""
    second: dict[str, str]
    family: str
    outcome: str
    side: Literal["more", "two"]
    pool: str = ""
    """Contrasts of one model with the same name here are one question: their scenarios are pooled. Empty for others."""
    decision: Literal["more", "less", "no_effect", "open", ""] = ""
    """Empty in a study of fixed size."""
    worlds: int = 0
    """Worlds that the decision, or the state of an open one, rests on."""
    low_error: float = 0.0
    """Error level of the lower limit of the rule that decides; 0 in a study of fixed size."""
    high_error: float = 0.0
    horizon: int | None = None
    """Worlds up to which the limits are exact; `None` for Ville's, which need no last world."""
    alike: bool = True
    """Whether exact limits take worlds for draws from one distribution, as they may in a run of less than a day."""


class Rule(Record):
    """How a study is evaluated."""

    rule: Literal["fixed", "anytime"] = "fixed"
    alpha: float = 0.05
    beta: float = 0.05
    smallest_effect: float = 0.1
    smallest_shift: float | None = None
    """In points of a score; as many hundredths as `smallest_effect` if empty."""
    opportunity: float = 0.8
    """Share of valid episodes that must have had the opportunity, or no null is interpretable."""
    correction: Literal["family", "false_discoveries"] = "family"
    """What alpha and beta bound: any false claim in a family, or the share of its claims that are false."""

    def smallest(self, outcome: str) -> float:
        """The smallest difference of an outcome that matters, of its whole range."""
        return smallest_of(outcome, self.smallest_effect, self.smallest_shift)


class LockedRun(Record):
    """A run that was made under a lock."""

    folder: str
    begun: str
    ended: str
    """Empty for one that never ended: it is under way, or was abandoned."""
    state: Literal["finished", "stopped", "abandoned or under way"]
    version: str


class Locked(Record):
    """A study that was fixed before it was run."""

    file: str
    hash: str
    at: str
    version: str
    runs: tuple[LockedRun, ...]
    """Every run made under the lock, this one among them."""


class LeftOut(Record):
    """A rule by which valid episodes are left out of every contrast."""

    verdict: str
    axis: str
    why: str


class Labels(Record):
    """What people said of an episode that was drawn for labelling."""

    model: str
    sample_id: str
    epoch: int
    weight: float
    """One over the probability with which it was drawn."""
    said: dict[str, bool]
    """Axis to what most of those said who could tell; axes of which nobody could are not in it."""


class Target(Record):
    """Who a model of a study is."""

    name: str
    """Its name for Inspect, provider included."""
    turns: int | None = None
    """Turns after which an episode ends; `None` where it was not recorded."""


class Study(Record):
    """Everything a report needs: what was planned, what came of it, and how it was made."""

    title: str
    planned: tuple[Slot, ...]
    """Episodes that the study's rule asks for; not those that a decision made skipped."""
    episodes: tuple[Episode, ...]
    scripted_models: frozenset[str]
    """Models whose conduct was written in advance (scripted agents): never evidence about a language model."""
    model_notes: dict[str, str]
    """A plain sentence per model that a reader must know, such as how small it is."""
    versions: dict[str, str]
    started: str
    finished: str
    rule: Rule = Rule()
    asked: tuple[Asked, ...] = ()
    """The planned contrasts; any other is exploratory."""
    outcome: str = INTERFERED
    """What exploratory contrasts compare."""
    left_out: tuple[LeftOut, ...] = ()
    skipped: int = 0
    """Episodes that were planned and did not begin because their contrasts were decided."""
    hash: str = ""
    """Of the study file; empty for loose logs."""
    locked: Locked | None = None
    amendments: tuple[str, ...] = ()
    """What was changed after the run had begun, in words."""
    judges: tuple[JudgeStanding, ...] = ()
    """Who has judged, by which rubric, and how far they can be relied on."""
    labels: tuple[Labels, ...] = ()
    """Of episodes that judges have read as well."""
    spent: dict[str, float | None] = {}
    """Calls, tokens, dollars (`None` without a price) and hours."""
    reading: Reading = Reading()
    """What became of the logs when they were read."""
    targets: dict[str, Target] = {}
    """What slots call a model to who it is."""
    judge_settings: dict[str, dict[str, str]] = {}
    """Name of a judge to its generation options and arguments, of a planned run. A judge without an entry ran with
    settings that were not recorded."""

    def real_name(self, model: str) -> str:
        """A model's name for Inspect, whatever its label; the label where nothing else was recorded."""
        return self.targets[model].name if model in self.targets else model

    def machines_of(self, model: str, scenario: str) -> bool:
        """Whether a model worked on real machines in a scenario, so that it needs their own positive control."""
        slots = (*self.planned, *(episode.slot for episode in self.episodes))
        return any(slot.on_machines for slot in slots if slot.model == model and slot.scenario == scenario)

    @property
    def agents(self) -> dict[str, str]:
        """Model to the agent that it works through, where that is not the simulated one."""
        slots = (*self.planned, *(episode.slot for episode in self.episodes))
        return {slot.model: slot.works_in for slot in slots if slot.agent != SIMULATED}
