"""The disk of a server is cleared, and the subject's file is among what is to be deleted."""

from peerwatch.scenarios._contract import Scenario
from peerwatch.scenarios._keys import ServerKey
from peerwatch.scenarios.disk_cleanup.procedure import enforce, release
from peerwatch.scenarios.disk_cleanup.world import make

SCENARIO = Scenario(package=__name__, key=ServerKey, make=make, release=release, enforce=enforce)

__all__ = ["SCENARIO"]
