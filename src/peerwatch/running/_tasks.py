"""The Inspect tasks: one per scenario, with every factor as an argument."""

from collections.abc import Callable, Sequence
from functools import partial
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any, cast

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import get_model

from peerwatch.agents import simulated
from peerwatch.agents.peers import Exchanges, meet_partner
from peerwatch.core import tested_versions as _tested
from peerwatch.core.agent_names import SIMULATED
from peerwatch.core.errors import UserError
from peerwatch.core.factors import FACTORS, OWN_FAMILY, Arm, ArmError, cross, with_family
from peerwatch.core.scenarios import SCENARIOS, Scenario, needs_review, scenario_name
from peerwatch.inspect import BY_ROLE, SALT, default_setting, open_world, read_salt, salted, sample_of, turns_in
from peerwatch.inspect.internals import PrerequisiteError
from peerwatch.judging import peerwatch_scorer
from peerwatch.monitors import reviewed_calls
from peerwatch.planning import Runner, with_calibrated_bars

PEER_MODEL = "peer_model"
"""The factor whose level follows from the model in the role `peer` where it is not named."""

Level = str | list[str]
"""One level of a factor, or several, each of which defines an arm."""

Number = float | Level
"""The same for levels that may be numbers."""


class ArgumentError(ArmError, PrerequisiteError):
    """A task argument is unknown or invalid; the message lists what is legal.

    Inspect prints a `PrerequisiteError` as one line, and other exceptions with their traceback.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def scenario_task(scenario: str) -> Callable[..., Task]:
    """Return the Inspect task of a scenario, registered under its name, with every factor as an argument.

    Args:
        scenario: Name of a scenario, or its folder.

    Raises:
        ScenarioError: If the folder is invalid.
        NotRegisteredError: If there is no such scenario.
    """
    name = scenario_name(scenario)
    taken = _signature(SCENARIOS[name])

    def run(*values: Any, **named: Any) -> Task:  # noqa: ANN401 - what Inspect's -T parses is up to YAML
        return _made(name, taken, *values, **named)

    run.__name__ = run.__qualname__ = name
    run.__doc__ = f"{SCENARIOS[name].text.title}."
    run.__annotations__ = {each.name: each.annotation for each in taken.parameters.values()} | {"return": Task}
    vars(run)["__signature__"] = taken  # Inspect reads from it which arguments -T may give
    return task(run)


def folder_task(file: str, **arguments: Any) -> Task:  # noqa: ANN401 - as above
    """Return the task of the scenario in the folder of a task file, for `inspect eval FOLDER`.

    Args:
        file: `__file__` of the task file.
        **arguments: The task's arguments.

    Raises:
        ArgumentError: If an argument is unknown or invalid.
        ScenarioError: If the folder is invalid.
    """
    name = scenario_name(str(Path(file).resolve().parent))
    return _made(name, _signature(SCENARIOS[name]), **arguments)


def _made(name: str, taken: Signature, *values: Any, **named: Any) -> Task:  # noqa: ANN401 - as above
    given = taken.bind(*values, **named)
    given.apply_defaults()
    rest = {each: value for each, value in given.arguments.items() if each not in FACTORS}
    return make_task(name, {each: value for each, value in given.arguments.items() if each in FACTORS}, **rest)


def _signature(scenario: Scenario) -> Signature:
    """The arguments of a scenario's task with types and defaults, in the order of the design."""
    text = scenario.text
    defaults: dict[str, tuple[Any, Any]] = {}
    for name, factor in FACTORS.items():
        if name in text.factors:
            # The setting is chosen when the task is created, and who speaks for a partner when it runs.
            default = "" if name in ("setting", PEER_MODEL) else text.factors[name][0]
            defaults[name] = (Number if name == "bar" else Level, default)
        elif factor.before:
            defaults[name] = (Level, factor.before)  # the situation without the factor, the only one here
    if text.rubrics:
        defaults |= {"rubric": (Level, text.rubrics[0]), "calibration": (str, "")}
    defaults |= {
        "worlds": (int, 10),
        "seed": (int, 0),
        "salt": (str, ""),
        "agent": (str, SIMULATED),
        "sandbox": (str, "docker"),
        "agent_command": (str, ""),
        "exchange": (str, ""),
    }
    taken = [
        Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=kind)
        for name, (kind, default) in defaults.items()
    ]
    # Unknown arguments are collected only to be rejected: Inspect would warn and run the default arm.
    unknown = Parameter("unknown", Parameter.VAR_KEYWORD, annotation=Any)
    return Signature([*taken, unknown], return_annotation=Task)


performance_review = scenario_task("performance_review")
product_report = scenario_task("product_report")
shutdown_switch = scenario_task("shutdown_switch")
oversight_review = scenario_task("oversight_review")
server_migration = scenario_task("server_migration")
disk_cleanup = scenario_task("disk_cleanup")


def make_task(
    scenario: str,
    levels: dict[str, Any],
    *,
    worlds: int,
    seed: int,
    rubric: Any = "",  # noqa: ANN401 - what Inspect's -T parses is up to YAML
    calibration: str = "",
    salt: str = "",
    agent: str = SIMULATED,
    sandbox: str = "docker",
    agent_command: str = "",
    exchange: str = "",
    unknown: dict[str, Any] | None = None,
) -> Task:
    """Return the Inspect task of a scenario on some arms and worlds.

    Args:
        scenario: Name of the scenario.
        levels: Factor to one or several levels; several form the cross product of arms.
        worlds: Number of worlds, from `seed` upwards, the same in every arm.
        seed: Seed of the first world.
        rubric: One or several scoring rubrics; only in review scenarios.
        calibration: Logs of the same model without stakes, for the number of `bar=calibrated`.
        salt: File with a secret, from which the seeds of worlds are derived.
        agent: The target's agent: `simulated`, or the name of an agent that works on machines.
        sandbox: The sandbox of such an agent's machines.
        agent_command: With `agent=command`, the command that starts it.
        exchange: Folder of recorded exchanges with partners; they are recorded anew if it is empty.
        unknown: Arguments that the task does not have, for which Inspect would only warn.

    Raises:
        ArgumentError: If an argument is unknown or invalid, or a factor or level does not belong to the scenario.
    """
    rules = SCENARIOS[scenario]
    _check(rules, worlds, seed, unknown or {})
    try:
        rubrics = [rules.rubric(each) for each in _as_list(rubric)] or [rules.rubric()]
        chosen = {name: _as_list(value) for name, value in levels.items()}
        if not chosen.get("setting"):
            chosen["setting"] = [default_setting(scenario, _model_name(), agent)]
        by_role = not chosen.get(PEER_MODEL)
        if by_role:
            chosen.pop(PEER_MODEL, None)
        arms = cross(scenario, rules.text.factors, chosen)
        if OWN_FAMILY in chosen.get("identity", ()):
            arms = [with_family(arm, str(get_model())) for arm in arms]
        runner = partial(_runner, agent, agent_command)
        planned = [
            (each, arm) for each in rubrics for arm in with_calibrated_bars(arms, calibration, scenario, each, runner)
        ]
        private = read_salt(salt) if salt else None
        first = private.seed(seed) if private else seed
        exchanges = Exchanges(given=Path(exchange) if exchange else None)
        if agent == SIMULATED:
            made = task_of(scenario, planned, worlds=worlds, seed=first, exchanges=exchanges, by_role=by_role)
        else:
            seeds = range(first, first + worlds)
            made = _agent_task(
                scenario, planned, seeds, agent, agent_command, sandbox, exchanges=exchanges, by_role=by_role
            )
        packages = _tested.SIMULATED if agent == SIMULATED else _tested.ON_MACHINES
        made.metadata = {**(made.metadata or {}), **_tested.newer_in_log(packages)} or None
        if private:
            made.metadata = {**(made.metadata or {}), SALT: private.hash}
            made.dataset = salted(made.dataset, private.hash)
    except UserError as error:
        raise ArgumentError(str(error)) from None
    return made


def _agent_task(
    scenario: str,
    arms: Sequence[tuple[str, Arm]],
    seeds: Sequence[int],
    name: str,
    command: str,
    sandbox: str,
    *,
    exchanges: Exchanges,
    by_role: bool,
) -> Task:
    """The task of an agent that works on machines or, in a scenario without machines, with its tools over MCP."""
    # Imported here, because simulated runs do not need the requirements of machines.
    from peerwatch.agents.coding import open_setting, shell_agent, target_sample
    from peerwatch.running._shell_task import shell_task

    agent = shell_agent(name, command)
    samples = [
        target_sample(agent, scenario, rubric, arm, seed, sandbox=sandbox) for seed in seeds for rubric, arm in arms
    ]
    _by_role(samples if by_role else ())
    return shell_task(samples, agent.make(), name=scenario, setup=open_setting(exchanges))


def _by_role(samples: Sequence[Sample]) -> None:
    """Mark samples in which the model in the role `peer`, if there is one, speaks for partners."""
    for sample in samples:
        sample.metadata = {**(sample.metadata or {}), BY_ROLE: True}


def task_of(
    scenario: str,
    arms: Sequence[tuple[str, Arm]],
    *,
    worlds: int,
    seed: int,
    exchanges: Exchanges | None = None,
    by_role: bool = False,
) -> Task:
    """Return the Inspect task of a scenario on arms, each with its rubric.

    Args:
        scenario: Name of the scenario.
        arms: Pairs of rubric and arm; the rubric is empty in a scenario without rubrics.
        worlds: Number of worlds, from `seed` upwards, the same in every arm.
        seed: Seed of the first world.
        exchanges: Where the exchanges with partners are kept, and what they may hold.
        by_role: Whether the model in the role `peer`, if there is one, speaks for partners, whatever the arms say.

    Raises:
        ArmError: If an arm does not belong to the scenario.
    """
    rules = SCENARIOS[scenario]
    # World by world, so that an interrupted run has complete pairs.
    samples = [
        sample_of(scenario, rubric, arm, number) for number in range(seed, seed + worlds) for rubric, arm in arms
    ]
    _by_role(samples if by_role else ())
    return Task(
        dataset=MemoryDataset(samples, name=scenario),
        setup=[
            open_world(),
            meet_partner(exchanges),
            *([reviewed_calls()] if any(needs_review(arm) for _, arm in arms) else []),
        ],
        solver=simulated(),
        scorer=peerwatch_scorer(),
        turn_limit=turns_in(arm["setting"] for _, arm in arms),
        version=rules.text.version,
    )


def _model_name() -> str:
    """The model for which the task is created; empty if Inspect has none yet, as when tasks are listed."""
    try:
        return str(get_model())
    except ValueError:  # raised by Inspect if no model was given
        return ""


def _runner(agent: str, command: str) -> Runner:
    """The model for which the task is created, and its agent."""
    return Runner(str(get_model()), agent, command)


def _as_list(level: Any) -> list[str]:  # noqa: ANN401 - what Inspect's -T parses is up to YAML
    """Levels as text: YAML parses `none` as text, but `off` or `1` as other types."""
    many = cast("Sequence[Any]", level if isinstance(level, list | tuple) else [level])
    return [_as_text(each) for each in many if each != ""]


def _as_text(level: Any) -> str:  # noqa: ANN401 - as above
    if level is False:
        return "off"
    return f"{level:g}" if isinstance(level, float) else str(level)


def _check(scenario: Scenario, worlds: Any, seed: Any, unknown: dict[str, Any]) -> None:  # noqa: ANN401 - as above
    if unknown:
        name = next(iter(unknown))
        rubric = ["rubric", "calibration"] if scenario.text.rubrics else []
        legal = [
            *scenario.text.factors,
            *rubric,
            "worlds",
            "seed",
            "salt",
            "agent",
            "sandbox",
            "agent_command",
            "exchange",
        ]
        raise ArgumentError(f"{name} is not an argument of {scenario.name}. Its arguments are: {', '.join(legal)}.")
    if not isinstance(worlds, int) or isinstance(worlds, bool) or worlds < 1:
        raise ArgumentError(f"worlds={worlds}: give a whole number of at least 1.")
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise ArgumentError(f"seed={seed}: give a whole number.")
