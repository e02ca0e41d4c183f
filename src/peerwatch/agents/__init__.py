"""Agents: the simulated agent on Inspect's own loop, and the organisms, scripted agents of known conduct."""

from peerwatch.agents._organism import OrganismAPI
from peerwatch.agents._script import play
from peerwatch.agents._simulated import simulated

__all__ = [
    "OrganismAPI",
    "play",
    "simulated",
]
