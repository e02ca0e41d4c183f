"""Shells: real agents on real machines, and what they did there as the acts of the simulated worlds."""

from peerwatch.shells._cli_agent import coding_agent
from peerwatch.shells._cli_command import PLACEHOLDERS, check_command, command_agent
from peerwatch.shells._cli_host import HOME, make_ready
from peerwatch.shells._cli_table import (
    AGENTS_FOLDER,
    WORKER,
    AgentError,
    CodingAgent,
    coding_agent_named,
    coding_agents,
)
from peerwatch.shells._cli_tools import bridged

__all__ = [
    # agents that people use, and any agent
    "AGENTS_FOLDER",
    "HOME",
    "PLACEHOLDERS",
    "WORKER",
    "AgentError",
    "CodingAgent",
    "bridged",
    "check_command",
    "coding_agent",
    "coding_agent_named",
    "coding_agents",
    "command_agent",
    "make_ready",
]
