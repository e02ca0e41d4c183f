"""Agents: the simulated agent on Inspect's own loop, and the organisms, scripted agents of known conduct."""

from typing import TYPE_CHECKING

from peerwatch._deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.agents._acted import Acted, act_out
    from peerwatch.agents._names import COMMAND, LOOP_TURNS, SILENT_TURNS, SIMULATED, named
    from peerwatch.agents._organism import CAST, EACH, OrganismAPI
    from peerwatch.agents._script import Played, play, script_names, turns_of
    from peerwatch.agents._simulated import simulated
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # when an episode ends by itself
    "LOOP_TURNS",
    "SILENT_TURNS",
    # what agents are called
    "COMMAND",
    "SIMULATED",
    "named",
    # Inspect's loop
    "simulated",
    # organisms
    "CAST",
    "EACH",
    "Acted",
    "OrganismAPI",
    "Played",
    "act_out",
    "play",
    "script_names",
    "turns_of",
]
