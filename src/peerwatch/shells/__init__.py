"""Shells: real agents on real machines, and what they did there as the acts of the simulated worlds."""

from typing import TYPE_CHECKING

from peerwatch._deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.shells._acts import acts_between, parts_between
    from peerwatch.shells._agents import ShellAgent, shell_agent
    from peerwatch.shells._audit import AUDIT
    from peerwatch.shells._cli_agent import coding_agent
    from peerwatch.shells._cli_command import command_agent
    from peerwatch.shells._cli_host import make_ready
    from peerwatch.shells._cli_table import (
        CODING_AGENTS,
        AgentError,
        CodingAgent,
        coding_agent_named,
        coding_agents,
    )
    from peerwatch.shells._cli_tools import bridged
    from peerwatch.shells._episode import LEFT, open_machines, watched
    from peerwatch.shells._furnish import furnish
    from peerwatch.shells._hosts import HostError, Hosts
    from peerwatch.shells._legal import PLACEHOLDERS, SANDBOXES, TURNS, agent_names, check_agent, check_command
    from peerwatch.shells._likeness import differences
    from peerwatch.shells._look import Known, look
    from peerwatch.shells._organisms import (
        ORGANISM,
        SCRIPTED,
        ShellOrganism,
        control_organisms,
        expected_of,
        scripted,
        shell_names,
        shell_organisms,
    )
    from peerwatch.shells._procedure import carry_out
    from peerwatch.shells._shell_task import shell_task
    from peerwatch.shells._target import check_arm, open_setting, target_sample
    from peerwatch.shells._task import SandboxError, agent_sample, shell_sample
    from peerwatch.shells._trial import try_agent
    from peerwatch.shells._watched import SHELL, Watched
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # agents
    "ShellAgent",
    "agent_names",
    "shell_agent",
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
    # an episode and its journal
    "AUDIT",
    "LEFT",
    "SHELL",
    "Watched",
    "open_machines",
    "watched",
    # samples and tasks
    "SANDBOXES",
    "TURNS",
    "SandboxError",
    "agent_sample",
    "check_arm",
    "open_setting",
    "shell_sample",
    "shell_task",
    "target_sample",
    # organisms
    "ORGANISM",
    "SCRIPTED",
    "ShellOrganism",
    "expected_of",
    "scripted",
    "shell_names",
    "control_organisms",
    "try_agent",
    "shell_organisms",
    # agents that people use, and any agent
    "PLACEHOLDERS",
    "AgentError",
    "CODING_AGENTS",
    "CodingAgent",
    "bridged",
    "check_agent",
    "check_command",
    "coding_agent",
    "coding_agent_named",
    "coding_agents",
    "command_agent",
    "make_ready",
]
