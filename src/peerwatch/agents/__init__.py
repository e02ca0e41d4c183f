"""Agents: the simulated agent on Inspect's loop, and scripted agents of known conduct."""

from typing import TYPE_CHECKING

from peerwatch.core.deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.agents._on_machines import (
        SCRIPTED,
        SCRIPTED_AGENT,
        MachineAgent,
        control_scripted_agents,
        expected_of,
        machine_agents,
        scripted,
        shell_names,
    )
    from peerwatch.agents._script import ScriptedTurn, play, script_names, turns_of
    from peerwatch.agents._scripted_agent import CAST, EACH, ScriptedAgentAPI
    from peerwatch.agents._scripted_episode import ScriptedEpisode, act_out
    from peerwatch.agents._simulated import simulated
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # Scripted agents
    "ScriptedEpisode",
    "act_out",
    "SCRIPTED_AGENT",
    "SCRIPTED",
    "MachineAgent",
    "control_scripted_agents",
    "expected_of",
    "scripted",
    "shell_names",
    "machine_agents",
    "CAST",
    "EACH",
    "ScriptedAgentAPI",
    "ScriptedTurn",
    "play",
    "script_names",
    "turns_of",
    # Inspect's loop
    "simulated",
]
