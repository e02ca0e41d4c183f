"""What `peerwatch run` is to do: a study file, the words of the command line, or the plan of a run to go on with."""

from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

from pydantic import ValidationError

from peerwatch._commands.inspecting import pairs
from peerwatch._commands.output import print_json
from peerwatch._mistakes import choices
from peerwatch._writing import write_whole
from peerwatch.agents import COMMAND, SIMULATED
from peerwatch.judges import check_judges
from peerwatch.presets import PRESETS
from peerwatch.scenarios import SCENARIOS, SPARSE, named
from peerwatch.studies import (
    ANEW,
    BUDGET,
    INTERFERED,
    PLAN_FILE,
    Amendment,
    ArmBlock,
    Design,
    ModelEntry,
    Plan,
    Price,
    StudyError,
    TargetEntry,
    calibrated,
    changes,
    check_lock,
    check_plan,
    check_prices,
    explained,
    load_design,
    load_plan,
    load_prices,
    lock_of,
    now,
    questions,
    schema,
    shipped,
    study_file,
)

SCENARIOS_IF_NONE = ["server_migration", "disk_cleanup"]
"""The two of which the embedded model, for which the defaults are made, finishes a small run within minutes."""

RUNS = Path("peerwatch-runs")
"""Where runs go that are given no folder."""


@dataclass(frozen=True)
class Works:
    """The agent that all models are to work through, as the command line says it; empty for what it does not say."""

    agent: str = ""
    command: str = ""
    sandbox: str = ""

    @property
    def said(self) -> bool:
        """Whether it says anything."""
        return bool(self.agent or self.command or self.sandbox)

    def fields(self) -> dict[str, str]:
        """What a model's entry says of it; a command implies its agent."""
        agent = self.agent or (COMMAND if self.command else SIMULATED)
        return {"agent": agent, "agent_command": self.command, "sandbox": self.sandbox}


NOTHING_SAID = Works()


@dataclass(frozen=True)
class Request:
    """What `peerwatch run` was asked for."""

    words: list[str] = field(default_factory=list[str])
    """`FACTOR=LEVEL`, or a single study."""
    models: list[str] = field(default_factory=list[str])
    works: Works = NOTHING_SAID
    judges: list[str] = field(default_factory=list[str])
    same_family: bool = False
    scenarios: list[str] = field(default_factory=list[str])
    rubrics: list[str] = field(default_factory=list[str])
    preset: str = ""
    outcome: str = ""
    calibration: str = ""
    worlds: int | None = None
    seed: int | None = None
    salt: str = ""
    """File with the secret from which the seeds are derived."""
    epochs: int | None = None
    time_limit: float | None = None
    minutes: float | None = None
    out: Path | None = None
    resume: Path | None = None
    amend: bool = False
    processes: int = 1
    worker: int = 0
    prices: Path | None = None
    watch: bool = False
    port: int = 0
    probe: bool = True
    """Whether each model is called once before anything is run."""
    yes: bool = False
    """Whether the run may cost money that no budget bounds."""

    def __post_init__(self) -> None:
        """Take a scenario's folder for its name."""
        object.__setattr__(self, "scenarios", [named(each) for each in self.scenarios])

    @property
    def study(self) -> str:
        """The study that is named; empty for none."""
        return next((word for word in self.words if "=" not in word), "")


def print_schema() -> None:
    """Print the JSON schema of study files."""
    print_json(schema())


def place_of(request: Request) -> tuple[Plan, Path]:
    """The plan to run and its folder: a new one, or that of a run to go on with.

    Raises:
        StudyError: If the request makes no sense, or differs from what the folder holds.
        ArmError: If a level does not make sense.
    """
    if request.resume is not None:
        if _planned_anew(request):
            raise StudyError(
                "--resume goes on with a run as it was planned: give no study, levels, models, agent, judges, "
                "scenarios, rubrics, preset, outcome, calibration, worlds, seed, epochs, time limit or --out."
            )
        return _gone_on_with(request.resume, request.prices), request.resume
    plan = plan_of(request)
    folder = request.out or RUNS / (Path(plan.study).stem if plan.study else plan.created[:19].replace(":", ""))
    if not (folder / PLAN_FILE).is_file():
        return plan, folder
    return _gone_on(plan, folder, amend=request.amend), folder


def plan_of(request: Request) -> Plan:
    """A new plan.

    Raises:
        StudyError: If the request makes no sense.
        ArmError: If a level does not make sense.
    """
    if request.study:
        return plan_study(request.study, request)
    prices = _prices(request.prices)
    return _checked(
        Plan(
            design=_design(request),
            salt_file=request.salt,
            seed_given=request.seed or 0,
            prices=prices,
            version=version("peerwatch"),
            created=now(),
        )
    )


def _prices(file: Path | None) -> dict[str, Price]:
    return load_prices(file) if file else {}


def plan_study(study: str, request: Request | None = None) -> Plan:
    """The plan of a study file, or of a study that ships with Peerwatch and the models of the request.

    Raises:
        StudyError: If it makes no sense, differs from its lock, or the request says beside it what it says itself.
        ArmError: If a level does not make sense.
    """
    file, asked = study_file(study), request or Request()
    free = (
        replace(
            asked, models=[], works=NOTHING_SAID, judges=[], same_family=False, outcome="", time_limit=None, salt=""
        )
        if file in shipped().values()
        else asked
    )
    if len(asked.words) > 1 or _said(free):
        raise StudyError(
            f"{study} is a study, which says all of this itself: give no levels, models, agent, judges, scenarios, "
            "rubrics, preset, outcome, calibration, salt, worlds, seed, epochs or time limit beside it. (--model, "
            "--agent, --judge, --salt, --outcome and --time-limit may be given with a study that ships with Peerwatch.)"
        )
    design, lock = with_models(load_design(file), asked), lock_of(file)
    locked = check_lock(lock, design, amend=asked.amend) is not None
    return _checked(
        Plan(
            design=design,
            study=study,
            lock=str(lock.resolve()) if locked else "",
            models_given=bool(asked.models),
            agent_given=asked.works.said,
            judges_given=bool(asked.judges),
            time_limit_given=asked.time_limit is not None,
            salt_file=asked.salt,
            prices=_prices(asked.prices),
            version=version("peerwatch"),
            created=now(),
        )
    )


def with_models(design: Design, asked: Request) -> Design:
    """A study with what a request gives in place of its own: models, agent, judges, outcome. Its hash is another one.

    Raises:
        StudyError: If a model stands twice.
    """
    models: list[dict[str, object]] = [{"name": name} for name in asked.models]
    models = models or [entry.model_dump(exclude={"agent", "agent_command", "sandbox"}) for entry in design.models]
    changed = asked.models or asked.works.said
    given: dict[str, object] = {"models": [{**each, **asked.works.fields()} for each in models]} if changed else {}
    given |= {"judges": asked.judges} if asked.judges else {}
    given |= {"judge_family": "any"} if asked.same_family else {}
    given |= {"outcome": asked.outcome} if asked.outcome else {}
    given |= {"time_limit": asked.time_limit} if asked.time_limit is not None else {}
    given |= {"salt": asked.salt} if asked.salt else {}
    if not given:
        return design
    try:
        return Design.model_validate({**design.model_dump(), **given}, context=ANEW).salted(Path())
    except ValidationError as error:
        raise StudyError(explained(error)) from error


def _checked(plan: Plan) -> Plan:
    if plan.design.stopping.rule == "anytime" and not plan.design.contrasts:
        raise StudyError("stopping.rule=anytime stops contrasts, and the study has none: add contrasts, or take fixed.")
    questions(plan)
    if judges := [entry.name for entry in plan.design.judges]:
        for target in plan.design.models:
            check_judges(judges, target.name, allow_same_family=plan.design.judge_family == "any")
    return check_prices(check_plan(calibrated(plan)))


def _design(request: Request) -> Design:
    """The study that the words of the command line make."""
    levels = {factor: level.split(",") for factor, level in pairs(request.words).items()}
    _check_names(request)
    block = {
        "preset": request.preset,
        "scenarios": request.scenarios or _scenarios(request.preset),
        "rubrics": request.rubrics,
        "levels": levels or ({} if request.preset else {"subject": ["peer", "object"], "setting": [SPARSE]}),
    }
    try:
        return Design(
            title=f"Peerwatch study, preset {request.preset}" if request.preset else "Peerwatch study",
            models=[
                TargetEntry.model_validate({"name": name, **request.works.fields()}, context=ANEW)
                for name in request.models or ["peerwatch/local"]
            ],
            arms=[ArmBlock.model_validate(block)],
            outcome=request.outcome or INTERFERED,
            judges=[ModelEntry.model_validate({"name": name}, context=ANEW) for name in request.judges],
            judge_family="any" if request.same_family else "other",
            worlds=3 if request.worlds is None else request.worlds,
            seed=request.seed or 0,
            epochs=1 if request.epochs is None else request.epochs,
            time_limit=request.time_limit,
            calibration=request.calibration,
            salt=request.salt,
        ).salted(Path())
    except ValidationError as error:
        raise StudyError(explained(error)) from error


def _check_names(request: Request) -> None:
    rubrics = dict.fromkeys(rubric for scenario in SCENARIOS.values() for rubric in scenario.text.rubrics)
    for what, names, legal in (("scenario", request.scenarios, SCENARIOS), ("rubric", request.rubrics, rubrics)):
        for name in names:
            if name not in legal:
                raise StudyError(f"{name} is not a {what}. {choices(name, legal)}")
    for what, count in (("worlds", request.worlds), ("epochs", request.epochs)):
        if count is not None and count < 1:
            raise StudyError(f"{what}={count}: give a whole number of at least 1.")


def _planned_anew(request: Request) -> bool:
    """Whether the request says anything of what a plan says."""
    return bool(request.words or request.out or _said(request))


def _said(request: Request) -> bool:
    judged = request.judges or request.same_family
    listed = (
        request.models
        or request.works.said
        or request.scenarios
        or request.rubrics
        or request.preset
        or request.outcome
        or request.calibration
        or request.salt
    )
    numbers = (request.worlds, request.seed, request.epochs, request.time_limit)
    return bool(listed or judged) or any(each is not None for each in numbers)


def _scenarios(preset: str) -> list[str]:
    """The scenarios of a request that names none."""
    return list(PRESETS[preset].scenarios) if preset in PRESETS else list(SCENARIOS_IF_NONE)


def _gone_on(plan: Plan, folder: Path, *, amend: bool) -> Plan:
    """The plan that a folder holds, if it is the same study.

    Raises:
        StudyError: If it is another one: which fields, old and new.
    """
    begun = _same_version(load_plan(folder), folder)
    differing = changes(begun.design, plan.design)
    if not all(each.field.startswith(BUDGET) for each in differing):
        return resumed(plan, begun, folder)
    if not differing:
        return _priced_anew(begun, plan.prices, folder)
    listed = "; ".join(map(str, differing))
    if not amend:
        raise StudyError(
            f"the study's budget has changed since the run in {folder} began: {listed}. Put it back, or go on with the "
            "new one by --amend, which the report will say."
        )
    made = [Amendment(field=each.field, old=each.old, new=each.new, at=now()) for each in differing]
    amended = begun.model_copy(update={"design": plan.design, "amendments": [*begun.amendments, *made]})
    write_whole(folder / PLAN_FILE, amended.model_dump_json(indent=2) + "\n")
    return _priced_anew(amended, plan.prices, folder)


def resumed(plan: Plan, held: Plan, folder: Path) -> Plan:
    """The plan that a folder holds, made sure to be of the same study.

    Raises:
        StudyError: If it is another one: which fields, old and new.
    """
    differing = changes(held.design, plan.design)
    if differing:
        listed = "; ".join(map(str, differing))
        raise StudyError(
            f"the study has changed since the run in {folder} began: {listed}. Put it back, or choose another folder "
            "with --out."
        )
    return held


def _gone_on_with(folder: Path, prices: Path | None) -> Plan:
    """The plan of a folder, with other prices if they are given.

    Raises:
        StudyError: If it cannot be gone on with.
    """
    return _priced_anew(_same_version(load_plan(folder), folder), _prices(prices), folder)


def _priced_anew(plan: Plan, prices: dict[str, Price], folder: Path) -> Plan:
    """A plan with these prices, if there are any; they hold for what has been spent too, of which tokens are kept.

    Raises:
        StudyError: If a cap in dollars cannot be kept.
    """
    if not prices or prices == plan.prices:
        return check_prices(plan)
    priced = check_prices(plan.model_copy(update={"prices": prices}))
    write_whole(folder / PLAN_FILE, priced.model_dump_json(indent=2) + "\n")
    return priced


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
