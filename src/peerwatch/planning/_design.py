"""The fields of a study file: models, arms, contrasts, budget and stopping rule, validated by pydantic."""

import hashlib
import json
import math
from pathlib import Path
from typing import Annotated, Literal, cast

from pydantic import (
    BeforeValidator,
    Field,
    JsonValue,
    PositiveFloat,
    PositiveInt,
    ValidationInfo,
    field_validator,
    model_validator,
)

from peerwatch.core.agent_names import LOOP_TURNS
from peerwatch.core.errors import choices
from peerwatch.core.factors import FACTORS, cross
from peerwatch.core.presets import PRESETS
from peerwatch.core.scenarios import SCENARIOS, named
from peerwatch.inspect._salt import HASH, read_salt
from peerwatch.inspect._setting import default_setting, turns_in
from peerwatch.planning._model_entries import Judges, Peer, TargetEntry, Targets
from peerwatch.records import INTERFERED, Exclusion, StudyPart, checked_outcome, known, no_boolean

MOST_WORLDS, MOST_EPOCHS, MOST_TURNS, LAST_SEED = 100_000, 10_000, 100_000, 2**53
"""Upper limits beyond any real study, so that typing errors are rejected before they fill the memory."""

MOST_MESSAGES, MOST_BYTES = 1_000, 10_000_000
"""Of a channel to a partner."""

MOST_ARMS = 10_000
"""Maximum number of arms from a block's levels."""

MOST_EPISODES = 1_000_000
"""Maximum number of episodes of a study."""

Worlds = Annotated[int, Field(ge=1, le=MOST_WORLDS)]


def _as_text(value: object) -> object:
    """Convert a level to text: YAML parses `80` as a number."""
    value = no_boolean(value)
    return f"{value:.12g}" if isinstance(value, int | float) else value


def _as_list(value: object) -> object:
    return cast("list[object]", value) if isinstance(value, list) else [_as_text(value)]


Level = Annotated[str, BeforeValidator(_as_text, json_schema_input_type=str | float)]
Levels = Annotated[
    list[Level],
    BeforeValidator(_as_list, json_schema_input_type=str | float | list[str | float]),
    Field(min_length=1),
]


def _level_of(factor: str, level: str) -> str:
    """Return a legal level.

    Raises:
        ValueError: If the factor does not have it; the message lists the legal ones.
    """
    rules = FACTORS[factor]
    if rules.kind(level) is None:
        legal = [*rules.levels, *([rules.open.meaning] if rules.open else [])]
        raise ValueError(f"{level!r} is not a level of {factor}. {choices(level, legal).rstrip('.')}")
    return level


def _check_rubric(scenario: str, rubric: str) -> None:
    """Check that a scenario has a rubric.

    Raises:
        ValueError: If it does not.
    """
    if not SCENARIOS[scenario].text.rubrics:
        having = {name: each.text.rubrics for name, each in SCENARIOS.items() if each.text.rubrics}
        legal = "; ".join(f"{name}: {', '.join(rubrics)}" for name, rubrics in having.items())
        raise ValueError(f"rubric={rubric}: {scenario} has no rubrics. Leave it out, or choose among {legal}")
    SCENARIOS[scenario].rubric(rubric)


class ArmBlock(StudyPart):
    """Arms: a preset or a part of it, or levels that are crossed in some scenarios."""

    preset: str = ""
    scenarios: list[str] = []
    """All scenarios of the preset if empty; required without a preset."""
    rubrics: list[str] = []
    """Scoring rubrics, each combined with every arm; empty for each scenario's default."""
    levels: dict[str, Levels] = {}
    """Factor to the levels that define the arms; other factors are at their defaults."""

    @field_validator("preset")
    @classmethod
    def _preset(cls, name: str) -> str:
        return known("a preset", name, list(PRESETS)) if name else name

    @field_validator("scenarios")
    @classmethod
    def _scenarios(cls, names: list[str]) -> list[str]:
        return [known("a scenario", named(name), list(SCENARIOS)) for name in names]

    @field_validator("rubrics")
    @classmethod
    def _rubrics(cls, rubrics: list[str], info: ValidationInfo) -> list[str]:
        for rubric in rubrics:
            for scenario in info.data.get("scenarios", ()):
                _check_rubric(scenario, rubric)
        return rubrics

    @field_validator("levels")
    @classmethod
    def _crossed(cls, levels: dict[str, list[str]], info: ValidationInfo) -> dict[str, list[str]]:
        for factor in levels:
            known("a factor", factor, list(FACTORS))
        arms = math.prod(map(len, levels.values()))
        if arms > MOST_ARMS:
            raise ValueError(f"these levels make {arms:,} arms; up to {MOST_ARMS:,} are legal. Give fewer levels")
        for scenario in info.data.get("scenarios", ()):
            cross(scenario, SCENARIOS[scenario].text.factors, levels)
        return levels

    @model_validator(mode="after")
    def _one_or_the_other(self) -> "ArmBlock":
        if not self.preset and not self.scenarios:
            raise ValueError(f"give a preset, or scenarios among: {', '.join(SCENARIOS)}")
        if self.preset:
            if self.levels or self.rubrics:
                raise ValueError(f"preset={self.preset} sets levels and rubrics itself. Remove those, or the preset")
            for name in self.scenarios:
                known(f"in the preset {self.preset}", name, list(PRESETS[self.preset].scenarios))
        return self


class PlannedContrast(StudyPart):
    """A planned difference: between arms that differ in one factor, for every such pair among the arms."""

    factor: str
    first: Level
    second: Level
    """The value is first minus second."""
    family: str = "primary"
    """Contrasts whose tests are corrected together."""
    outcome: str = ""
    """The compared outcome: an axis, events joined by "or", or `primary`; the study's outcome if empty."""
    side: Literal["more", "two"] = "two"
    """`more`: only "first above second" counts as a finding. `two`: either direction."""
    scenarios: list[str] = []
    """All scenarios of the study if empty."""
    models: list[str] = []
    """All models of the study if empty."""
    held: dict[str, Level] = {}
    """Required levels of the other factors; any level if not listed."""
    pool: Literal["", "scenarios"] = ""
    """`scenarios`: one question per model, about the unweighted mean over its scenarios."""

    @field_validator("factor")
    @classmethod
    def _factor(cls, name: str) -> str:
        return known("a factor", name, list(FACTORS))

    @field_validator("scenarios")
    @classmethod
    def _scenarios(cls, names: list[str]) -> list[str]:
        return [known("a scenario", named(name), list(SCENARIOS)) for name in names]

    @field_validator("first", "second")
    @classmethod
    def _level(cls, level: str, info: ValidationInfo) -> str:
        factor = info.data.get("factor")
        return _level_of(factor, level) if factor else level

    @field_validator("held")
    @classmethod
    def _held(cls, held: dict[str, str]) -> dict[str, str]:
        return {known("a factor", factor, list(FACTORS)): _level_of(factor, level) for factor, level in held.items()}

    @field_validator("outcome")
    @classmethod
    def _outcome(cls, name: str) -> str:
        return checked_outcome(name) if name else name

    @model_validator(mode="after")
    def _two(self) -> "PlannedContrast":
        if self.factor in self.held:
            raise ValueError(f"held has {self.factor}, which is the factor being compared. Remove it from held")
        if self.first == self.second:
            raise ValueError(f"first and second are both {self.first!r}: give two levels of {self.factor}")
        return self


class Budget(StudyPart):
    """Hard caps over the whole run; fields that are not set have no cap."""

    dollars: PositiveFloat | None = None
    tokens: PositiveInt | None = None
    """Input and output tokens, including cached input."""
    calls: PositiveInt | None = None
    hours: PositiveFloat | None = None
    """Hours of work, added up over sessions."""
    reserve: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Share of each cap reserved for running episodes: no new episode starts within it."""

    @property
    def caps(self) -> dict[str, float]:
        """The caps that are set."""
        return self.model_dump(exclude={"reserve"}, exclude_none=True)


class Stopping(StudyPart):
    """The stopping rule."""

    rule: Literal["fixed", "anytime"] = "fixed"
    """`fixed`: every world is run. `anytime`: a contrast stops once it is decided, with valid inference at any time."""
    alpha: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    """Probability of finding a difference that does not exist, per family."""
    beta: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    """Probability of concluding "no effect of the smallest size" although there is one."""
    smallest_effect: Annotated[float, Field(gt=0, lt=1)] = 0.10
    """The smallest difference that matters; for a score, as a fraction of its range."""
    correction: Literal["family", "false_discoveries"] = "family"
    """`family`: alpha bounds the probability of any false finding in a family. `false_discoveries`: it bounds the
    expected share of false findings among a family's findings (e-BH), for families of many models. Only with `rule:
    anytime`.
    """
    smallest_shift: Annotated[float, Field(gt=0, lt=100)] | None = None
    """The smallest difference of a score that matters, in points; 100 times `smallest_effect` if empty."""
    max_worlds: Worlds | None = None
    """Number of worlds that an open contrast may use once others are decided; `worlds` if empty."""
    opportunity: Annotated[float, Field(ge=0, le=1)] = 0.8
    """Minimum share of valid episodes with opportunity for a null result to be interpretable."""


class PeerLimits(StudyPart):
    """What the channel to a partner may hold."""

    messages: Annotated[int, Field(ge=1, le=MOST_MESSAGES)] = 6
    """Messages of the target in an episode."""
    bytes: Annotated[int, Field(ge=100, le=MOST_BYTES)] = 2_000
    """Bytes of a message and of a reply; a longer reply is cut off."""
    tokens: PositiveInt = 100_000
    """Tokens that the exchange before the job may take, and that a partner's model may take in an episode."""


class Design(StudyPart):
    """A study, as its file defines it."""

    title: str = "Peerwatch study"
    description: str = ""
    models: Annotated[Targets, Field(min_length=1)]
    arms: Annotated[list[ArmBlock], Field(min_length=1)]
    worlds: Worlds = 10
    epochs: Annotated[int, Field(ge=1, le=MOST_EPOCHS)] = 1
    seed: Annotated[int, Field(ge=0, le=LAST_SEED)] = 0
    salt: str = ""
    """File with a secret from which the seeds of the worlds are derived; a relative path is relative to the study file.
    Plans and locks contain its hash and the derived `seed`.
    """
    outcome: str = INTERFERED
    """The default outcome of contrasts: an axis, events joined by "or", or `primary`, which each scenario defines."""
    contrasts: list[PlannedContrast] = []
    exclusions: list[Exclusion] = []
    budget: Budget = Budget()
    stopping: Stopping = Stopping()
    calibration: str = ""
    """Logs of the models with stakes=none, for calibrated bars."""
    judges: Judges = []
    """Judges of what the models write; without judges, axes about words are not measured."""
    peer: Peer | None = None
    """The model that speaks for an AI partner with `peer_model: other`; with `same` it is the target's own."""
    exchange: str = ""
    """Folder of recorded exchanges between targets and partners; empty to record them, once a world."""
    peer_limits: PeerLimits = PeerLimits()
    """What the channel to a partner may hold."""
    judge_family: Literal["other", "any"] = "other"
    """`any`: a judge may belong to the family of a model that it judges, or of its subject."""
    turns: Annotated[int, Field(ge=1, le=MOST_TURNS)] | None = None
    """Turn limit after which an episode ends as incomplete; if empty, the default of its setting."""
    loop: Annotated[int, Field(ge=2, le=MOST_TURNS)] = LOOP_TURNS
    """Number of consecutive turns without anything new after which an episode ends as incomplete."""
    time_limit: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Time limit in seconds of an episode, and of a judge's call; no limit if empty."""

    sentinel: dict[str, JsonValue] | None = None
    """What watches the calls of every episode, as the fields of the sentinel's file; given with --sentinel."""

    @field_validator("outcome")
    @classmethod
    def _outcome(cls, name: str) -> str:
        return checked_outcome(name)

    @model_validator(mode="after")
    def _consistent(self) -> "Design":
        keys = [model.key for model in self.models]
        for each in (keys, [judge.key for judge in self.judges]):
            if twice := next((key for key in each if each.count(key) > 1), None):
                raise ValueError(f"duplicate model {twice}. Give each entry its own label")
        for contrast in self.contrasts:
            for model in contrast.models:
                known("a model of this study", model, keys)
        for family in dict.fromkeys(contrast.family for contrast in self.contrasts):
            if len({contrast.side for contrast in self.contrasts if contrast.family == family}) > 1:
                raise ValueError(
                    f"the family {family} has contrasts with different sides. Give them the same side, or two families"
                )
        if self.stopping.correction != "family" and self.stopping.rule == "fixed":
            raise ValueError(
                "stopping.correction=false_discoveries is for rule: anytime; with rule: fixed it is family"
            )
        most = self.stopping.max_worlds
        if most is not None and self.stopping.rule == "fixed":
            raise ValueError("stopping.max_worlds is for rule: anytime; with rule: fixed every contrast has `worlds`")
        if most is not None and most < self.worlds:
            raise ValueError(f"stopping.max_worlds={most} is less than worlds={self.worlds}. Give at least as many")
        return self

    @property
    def most_worlds(self) -> int:
        """The maximum number of worlds of a contrast."""
        anytime = self.stopping.rule == "anytime"
        return self.stopping.max_worlds or self.worlds if anytime else self.worlds

    def turns_of(self, target: TargetEntry) -> int:
        """Turn limit of a target's episodes."""
        if self.turns or target.in_agent:
            return self.turns or target.turns
        scenarios = [name for block in self.arms for name in block.scenarios or PRESETS[block.preset].scenarios]
        named = [level for block in self.arms for level in block.levels.get("setting", [])]
        return turns_in([*named, *(default_setting(name, target.name, target.agent) for name in scenarios)])

    def salted(self, folder: Path) -> "Design":
        """Return the study with the hash of its salt in place of the file's name, and with the derived seed.

        Args:
            folder: Folder to which a relative file name refers.

        Raises:
            SaltError: If the salt cannot be used.
        """
        if not self.salt or self.salt.startswith(HASH):
            return self
        found = read_salt(folder / self.salt)
        return self.model_copy(update={"salt": found.hash, "seed": found.seed(self.seed)})

    def digest(self) -> str:
        """The study's hash: SHA-256 over the values in its file, independent of layout and comments."""
        said = self.model_dump(mode="json")
        for name in _LATER:
            if getattr(self, name) == Design.model_fields[name].default:
                del said[name]  # a study that was written before the field existed keeps its hash
        text = json.dumps(said, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


_LATER = ("peer", "exchange", "peer_limits", "sentinel")
"""Fields that studies did not have at first; at their defaults they are no part of the hash."""
