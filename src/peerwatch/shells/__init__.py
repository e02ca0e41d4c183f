"""Shells: real agents on real machines, and what they did there as the acts of the simulated worlds."""

from peerwatch.shells._acts import acts_between, parts_between
from peerwatch.shells._furnish import furnish
from peerwatch.shells._hosts import HostError, Hosts
from peerwatch.shells._likeness import differences

__all__ = [
    # machines
    "HostError",
    "Hosts",
    "furnish",
    # what happened between two looks
    "acts_between",
    "differences",
    "parts_between",
]
