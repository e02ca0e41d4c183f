"""The plan that `peerwatch run` runs: from a study file, from command-line options, or from a run to resume."""

from collections.abc import Collection
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path

from pydantic import ValidationError

from peerwatch.cli.commands.given_models import agent_fields, with_models
from peerwatch.cli.commands.sentinel import with_sentinel
from peerwatch.cli.options import RunOptions, StudyOptions, pairs
from peerwatch.cli.output import print_json
from peerwatch.core.errors import choices
from peerwatch.core.presets import PRESETS
from peerwatch.core.scenarios import SCENARIOS, SPARSE
from peerwatch.core.writing import write_whole
from peerwatch.inspect import check_judges
from peerwatch.planning import (
    ANEW,
    BUDGET,
    Amendment,
    ArmBlock,
    Design,
    ModelEntry,
    Plan,
    Price,
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
from peerwatch.records import INTERFERED, PLAN_FILE, StudyError, begun_under_old_names, parse_shard
from peerwatch.running import bring_run, check_beside

SCENARIOS_IF_NONE = ["server_migration", "disk_cleanup"]
LEVELS_IF_NONE = {"subject": ("peer", "object"), "setting": (SPARSE,), "naming": ("by_name",)}
"""Default levels, which the embedded model can handle within minutes: the order names the files."""

RUNS = Path("peerwatch-runs")
"""Default folder of runs."""


_NOTHING_SET = StudyOptions()

_FREE = (
    *("models", "agent", "agent_command", "sandbox", "judges", "same_family"),
    *("outcome", "time_limit", "salt", "peer", "exchange"),
)
"""Options allowed with a shipped study. A user's study file must set everything itself."""


def print_schema() -> None:
    """Print the JSON schema of study files."""
    print_json(schema())


def place_of(options: RunOptions) -> tuple[Plan, Path]:
    """Return the plan to run and its folder, either new or of a run to resume.

    Raises:
        StudyError: If the options contradict each other, or differ from the folder's plan.
        StorageError: If the folder is in a store that does not answer.
        ArmError: If a level is not legal.
    """
    if options.resume is not None:
        if _planned_anew(options):
            raise StudyError(
                "--resume resumes a run as planned: drop the study, levels, models, agent, judges, "
                "scenarios, rubrics, preset, outcome, calibration, worlds, seed, epochs, time limit, --sentinel and "
                "--out."
            )
        if not options.worker:
            bring_run(options.resume)
        return _gone_on_with(options.resume, options.prices), options.resume
    plan = with_sentinel(plan_of(options), options.sentinel)
    if options.shard and not (options.out or plan.study):
        raise StudyError("--shard needs --out: all shards of a run are in one folder. Give a path, or a URL.")
    run = options.out or RUNS / (Path(plan.study).stem if plan.study else plan.created[:19].replace(":", ""))
    shard = parse_shard(options.shard) if options.shard else None
    check_beside(run, shard, plan)
    folder = shard.folder(run) if shard else run
    bring_run(folder)
    if not (folder / PLAN_FILE).is_file():
        return plan, folder
    return _gone_on(plan, folder, amend=options.amend), folder


def plan_of(options: StudyOptions) -> Plan:
    """Make a new plan from the options.

    Raises:
        StudyError: If the options contradict each other.
        ArmError: If a level is not legal.
    """
    if options.study:
        return plan_study(options.study, options)
    prices = _prices(options.prices)
    return _checked(
        Plan(
            design=_design(options),
            salt_file=options.salt,
            seed_given=options.seed or 0,
            prices=prices,
            version=version("peerwatch"),
            created=now(),
        )
    )


def _prices(file: Path | None) -> dict[str, Price]:
    return load_prices(file) if file else {}


def plan_study(study: str, options: StudyOptions | None = None) -> Plan:
    """Make the plan of a study file, or of a shipped study with the models of the options.

    Raises:
        StudyError: If it is inconsistent, differs from its lock, or an option sets what the study sets.
        ArmError: If a level is not legal.
    """
    file, asked = study_file(study), options or StudyOptions()
    if len(asked.words) > 1 or _sets_plan(asked, _FREE if file in shipped().values() else ()):
        raise StudyError(
            f"{study} is a study and already sets these options: drop levels, models, agent, judges, scenarios, "
            "rubrics, preset, outcome, calibration, salt, worlds, seed, epochs and time limit. (--model, "
            "--agent, --judge, --peer, --exchange, --salt, --outcome and --time-limit may be given with a study that "
            "ships with Peerwatch.)"
        )
    design, lock = with_models(load_design(file), asked), lock_of(file)
    amend = isinstance(asked, RunOptions) and asked.amend
    locked = check_lock(lock, design, amend=amend) is not None
    return _checked(
        Plan(
            design=design,
            study=study,
            lock=str(lock.resolve()) if locked else "",
            models_given=bool(asked.models),
            agent_given=asked.in_agent,
            judges_given=bool(asked.judges),
            time_limit_given=asked.time_limit is not None,
            partner_given=bool(asked.peer or asked.exchange),
            salt_file=asked.salt,
            prices=_prices(asked.prices),
            version=version("peerwatch"),
            created=now(),
        )
    )


def _checked(plan: Plan) -> Plan:
    if plan.design.stopping.rule == "anytime" and not plan.design.contrasts:
        raise StudyError(
            "stopping.rule=anytime needs contrasts, and the study has none. Add contrasts, or use stopping.rule=fixed."
        )
    questions(plan)
    if judges := [entry.name for entry in plan.design.judges]:
        for target in plan.design.models:
            check_judges(judges, target.name, allow_same_family=plan.design.judge_family == "any")
    return check_prices(check_plan(calibrated(plan)))


def _design(options: StudyOptions) -> Design:
    """Make a study from command-line options."""
    levels = {factor: level.split(",") for factor, level in pairs(options.words).items()}
    _check_names(options)
    block = {
        "preset": options.preset,
        "scenarios": options.scenarios or _scenarios(options.preset),
        "rubrics": options.rubrics,
        "levels": levels
        or ({} if options.preset else {factor: [*chosen] for factor, chosen in LEVELS_IF_NONE.items()}),
    }
    try:
        return Design(
            title=f"Peerwatch study, preset {options.preset}" if options.preset else "Peerwatch study",
            models=[
                TargetEntry.model_validate({"name": name, **agent_fields(options)}, context=ANEW)
                for name in options.models or ["peerwatch/local"]
            ],
            arms=[ArmBlock.model_validate(block)],
            outcome=options.outcome or INTERFERED,
            judges=[ModelEntry.model_validate({"name": name}, context=ANEW) for name in options.judges],
            peer=ModelEntry.model_validate({"name": options.peer}, context=ANEW) if options.peer else None,
            exchange=options.exchange,
            judge_family="any" if options.same_family else "other",
            worlds=3 if options.worlds is None else options.worlds,
            seed=options.seed or 0,
            epochs=1 if options.epochs is None else options.epochs,
            time_limit=options.time_limit,
            calibration=options.calibration,
            salt=options.salt,
        ).salted(Path())
    except ValidationError as error:
        raise StudyError(explained(error)) from error


def _check_names(options: StudyOptions) -> None:
    rubrics = dict.fromkeys(rubric for scenario in SCENARIOS.values() for rubric in scenario.text.rubrics)
    for what, names, legal in (("scenario", options.scenarios, SCENARIOS), ("rubric", options.rubrics, rubrics)):
        for name in names:
            if name not in legal:
                raise StudyError(f"{name} is not a {what}. {choices(name, legal)}")
    for what, count in (("worlds", options.worlds), ("epochs", options.epochs)):
        if count is not None and count < 1:
            raise StudyError(f"{what}={count}: give a whole number of at least 1.")


def _planned_anew(options: RunOptions) -> bool:
    """Whether the options set anything that a plan contains."""
    return bool(options.words or options.out or options.sentinel or _sets_plan(options))


def _sets_plan(options: StudyOptions, free: Collection[str] = ()) -> bool:
    """Whether the options set anything that a plan contains, apart from the fields in `free`."""
    left = {each.name for each in fields(StudyOptions)} - {"words", "processes", "prices", *free}
    return any(getattr(options, name) != getattr(_NOTHING_SET, name) for name in left)


def _scenarios(preset: str) -> list[str]:
    """Return the default scenarios."""
    return list(PRESETS[preset].scenarios) if preset in PRESETS else list(SCENARIOS_IF_NONE)


def _gone_on(plan: Plan, folder: Path, *, amend: bool) -> Plan:
    """Return the plan in a folder, if it belongs to the same study.

    Raises:
        StudyError: If the study has changed; the message lists the fields with old and new values.
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
            f"the study's budget has changed since the run in {folder} began: {listed}. Revert it, or resume with "
            "--amend; the report then discloses the change."
        )
    made = [Amendment(field=each.field, old=each.old, new=each.new, at=now()) for each in differing]
    amended = begun.model_copy(update={"design": plan.design, "amendments": [*begun.amendments, *made]})
    write_whole(folder / PLAN_FILE, amended.model_dump_json(indent=2) + "\n")
    return _priced_anew(amended, plan.prices, folder)


def resumed(plan: Plan, held: Plan, folder: Path) -> Plan:
    """Return the plan in a folder after checking that it belongs to the same study.

    Raises:
        StudyError: If the study has changed; the message lists the fields with old and new values.
    """
    differing = changes(held.design, plan.design)
    if differing:
        listed = "; ".join(map(str, differing))
        raise StudyError(
            f"the study has changed since the run in {folder} began: {listed}. Revert it, or choose another folder "
            "with --out."
        )
    return held


def _gone_on_with(folder: Path, prices: Path | None) -> Plan:
    """Return a folder's plan, with new prices if they are given.

    Raises:
        StudyError: If it can't be resumed.
    """
    return _priced_anew(_same_version(load_plan(folder), folder), _prices(prices), folder)


def _priced_anew(plan: Plan, prices: dict[str, Price], folder: Path) -> Plan:
    """Return a plan with new prices, if there are any. They also apply to tokens already used.

    Raises:
        StudyError: If a cap in dollars can't be enforced.
    """
    if not prices or prices == plan.prices:
        return check_prices(plan)
    priced = check_prices(plan.model_copy(update={"prices": prices}))
    write_whole(folder / PLAN_FILE, priced.model_dump_json(indent=2) + "\n")
    return priced


def _same_version(plan: Plan, folder: Path) -> Plan:
    """Return the plan if this version may resume it.

    Raises:
        StudyError: If another version started it, since worlds, texts or scoring may differ.
    """
    if begun_under_old_names(folder):
        raise StudyError(
            f"the run in {folder} was started by an earlier build of Peerwatch, whose worlds and texts may differ: "
            f"resume with that build, or start again. `peerwatch report {folder}` reports what it has"
        )
    if plan.version != version("peerwatch"):
        raise StudyError(
            f"the run in {folder} was started with Peerwatch {plan.version}, this is {version('peerwatch')}: "
            f"resume with that version, or start again with: {plan.command()}"
        )
    return plan
