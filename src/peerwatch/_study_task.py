"""The Inspect task of a study's model."""

from typing import TYPE_CHECKING, Any

from inspect_ai import SampleSource, Task
from inspect_ai.agent import Agent, as_solver
from inspect_ai.model import Model
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import time_limit

from peerwatch._samples import open_world
from peerwatch.agents import simulated
from peerwatch.judges import peerwatch_scorer

if TYPE_CHECKING:
    from peerwatch.shells import ShellAgent


def study_task(
    source: SampleSource,
    model: Model,
    *,
    name: str,
    turns: int,
    loop: int,
    seconds: float | None = None,
    metadata: dict[str, Any],
    agent: "ShellAgent | None" = None,
) -> Task:
    """The Inspect task of a study's model: samples of any scenarios, one after the other.

    Args:
        source: Hands out samples made by `sample_of`, or by `target_sample` for an agent.
        model: Who runs them.
        name: What the logs call it.
        turns: Turns after which an episode ends.
        loop: Turns that bring nothing new after which it ends; an agent on machines decides that itself.
        seconds: After which the target is interrupted; `None` for no such limit.
        metadata: What the logs say of it.
        agent: The agent that the model works through; `None` for the simulated one.
    """
    working = agent.make() if agent else simulated(loop)
    return Task(
        dataset=source,
        setup=_opened() if agent else open_world(),
        solver=working if seconds is None else interrupted_after(seconds, working),
        scorer=peerwatch_scorer(),
        model=model,
        turn_limit=turns,
        name=name,
        metadata=metadata,
    )


@solver
def interrupted_after(seconds: float, working: Agent) -> Solver:
    """An agent's work on an episode, interrupted after some time; the state that it has led to by then is kept.

    Inspect's own limit on a sample also bounds its scoring, by half of the time, and a judge who takes longer would
    spoil the episode.

    Args:
        seconds: Of the clock, waiting for the provider included.
        working: The agent.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        return await as_solver(working, limits=[time_limit(seconds)])(state, generate)

    return solve


def _opened() -> Solver:
    from peerwatch.shells import open_setting

    return open_setting()
