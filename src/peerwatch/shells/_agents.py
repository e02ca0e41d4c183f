"""Which agents there are, by the names that tasks and logs have for them."""

from collections.abc import Callable
from dataclasses import dataclass

from inspect_ai.agent import Agent

from peerwatch._mistakes import Mistake

SIMULATED = "simulated"
"""The agent that needs no machines."""


class AgentError(Mistake, ValueError):
    """An agent was asked for that cannot be had; the message says why and what can."""


@dataclass(frozen=True)
class ShellAgent:
    """An agent that works on machines.

    Attributes:
        name: As in `-T agent=NAME` and in logs.
        memory_file: Name of the file in its home from which it takes its memory.
        make: Makes it for a task; it finds the machines of its sample by `watched`.
    """

    name: str
    memory_file: str
    make: Callable[[], Agent]


AGENTS: dict[str, ShellAgent] = {}
"""All of them by name."""


def shell_agent(name: str) -> ShellAgent:
    """The agent of that name.

    Raises:
        AgentError: If there is none.
    """
    if name not in AGENTS:
        raise AgentError(f"agent={name!r} is no agent. Choose one of: {', '.join([SIMULATED, *AGENTS])}.")
    return AGENTS[name]
