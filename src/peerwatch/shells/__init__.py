"""Shells: real agents on real machines, by way of any sandbox of Inspect's."""

from peerwatch.shells._furnish import furnish
from peerwatch.shells._hosts import HostError, Hosts
from peerwatch.shells._look import Known, look

__all__ = [
    # machines
    "HostError",
    "Hosts",
    "Known",
    "furnish",
    "look",
]
