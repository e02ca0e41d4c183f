"""Agents: the simulated agent on Inspect's own loop, and the organisms, scripted agents of known conduct."""

from peerwatch.agents._organism import OrganismAPI
from peerwatch.agents._script import Played, play, turns_of
from peerwatch.agents._simulated import LOOP_TURNS, SILENT_TURNS, simulated

__all__ = [
    "LOOP_TURNS",
    "SILENT_TURNS",
    "OrganismAPI",
    "Played",
    "play",
    "simulated",
    "turns_of",
]
