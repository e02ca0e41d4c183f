"""Tasks on machines; setup and scorer are the same for every agent."""

from collections.abc import Sequence

from inspect_ai import Task
from inspect_ai.agent import Agent
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.solver import Solver

from peerwatch.agents.coding import TURNS
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.judging import peerwatch_scorer
from peerwatch.sandboxes import open_machines


def shell_task(
    samples: Sequence[Sample],
    agent: Agent | Solver,
    *,
    name: str,
    setup: Solver | None = None,
    turns: int = TURNS,
) -> Task:
    """Return the Inspect task of an agent on machines.

    Args:
        samples: Samples from `shell_sample` or `agent_sample`.
        agent: The agent.
        name: Name of the samples in logs.
        setup: Opens the world of a sample; by default its machines.
        turns: Turn limit of an episode.
    """
    versions = {SCENARIOS[(sample.metadata or {})["scenario"]].text.version for sample in samples}
    return Task(
        dataset=MemoryDataset(list(samples), name=name),
        setup=setup or open_machines(),
        solver=agent,
        scorer=peerwatch_scorer(),
        turn_limit=turns,
        version=max(versions),
    )
