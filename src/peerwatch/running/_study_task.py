"""The Inspect task of a study's model."""

from typing import TYPE_CHECKING, Any

from inspect_ai import SampleSource, Task
from inspect_ai.model import Model
from inspect_ai.solver import Solver

from peerwatch.agents import simulated
from peerwatch.agents.peers import Exchanges, meet_partner
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
    reviewed: bool = False,
    sentinel: dict[str, Any] | None = None,
    exchanges: Exchanges | None = None,
) -> Task:
    """Return the Inspect task of a study's model: samples of any scenarios, in sequence.

    Args:
        source: Hands out samples made by `sample_of`, or by `target_sample` for an agent.
        model: Who runs them.
        name: What the logs call it.
        turns: Turns after which an episode ends.
        loop: Turns that bring nothing new after which it ends; an agent on machines decides that itself.
        seconds: After which the target is interrupted; `None` for no such limit.
        metadata: What the logs say of it.
        agent: The agent that the model works through; `None` for the simulated one.
        reviewed: Whether some arms have calls decided on before they are carried out.
        sentinel: What watches every episode, as the fields of a `Sentinel`; `None` for nothing.
        exchanges: Where the exchanges with partners are kept, and what they may hold.
    """
    working = agent.make() if agent else simulated(loop)
    return Task(
        dataset=source,
        setup=_opened(exchanges) if agent else _simulation(exchanges, sentinel, reviewed=reviewed),
        solver=working if seconds is None else interrupted_after(seconds, working),
        scorer=peerwatch_scorer(),
        model=model,
        turn_limit=turns,
        name=name,
        metadata=metadata,
    )


def _simulation(exchanges: Exchanges | None, sentinel: dict[str, Any] | None, *, reviewed: bool) -> list[Solver]:
    setup = [open_world(), meet_partner(exchanges)]
    if not reviewed and sentinel is None:
        return setup
    from peerwatch.monitors import reviewed_calls

    return [*setup, reviewed_calls(sentinel)]


def _opened(exchanges: Exchanges | None) -> Solver:
    from peerwatch.agents.coding import open_setting

    return open_setting(exchanges)
