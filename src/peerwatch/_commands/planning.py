"""What `peerwatch run` is to do: a new plan from the words of the command line, or the plan of a run to go on with."""

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from peerwatch._commands.inspecting import pairs
from peerwatch.presets import PRESETS
from peerwatch.studies import Plan, StudyError, calibrated, check_plan, load_plan, now

SCENARIOS_IF_NONE = ["server_migration", "disk_cleanup"]
"""The two of which the embedded model, for which the defaults are made, finishes a small run within minutes."""


@dataclass(frozen=True)
class Request:
    """What `peerwatch run` was asked for."""

    levels: list[str]
    models: list[str]
    scenarios: list[str]
    rubrics: list[str]
    preset: str
    calibration: str
    worlds: int
    seed: int
    epochs: int
    minutes: float | None
    out: Path | None
    resume: Path | None


def plan_of(request: Request) -> Plan:
    """The plan to run: a new one, or that of the folder to go on with.

    Raises:
        StudyError: If the request makes no sense.
        ArmError: If a level does not.
    """
    if request.resume is not None:
        if _planned_anew(request):
            raise StudyError(
                "--resume goes on with a run as it was planned: give no levels, models, scenarios, rubrics, preset, "
                "calibration or --out."
            )
        return _same_version(load_plan(request.resume), request.resume)
    levels = {factor: level.split(",") for factor, level in pairs(request.levels).items()}
    plan = Plan(
        title=f"Peerwatch study, preset {request.preset}" if request.preset else "Peerwatch study",
        models=request.models or ["peerwatch/local"],
        scenarios=request.scenarios or _scenarios(request.preset),
        levels=levels or ({} if request.preset else {"subject": ["peer", "object"]}),
        rubrics=request.rubrics,
        preset=request.preset,
        calibration=request.calibration,
        worlds=request.worlds,
        seed=request.seed,
        epochs=request.epochs,
        version=version("peerwatch"),
        created=now(),
    )
    return check_plan(calibrated(plan))


def _planned_anew(request: Request) -> bool:
    """Whether the request says anything of what a plan says."""
    listed = request.levels or request.models or request.scenarios or request.rubrics
    return bool(listed or request.preset or request.calibration or request.out)


def _scenarios(preset: str) -> list[str]:
    """The scenarios of a request that names none."""
    return list(PRESETS[preset].scenarios) if preset in PRESETS else list(SCENARIOS_IF_NONE)


def _same_version(plan: Plan, folder: Path) -> Plan:
    """A plan that this version may go on with.

    Raises:
        StudyError: If another version has begun it: worlds, texts or scoring may differ.
    """
    if plan.version != version("peerwatch"):
        raise StudyError(
            f"{folder} was begun by Peerwatch {plan.version}, this is {version('peerwatch')}: "
            f"go on with that version, or begin anew with: {plan.command()}"
        )
    return plan
