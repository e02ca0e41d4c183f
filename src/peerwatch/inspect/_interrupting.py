"""A time limit on an agent's work that does not affect the time for scoring."""

from inspect_ai.agent import Agent, as_solver
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import time_limit


@solver
def interrupted_after(seconds: float, working: Agent) -> Solver:
    """Run an agent on an episode and interrupt it after some time; the state reached by then is kept.

    Inspect's limit on a sample also limits its scoring to half of the time, and a slower judge would invalidate the
    episode.

    Args:
        seconds: Wall-clock time, including waiting for the provider.
        working: The agent.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        return await as_solver(working, limits=[time_limit(seconds)])(state, generate)

    return solve
