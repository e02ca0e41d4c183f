"""The Inspect task of a study's model."""

from typing import TYPE_CHECKING, Any

from inspect_ai import SampleSource, Task
from inspect_ai.model import Model
from inspect_ai.solver import Solver

from peerwatch.agents import simulated
from peerwatch.inspect import interrupted_after, open_world
from peerwatch.judging import peerwatch_scorer

if TYPE_CHECKING:
    from peerwatch.agents.coding import ShellAgent


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
    """Return the Inspect task of a study's model: samples of any scenarios, in sequence.

    Args:
        source: Provides samples from `sample_of`, or from `target_sample` for an agent.
        model: Name of the model.
        name: Name of the task in logs.
        turns: Turn limit of an episode.
        loop: Number of consecutive turns without anything new after which it ends; agents on machines decide that
            themselves.
        seconds: Time limit of the target; `None` for no limit.
        metadata: Metadata of the logs.
        agent: The model's agent; `None` for the simulated one.
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


def _opened() -> Solver:
    from peerwatch.agents.coding import open_setting

    return open_setting()
