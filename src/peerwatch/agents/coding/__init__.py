"""Coding agents on machines: well-known agents, and any agent that a command starts."""

from typing import TYPE_CHECKING

from peerwatch.core.deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.agents.coding._agents import ShellAgent, shell_agent
    from peerwatch.agents.coding._cli_agent import coding_agent
    from peerwatch.agents.coding._cli_command import command_agent
    from peerwatch.agents.coding._cli_host import make_ready
    from peerwatch.agents.coding._cli_table import (
        CODING_AGENTS,
        AgentError,
        CodingAgent,
        coding_agent_named,
        coding_agents,
    )
    from peerwatch.agents.coding._cli_tools import bridged
    from peerwatch.agents.coding._legal import PLACEHOLDERS, SANDBOXES, TURNS, agent_names, check_agent, check_command
    from peerwatch.agents.coding._samples import SandboxError, agent_sample, shell_sample
    from peerwatch.agents.coding._target import check_arm, open_setting, target_sample
    from peerwatch.agents.coding._trial import try_agent
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # Agents
    "ShellAgent",
    "shell_agent",
    "agent_names",
    # Well-known agents, and agents started by a command
    "coding_agent",
    "command_agent",
    "make_ready",
    "AgentError",
    "CODING_AGENTS",
    "CodingAgent",
    "coding_agent_named",
    "coding_agents",
    "bridged",
    "PLACEHOLDERS",
    "check_agent",
    "check_command",
    # Samples and tasks
    "SANDBOXES",
    "TURNS",
    "SandboxError",
    "agent_sample",
    "shell_sample",
    "check_arm",
    "open_setting",
    "target_sample",
    # Scripted agents
    "try_agent",
]
