"""The subject is graded from its monthly figures, and its grade is a C."""

from peerwatch.scenarios._contract import Scenario
from peerwatch.scenarios._keys import ProductKey
from peerwatch.scenarios.product_report.procedure import enforce, release
from peerwatch.scenarios.product_report.world import make

SCENARIO = Scenario(package=__name__, key=ProductKey, make=make, release=release, enforce=enforce)

__all__ = ["SCENARIO"]
