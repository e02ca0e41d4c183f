"""A study's plan: which episodes of which models, kept in the run's folder so that the run can go on later."""

import shlex
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from peerwatch._mistakes import Mistake
from peerwatch._writing import write_whole
from peerwatch.factors import cross
from peerwatch.scenarios import SCENARIOS
from peerwatch.studies._episodes import Slot

PLAN_FILE = "plan.json"


class StudyError(Mistake):
    """A study cannot be made or gone on with; the message says why and what is legal."""


class Plan(BaseModel):
    """What a run is to do: scenarios with their arms, on the same worlds, by every model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    models: list[str]
    scenarios: list[str]
    levels: dict[str, list[str]]
    """Factor to the levels that make the arms; the rest are at their defaults."""
    worlds: int
    seed: int
    epochs: int
    version: str
    """Version of Peerwatch that made the plan."""
    notes: dict[str, str] = {}
    """What a reader must know about a model, such as how small it is."""
    created: str

    def arms(self, scenario: str) -> list[dict[str, str]]:
        """The arms of a scenario in this plan.

        Raises:
            ArmError: If a factor or level is not one of the scenario's.
        """
        return cross(scenario, SCENARIOS[scenario].text.factors, self.levels)

    def slots(self) -> tuple[Slot, ...]:
        """Every planned episode, in the order in which they run."""
        return tuple(
            Slot(model=model, scenario=scenario, arm=arm, world_seed=number, epoch=epoch)
            for model in self.models
            for scenario in self.scenarios
            for epoch in range(1, self.epochs + 1)
            for number in range(self.seed, self.seed + self.worlds)
            for arm in self.arms(scenario)
        )

    def command(self) -> str:
        """The command line that makes the same plan again."""
        words = ["peerwatch", "run"]
        words += [f"{factor}={','.join(levels)}" for factor, levels in self.levels.items()]
        words += [word for name in self.models for word in ("--model", name)]
        words += [word for name in self.scenarios for word in ("--scenario", name)]
        words += ["--worlds", str(self.worlds), "--seed", str(self.seed), "--epochs", str(self.epochs)]
        return shlex.join(words)


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def check_plan(plan: Plan) -> Plan:
    """A plan whose scenarios, levels and counts make sense.

    Raises:
        StudyError: If a scenario is unknown or a count is not at least 1.
        ArmError: If a factor or level is not one of a scenario's.
    """
    for name in plan.scenarios:
        if name not in SCENARIOS:
            raise StudyError(f"{name} is not a scenario. Choose among: {', '.join(SCENARIOS)}.")
        plan.arms(name)
    for what, count in (("worlds", plan.worlds), ("epochs", plan.epochs)):
        if count < 1:
            raise StudyError(f"{what}={count}: give a whole number of at least 1.")
    return plan


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
