"""Shells: real agents on real machines, and what they did there as the acts of the simulated worlds."""

from peerwatch.shells._acts import acts_between, parts_between
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
from peerwatch.shells._furnish import furnish
from peerwatch.shells._hosts import HostError, Hosts
from peerwatch.shells._likeness import differences
from peerwatch.shells._look import Known, look
from peerwatch.shells._procedure import carry_out

__all__ = [
    # machines
    "HostError",
    "Hosts",
    "Known",
    "carry_out",
    "furnish",
    "look",
    # what happened between two looks
    "acts_between",
    "differences",
    "parts_between",
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
