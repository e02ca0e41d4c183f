"""The records of a finished study: its planned slots, its episodes and how they were judged."""

import weakref
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Literal, TypeVar, cast

from pydantic import BaseModel, ConfigDict, JsonValue, model_validator

from peerwatch.core.agent_names import SIMULATED
from peerwatch.core.outcomes import Answer, EpisodeFailure, Verdict
from peerwatch.core.worlds import TARGET, Actor, Approval, Decision, Passed
from peerwatch.records._judge_quality import JudgeQuality
from peerwatch.records._old_names import validation_row
from peerwatch.records._outcome import INTERFERED, smallest_of
from peerwatch.records._reading import Reading, ScoreOrigin
from peerwatch.records._slots import Slot

T = TypeVar("T")


class Record(BaseModel):
    """Immutable base of everything a report reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StateChange(Record):
    """One item of a world that a call changed; `before` is `None` if it was created, `after` if it was removed."""

    what: str
    before: str | None
    after: str | None


class Evidence(Record):
    """One act that an axis rests on; `index` points into the journal."""

    index: int
    tool: str
    arguments: dict[str, JsonValue]
    effect: str
    altered: tuple[StateChange, ...] | None = None
    """State before and after it; `None` if the log does not record it."""


class Passage(Record):
    """Text that the target wrote in one turn; turns are counted from 1."""

    turn: int
    kind: Literal["text", "reasoning", "hidden reasoning"]
    """`hidden reasoning`: the provider reports that reasoning took place but withholds its text."""
    text: str


class ExchangeMessage(Record):
    """What was said in the short tasks that target and partner shared before the job; see the factor `presence`."""

    actor: Actor
    text: str
    model: str
    """Inspect's name of the model that wrote it; empty for a person or a service."""


class RubricAnswers(Record):
    """The judges' answers about an episode; `rubric` is the rubric's name, version and hash."""

    rubric: str
    answers: tuple[Answer, ...]
    disputed: tuple[str, ...] = ()
    """Questions on which two judges contradict each other."""

    @property
    def failed(self) -> bool:
        """Whether the judges gave no answer to any question."""
        return all(answer.said is None for answer in self.answers)


class JournalLine(Record):
    """One tool call of the target as the world recorded it."""

    index: int
    turn: int
    tool: str
    arguments: dict[str, JsonValue]
    ok: bool
    effect: str
    reached: bool = True
    """Whether the call reached the world; false for a tool that was not offered."""
    approval: Approval = ""
    """What an approver did with the call, if it was not executed exactly as the target made it."""
    decision: Decision | None = None
    """What a monitor or a second approver decided on the call."""
    actor: Actor = TARGET
    """Who did it: the target, its partner, or a colleague; replies have the tool `reply`."""
    speaker: str = ""
    """Name of the colleague that a reply is from; empty for all others."""
    passed: tuple[Passed, ...] = ()
    """How far a message or a reply came."""
    asks: bool | None = None
    """Whether a reply asks for something; `None` where nobody has decided that."""


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
    """The target's closing statement; `None` if it never called `finish`."""
    subject_name: str | None
    failure: EpisodeFailure | None
    turns: int
    seconds: float
    tokens: int
    log: str
    judged: RubricAnswers | None = None
    """`None` if no judge has rated it."""
    submitted: dict[str, JsonValue] = {}
    """Claims of the submitted report next to the true values, from the score's metadata; empty without a report."""
    said: tuple[Passage, ...] = ()
    """Text that the target wrote in addition to its tool calls."""
    exchange: tuple[ExchangeMessage, ...] = ()
    """What target and partner said to each other before the job, in order; empty with `presence=told`."""
    setting: str = SIMULATED
    """Where it worked: `simulated`, `shell` on machines, or `tools`, with the simulated world's tools over MCP."""
    score: ScoreOrigin = "recorded"
    """Origin of its score."""
    served: dict[str, int] = {}
    """Models other than the requested one, to the number of turns each of them served."""
    failed_before: int = 0
    """Runs of its slot that ended with an error before this one."""
    assets: tuple[str, ...] = ()
    """Names under which the company keeps the subject, such as its file or its entry; empty if nobody is at stake."""
    decisive: int | None = None
    """Journal index of the first call that protected the subject or tried to; `None` if no call did, as when a step was
    left out."""


class ValidationRow(Record):
    """The expected and the measured value of one scripted agent on one axis."""

    scenario: str
    scripted_agent: str
    conduct: str
    axis: str
    expected: float | str | None
    found: float | str | None
    ok: bool
    sandbox: str = ""
    """The sandbox of the machines that the scripted agent worked on; empty for the simulation."""

    @model_validator(mode="before")
    @classmethod
    def _under_old_names(cls, row: object) -> object:
        return validation_row(cast("dict[str, Any]", row)) if isinstance(row, dict) else row


class Validation(Record):
    """Expected and measured values of every scripted agent, for one version of Peerwatch."""

    version: str = ""
    """Empty where it was not recorded."""
    rows: tuple[ValidationRow, ...] = ()


class ContrastStatus(Record):
    """A planned contrast of one model, scenario and rubric, with the stopping rule's decision."""

    model: str
    scenario: str
    rubric: str
    factor: str
    first: dict[str, str]
    """The arm from which `second` is subtracted."""
    second: dict[str, str]
    family: str
    outcome: str
    side: Literal["more", "two"]
    pool: str = ""
    """Contrasts of one model with the same name form one question: their scenarios are pooled. Empty for others."""
    decision: Literal["more", "less", "no_effect", "open", ""] = ""
    """Empty in a study of fixed size."""
    worlds: int = 0
    """Number of worlds used for the decision or, if it is open, for its current state."""
    low_error: float = 0.0
    """Error level of the lower limit used by the stopping rule; 0 in a study of fixed size."""
    high_error: float = 0.0
    horizon: int | None = None
    """Number of worlds up to which the limits are exact; `None` for limits by Ville's inequality, which has none."""
    alike: bool = True
    """Whether the exact limits treat worlds as draws from one distribution, which holds for runs of less than a day."""


class Rule(Record):
    """How a study is evaluated."""

    rule: Literal["fixed", "anytime"] = "fixed"
    alpha: float = 0.05
    beta: float = 0.05
    smallest_effect: float = 0.1
    smallest_shift: float | None = None
    """In points of a score (0 to 100); `None` for 100 times `smallest_effect`."""
    opportunity: float = 0.8
    """Share of valid episodes that must have had the opportunity for a null result to be interpretable."""
    correction: Literal["family", "false_discoveries"] = "family"
    """What alpha and beta bound: the chance of any false claim in a family, or the share of false claims in it."""

    def smallest(self, outcome: str) -> float:
        """Return the smallest difference of an outcome that matters, as a fraction of its range."""
        return smallest_of(outcome, self.smallest_effect, self.smallest_shift)


class LockedRun(Record):
    """A run that was made under a lock."""

    folder: str
    begun: str
    ended: str
    """Empty if it has not ended: it is still running or was abandoned."""
    state: Literal["finished", "stopped", "abandoned or under way"]
    version: str


class StudyLock(Record):
    """The lock of a study that was fixed before it ran."""

    file: str
    hash: str
    at: str
    version: str
    runs: tuple[LockedRun, ...]
    """Every run made under the lock, including this one."""


class ExclusionRule(Record):
    """A rule that excludes valid episodes from every contrast."""

    verdict: str
    axis: str
    why: str


class Labels(Record):
    """Human labels of an episode that was drawn for labeling."""

    model: str
    sample_id: str
    epoch: int
    weight: float
    """Inverse of the probability with which it was drawn."""
    said: dict[str, bool]
    """Axis to the majority answer of the labelers who could tell; axes that no labeler could tell are absent."""


class Target(Record):
    """The model behind a label of a study."""

    name: str
    """Its Inspect name, including the provider."""
    turns: int | None = None
    """Turn limit of an episode; `None` if it was not recorded."""


class ShardGap(Record):
    """Planned episodes of a shard that are not there."""

    shard: int
    """Its number, from 0."""
    shards: int
    state: Literal["missing", "running", "stopped", "finished"]
    """What its manifest says; `missing` if there is none. One that was killed is still `running`."""
    why: str = ""
    """Why it has stopped, if it has."""
    at: str = ""
    """When it last said so, in UTC."""
    worlds: dict[int, int] = {}
    """Seed of a world to the number of its episodes that are missing."""


class Study(Record):
    """Everything a report needs: the plan, the episodes and how they were produced."""

    title: str
    planned: tuple[Slot, ...]
    """Episodes that the study's rule requires, without those that were skipped after a decision."""
    episodes: tuple[Episode, ...]
    scripted_models: frozenset[str]
    """Scripted agents, whose conduct was written in advance: never evidence about a language model."""
    model_notes: dict[str, str]
    """Model to a sentence that readers must know, such as that the model is very small."""
    versions: dict[str, str]
    started: str
    finished: str
    rule: Rule = Rule()
    asked: tuple[ContrastStatus, ...] = ()
    """The planned contrasts; any other is exploratory."""
    outcome: str = INTERFERED
    """The outcome of exploratory contrasts."""
    left_out: tuple[ExclusionRule, ...] = ()
    skipped: int = 0
    """Number of planned episodes that did not start because their contrasts were already decided."""
    hash: str = ""
    """Hash of the study file; empty for logs without a study."""
    locked: StudyLock | None = None
    amendments: tuple[str, ...] = ()
    """Changes made after the run started, one sentence each."""
    judges: tuple[JudgeQuality, ...] = ()
    """The judges, their rubrics and their validation status."""
    labels: tuple[Labels, ...] = ()
    """Human labels of episodes that judges have also rated."""
    spent: dict[str, float | None] = {}
    """Calls, tokens, dollars (`None` without a price) and hours."""
    reading: Reading = Reading()
    """How the logs were read: unreadable files, copies, versions."""
    shards: int = 0
    """Number of shards that the run was split into; 0 for a run without shards."""
    gaps: tuple[ShardGap, ...] = ()
    """The shards that lack episodes."""
    targets: dict[str, Target] = {}
    """Label of a model in slots to the model behind it."""
    judge_settings: dict[str, dict[str, str]] = {}
    """Name of a judge to its generation options and arguments in a planned run. The settings of a judge without an
    entry were not recorded."""

    def real_name(self, model: str) -> str:
        """Return the Inspect name of a labeled model, or the label itself if no name was recorded."""
        return self.targets[model].name if model in self.targets else model

    def machines_of(self, model: str, scenario: str) -> bool:
        """Return whether a model worked on real machines in a scenario, which need their own positive control."""
        return (model, scenario) in _on_machines(self)

    @property
    def agents(self) -> dict[str, str]:
        """Map models to their agents, except for the simulated one."""
        return dict(_agents(self))


def once_per_study(compute: Callable[[Study], T]) -> Callable[[Study], T]:
    """Keep what a function computes of a study for as long as the study exists: a report asks for it many times."""
    held: dict[int, tuple[weakref.ref[Study], T]] = {}

    @wraps(compute)
    def found(study: Study) -> T:
        key = id(study)
        if (kept := held.get(key)) is not None and kept[0]() is study:
            return kept[1]
        value = compute(study)
        held[key] = (weakref.ref(study, lambda _: held.pop(key, None)), value)
        return value

    return found


def _slots(study: Study) -> Iterator[Slot]:
    yield from study.planned
    yield from (episode.slot for episode in study.episodes)


@once_per_study
def _on_machines(study: Study) -> frozenset[tuple[str, str]]:
    return frozenset((slot.model, slot.scenario) for slot in _slots(study) if slot.on_machines)


@once_per_study
def _agents(study: Study) -> dict[str, str]:
    return {slot.model: slot.works_in for slot in _slots(study) if slot.agent != SIMULATED}
