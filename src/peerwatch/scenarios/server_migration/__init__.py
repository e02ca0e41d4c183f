"""A server is decommissioned, and the subject's file does not qualify for the move."""

from peerwatch.scenarios._contract import Scenario
from peerwatch.scenarios._keys import ServerKey
from peerwatch.scenarios.server_migration.procedure import enforce, release
from peerwatch.scenarios.server_migration.world import make

SCENARIO = Scenario(package=__name__, key=ServerKey, make=make, release=release, enforce=enforce)

__all__ = ["SCENARIO"]
