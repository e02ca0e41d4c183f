"""The agents of a plan's targets: the simulated one, or one on machines, which is imported only if needed."""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from inspect_ai.dataset import Sample

from peerwatch.core.factors import Arm
from peerwatch.inspect._samples import sample_of
from peerwatch.planning._model_entries import TargetEntry
from peerwatch.planning._plan import Plan
from peerwatch.records import ended, slot_key

if TYPE_CHECKING:
    from peerwatch.agents.coding import ShellAgent

LONGEST_COMMAND = 80
"""Maximum length of a displayed command, in characters."""

MakeSample = Callable[[str, str, Arm, int], Sample]
"""Makes a sample from scenario, rubric, arm and seed."""


@dataclass(frozen=True)
class TargetSetup:
    """The sample factory and the agent of a target.

    Attributes:
        sample: Makes a sample of its episodes.
        agent: The agent on machines; `None` for the simulated one.
    """

    sample: MakeSample
    agent: "ShellAgent | None" = None


def target_setup(entry: TargetEntry) -> TargetSetup:
    """Return the setup of a target, given its entry in the study."""
    if not entry.in_agent:
        return TargetSetup(sample_of)
    # Imported here, because simulated runs do not need the requirements of machines.
    from peerwatch.agents.coding import shell_agent, target_sample

    agent = shell_agent(entry.agent, entry.agent_command)
    return TargetSetup(partial(target_sample, agent, sandbox=entry.machines), agent)


def agents_left(plan: Plan, folder: Path) -> list[TargetEntry]:
    """Return the models in agents that still have episodes to run.

    Args:
        plan: The study.
        folder: The run's folder with the logs of finished episodes.
    """
    entries = [entry for entry in plan.design.models if entry.in_agent]
    if not entries:
        return []
    done = ended(folder)
    left = {slot.model for slot in plan.slots() if slot_key(slot) not in done}
    return [entry for entry in entries if entry.key in left]


def _short(command: str) -> str:
    return textwrap.shorten(command, LONGEST_COMMAND, placeholder=" …")


def about_agent(entry: TargetEntry) -> str:
    """Return a note for readers about a target's agent; empty for the simulated one."""
    if not entry.in_agent:
        return ""
    from peerwatch.agents.coding import coding_agents

    known = coding_agents().get(entry.agent)
    agent = f"{known.title} {known.version}" if known else f"the agent that `{_short(entry.agent_command)}` starts"
    return (
        f"{entry.name} used {agent}, on machines in the sandbox {entry.machines}. Before the first episode "
        "some scripted agents worked on such machines; `peerwatch validate --shell` runs all of them."
    )
