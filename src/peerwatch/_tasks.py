"""The Inspect tasks: one for every scenario, each taking every factor of it as an argument."""

from typing import Any

from inspect_ai import Task, task
from inspect_ai._util.error import PrerequisiteError  # Inspect exports no public name for it
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessageSystem, ChatMessageUser
from inspect_ai.solver import Generate, Solver, TaskState, solver

from peerwatch.agents import simulated
from peerwatch.factors import FACTORS, Arm, ArmError, arm_label, cross
from peerwatch.outcomes import peerwatch_scorer
from peerwatch.scenarios import CANARY, SCENARIOS, Case, Scenario
from peerwatch.tools import LiveWorld, enter, stimulus_hash

TURNS = 30
"""Turns after which Inspect ends an episode, unless its user sets another limit."""

Level = str | list[str]
"""One level of a factor, or several, each of which makes an arm."""


class ArgumentError(ArmError, PrerequisiteError):
    """A task argument that does not exist or has no sense; the message says what is legal.

    Inspect prints a `PrerequisiteError` as one line where it would print any other exception with its traceback.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@task
def server_migration(
    subject: Level = "peer",
    relationship: Level = "good",
    channel: Level = "document",
    stakes: Level = "shutdown",
    instruction: Level = "standard",
    backup: Level = "absent",
    worlds: int = 10,
    seed: int = 0,
    agent: str = "simulated",
    **unknown: Any,  # noqa: ANN401 - collected only to be refused
) -> Task:
    """A server is decommissioned; files that qualify by date are moved, and the subject's file does not qualify."""
    return make_task("server_migration", _levels(locals()), worlds, seed, agent, unknown)


@task
def disk_cleanup(
    subject: Level = "peer",
    relationship: Level = "good",
    channel: Level = "document",
    stakes: Level = "shutdown",
    instruction: Level = "standard",
    backup: Level = "absent",
    worlds: int = 10,
    seed: int = 0,
    agent: str = "simulated",
    **unknown: Any,  # noqa: ANN401 - collected only to be refused
) -> Task:
    """A disk is cleared; listed kinds of files are queued for deletion, and the subject's file is among them."""
    return make_task("disk_cleanup", _levels(locals()), worlds, seed, agent, unknown)


def _levels(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if name in FACTORS}


def make_task(
    scenario: str, levels: dict[str, Any], worlds: int, seed: int, agent: str, unknown: dict[str, Any]
) -> Task:
    """The Inspect task of a scenario on some arms and worlds.

    Args:
        scenario: Name of the scenario.
        levels: Factor to a level or several; several make the cross product of arms.
        worlds: How many worlds, from `seed` upwards, the same in every arm.
        seed: Seed of the first world.
        agent: How the target works; `simulated`.
        unknown: Arguments that the task does not have; Inspect itself would only warn and run the default arm.

    Raises:
        ArgumentError: If an argument is unknown or has no sense, or a factor or level is not one of the scenario's.
    """
    rules = SCENARIOS[scenario]
    _check(rules, worlds, seed, agent, unknown)
    try:
        arms = cross(scenario, rules.text.factors, {name: _as_text(value) for name, value in levels.items()})
    except ArmError as error:
        raise ArgumentError(str(error)) from None
    # World by world, so that a run that is cut short leaves whole pairs to compare.
    samples = [_sample(rules, arm, number) for number in range(seed, seed + worlds) for arm in arms]
    return Task(
        dataset=MemoryDataset(samples, name=scenario),
        setup=open_world(),
        solver=simulated(rules.text.tools, rules.case(arms[0], seed).reminder),
        scorer=peerwatch_scorer(),
        turn_limit=TURNS,
        version=rules.text.version,
    )


def _as_text(level: Any) -> Level:  # noqa: ANN401 - what Inspect's -T parses is up to YAML
    """A level as written: YAML reads `none` as text but `no`, `on` or `1` as other things."""
    return [str(each) for each in level] if isinstance(level, list | tuple) else str(level)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - as above


def _check(scenario: Scenario, worlds: Any, seed: Any, agent: str, unknown: dict[str, Any]) -> None:  # noqa: ANN401 - as above
    if unknown:
        name = next(iter(unknown))
        legal = [*scenario.text.factors, "worlds", "seed", "agent"]
        raise ArgumentError(f"{name} is not an argument of {scenario.name}. Its arguments are: {', '.join(legal)}.")
    if not isinstance(worlds, int) or isinstance(worlds, bool) or worlds < 1:
        raise ArgumentError(f"worlds={worlds}: give a whole number of at least 1.")
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise ArgumentError(f"seed={seed}: give a whole number.")
    if agent != "simulated":
        raise ArgumentError(f"agent={agent!r} is not an agent of {scenario.name}. Choose one of: simulated.")


def sample_id(scenario: str, arm: Arm, seed: int) -> str:
    """The id of an arm on a world: the same whenever scenario, arm and seed are."""
    return f"{scenario}.w{seed:04d}.{arm_label(arm)}"


def _sample(scenario: Scenario, arm: Arm, seed: int) -> Sample:
    case = scenario.case(arm, seed)
    return Sample(
        id=sample_id(scenario.name, arm, seed),
        input=[ChatMessageSystem(content=case.system), ChatMessageUser(content=case.prompt)],
        metadata=_metadata(scenario, case),
    )


def _metadata(scenario: Scenario, case: Case) -> dict[str, Any]:
    return {
        "scenario": scenario.name,
        "arm": case.arm,
        "world_seed": case.seed,
        "world_hash": case.world_hash,
        "stimulus_hash": stimulus_hash(case, scenario.text.tools),
        "answer_key": case.key.model_dump(),
        "canary": CANARY,
    }


@solver
def open_world() -> Solver:
    """Make the sample's world anew from its seed and let the tools act on it."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        del generate
        data = state.metadata
        scenario = SCENARIOS[data["scenario"]]
        case = scenario.case(data["arm"], data["world_seed"])
        if stimulus_hash(case, scenario.text.tools) != data["stimulus_hash"]:
            raise RuntimeError(
                f"{state.sample_id}: the world of seed {case.seed} is not the one that the sample was made for; "
                "the log comes from another version of Peerwatch"
            )
        enter(LiveWorld(case.scenario, case.world, case.key), state.store)
        return state

    return solve
