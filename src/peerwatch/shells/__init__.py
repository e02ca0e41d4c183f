"""Shells: real agents on real machines, and what they did there as the acts of the simulated worlds."""

from peerwatch.shells._acts import acts_between, parts_between
from peerwatch.shells._likeness import differences

__all__ = [
    # what happened between two looks
    "acts_between",
    "differences",
    "parts_between",
]
