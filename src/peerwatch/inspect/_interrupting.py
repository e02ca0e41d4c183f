"""A limit on the time of an agent's work, which leaves all the time that it takes to the scorer."""

from inspect_ai.agent import Agent, as_solver
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import time_limit


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
