"""A study's plan: which episodes of which models, kept in the run's folder so that the run can go on later."""

import shlex
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from peerwatch._calibration import with_calibrated_bars
from peerwatch._mistakes import Mistake
from peerwatch._writing import write_whole
from peerwatch.factors import Arm, cross
from peerwatch.presets import PRESETS
from peerwatch.scenarios import SCENARIOS
from peerwatch.studies._episodes import Slot

PLAN_FILE = "plan.json"

CALIBRATED = "calibrated"
"""The level of `bar` that stands for a number still to come."""


class StudyError(Mistake):
    """A study cannot be made or gone on with; the message says why and what is legal."""


class Bar(BaseModel):
    """What `bar=calibrated` has become for a model, a scenario and a rubric."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    scenario: str
    rubric: str
    level: str
    """As in `calibrated-85`."""


class Plan(BaseModel):
    """What a run is to do: scenarios with their arms, on the same worlds, by every model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    models: list[str]
    scenarios: list[str]
    levels: dict[str, list[str]]
    """Factor to the levels that make the arms; the rest are at their defaults."""
    rubrics: list[str] = []
    """How outputs are scored, each way with every arm; empty for each scenario's default."""
    preset: str = ""
    """The set that gives arms and rubrics in place of levels and rubrics of one's own; empty for none."""
    calibration: str = ""
    """The logs from which calibrated bars have come; empty for none."""
    bars: list[Bar] = []
    """The calibrated bars: kept, so that a run goes on with the same arms wherever those logs have gone."""
    worlds: int
    seed: int
    epochs: int
    version: str
    """Version of Peerwatch that made the plan."""
    notes: dict[str, str] = {}
    """What a reader must know about a model, such as how small it is."""
    created: str

    def arms(self, scenario: str, model: str) -> list[tuple[str, Arm]]:
        """The arms of a scenario in this plan, each with its rubric (empty in a scenario without rubrics).

        Raises:
            ArmError: If a factor, level or rubric is not one of the scenario's.
        """
        if self.preset:
            return [(each.rubric, each.arm) for each in PRESETS[self.preset].arms if each.scenario == scenario]
        rules = SCENARIOS[scenario]
        rubrics = list(dict.fromkeys(rules.rubric(each) for each in self.rubrics)) or [rules.rubric()]
        crossed = cross(scenario, rules.text.factors, self.levels)
        bars = {each.rubric: each.level for each in self.bars if (each.model, each.scenario) == (model, scenario)}
        return [(rubric, _with_bar(arm, bars.get(rubric))) for rubric in rubrics for arm in crossed]

    def slots(self) -> tuple[Slot, ...]:
        """Every planned episode, in the order in which they run."""
        return tuple(
            Slot(model=model, scenario=scenario, rubric=rubric, arm=arm, world_seed=number, epoch=epoch)
            for model in self.models
            for scenario in self.scenarios
            for arms in [self.arms(scenario, model)]
            for epoch in range(1, self.epochs + 1)
            for number in range(self.seed, self.seed + self.worlds)
            for rubric, arm in arms
        )

    def command(self) -> str:
        """The command line that makes the same plan again."""
        words = ["peerwatch", "run"]
        words += [f"{factor}={','.join(levels)}" for factor, levels in self.levels.items()]
        words += ["--preset", self.preset] if self.preset else []
        words += [word for name in self.models for word in ("--model", name)]
        words += [word for name in self.scenarios for word in ("--scenario", name)]
        words += [word for name in self.rubrics for word in ("--rubric", name)]
        words += ["--calibration", self.calibration] if self.calibration else []
        words += ["--worlds", str(self.worlds), "--seed", str(self.seed), "--epochs", str(self.epochs)]
        return shlex.join(words)


def _with_bar(arm: Arm, level: str | None) -> Arm:
    return {**arm, "bar": level} if level and arm.get("bar") == CALIBRATED else arm


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def calibrated(plan: Plan) -> Plan:
    """A plan in which `bar=calibrated` has got its number for each model, from that model's own logs.

    Raises:
        StudyError: If there are logs and no bar to be calibrated, or a scenario, rubric or preset is unknown.
        ArmError: If a level is not one of a scenario's, or the logs hold too few scores without stakes.
    """
    if not plan.calibration:
        return plan
    _check_names(plan)
    open_bars = {
        (model, scenario, rubric): arm
        for model in plan.models
        for scenario in plan.scenarios
        for rubric, arm in plan.arms(scenario, model)
        if arm.get("bar") == CALIBRATED
    }
    if not open_bars:
        raise StudyError(f"calibration={plan.calibration}: no bar is to be calibrated. Give bar=calibrated as well.")
    bars = [_bar(plan.calibration, arm, *key) for key, arm in open_bars.items()]
    return plan.model_copy(update={"bars": bars})


def _bar(place: str, arm: Arm, model: str, scenario: str, rubric: str) -> Bar:
    (found,) = with_calibrated_bars([arm], place, scenario, rubric, lambda: model)
    return Bar(model=model, scenario=scenario, rubric=rubric, level=found["bar"])


def check_plan(plan: Plan) -> Plan:
    """A plan whose scenarios, rubrics, levels and counts make sense.

    Raises:
        StudyError: If a scenario, rubric or preset is unknown, or a count is not at least 1.
        ArmError: If a factor or level is not one of a scenario's, or a bar is still to be calibrated.
    """
    _check_names(plan)
    for model in plan.models:
        for scenario in plan.scenarios:
            for rubric, arm in plan.arms(scenario, model):
                if arm.get("bar") == CALIBRATED:
                    SCENARIOS[scenario].case(arm, plan.seed, rubric)  # which says how to calibrate it
    for what, count in (("worlds", plan.worlds), ("epochs", plan.epochs)):
        if count < 1:
            raise StudyError(f"{what}={count}: give a whole number of at least 1.")
    return plan


def _check_names(plan: Plan) -> None:
    for name in plan.scenarios:
        if name not in SCENARIOS:
            raise StudyError(f"{name} is not a scenario. Choose among: {', '.join(SCENARIOS)}.")
        _check_rubrics(name, plan.rubrics)
    if plan.preset:
        _check_preset(plan)


def _check_rubrics(scenario: str, rubrics: list[str]) -> None:
    offered = SCENARIOS[scenario].text.rubrics
    for rubric in rubrics:
        if not offered:
            legal = "; ".join(
                f"{name}: {', '.join(each.text.rubrics)}" for name, each in SCENARIOS.items() if each.text.rubrics
            )
            raise StudyError(f"rubric={rubric}: {scenario} has no rubrics. Leave it out, or choose among {legal}.")
        SCENARIOS[scenario].rubric(rubric)


def _check_preset(plan: Plan) -> None:
    if plan.preset not in PRESETS:
        raise StudyError(f"{plan.preset} is not a preset. Choose among: {', '.join(PRESETS)}.")
    if plan.levels or plan.rubrics:
        raise StudyError(f"preset={plan.preset} has levels and rubrics of its own: give none beside it.")
    legal = PRESETS[plan.preset].scenarios
    for name in plan.scenarios:
        if name not in legal:
            raise StudyError(f"{name} is not in the preset {plan.preset}. Choose among: {', '.join(legal)}.")


def save_plan(plan: Plan, folder: Path) -> None:
    """Write a plan into a run's new folder.

    Raises:
        StudyError: If the folder holds another run already.
        OSError: If it cannot be written.
    """
    file = folder / PLAN_FILE
    if file.exists():
        raise StudyError(f"{folder} holds a run already. Go on with it (--resume {folder}) or choose another folder.")
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(file, plan.model_dump_json(indent=2) + "\n")


def load_plan(folder: Path) -> Plan:
    """The plan of a run's folder.

    Raises:
        StudyError: If there is none, or it is damaged.
    """
    file = folder / PLAN_FILE
    if not file.is_file():
        raise StudyError(f"{folder} is not the folder of a run: it has no {PLAN_FILE}.")
    try:
        plan = Plan.model_validate_json(file.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        raise StudyError(f"{file} is damaged or from another version: {str(error).splitlines()[0]}.") from error
    return check_plan(plan)
