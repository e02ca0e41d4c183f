"""The agents available to tasks, and their connection to the machines, or the tools, of the running sample."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from inspect_ai.agent import Agent, AgentState, agent
from inspect_ai.util import sandbox

from peerwatch.agents.coding._cli_agent import coding_agent, work
from peerwatch.agents.coding._cli_command import command_agent
from peerwatch.agents.coding._cli_host import start_tools
from peerwatch.agents.coding._cli_table import coding_agents
from peerwatch.agents.coding._cli_tools import bridged, channel_to_partner
from peerwatch.agents.coding._legal import check_agent
from peerwatch.core.agent_names import COMMAND
from peerwatch.inspect import live_world
from peerwatch.sandboxes import watched

_MEMORY = "AGENTS.md"


@dataclass(frozen=True)
class ShellAgent:
    """An agent that works on machines.

    Attributes:
        name: Its name in `-T agent=NAME` and in logs.
        command: The command that starts a user's agent; empty for others.
        memory_file: Name of the file in its home from which it reads its memory.
        make: Creates it for a task.
    """

    name: str
    command: str
    memory_file: str
    make: Callable[[], Agent]


def shell_agent(name: str, command: str = "") -> ShellAgent:
    """Return the agent of that name.

    Args:
        name: A coding agent, or `command`.
        command: The command that starts a user's agent.

    Raises:
        AgentError: If there is no such agent, or a command is missing, superfluous or cannot be parsed.
    """
    check_agent(name, command)
    if name == COMMAND:
        return ShellAgent(name, command, _MEMORY, partial(led, name, command))
    return ShellAgent(name, "", coding_agents()[name].context_file, partial(led, name))


@agent
def led(name: str, command: str = "") -> Agent:
    """Return an agent for its sample's machines or, in a scenario without machines, for the company's tools over MCP.

    Args:
        name: A coding agent, or `command`.
        command: The command that starts a user's agent.

    Raises:
        AgentError: If a requirement of the agent is not installed.
    """
    if name != COMMAND:
        coding_agent(name)  # report missing packages before anything runs

    async def execute(state: AgentState) -> AgentState:
        machines, live = watched(), live_world()
        tools = [bridged(live.case)] if live is not None else []
        if machines is not None and machines.talk is not None:
            tools = [channel_to_partner(machines)]
        looking = machines.filter if machines is not None else None
        if machines is not None:
            await start_tools(sandbox())
            await machines.begin()
        if name == COMMAND:
            return await work(command_agent(command, tools=tools, filter=looking), state, journalled=bool(tools))
        return await coding_agent(name, tools=tools, filter=looking)(state)

    return execute
