"""The outputs of the subject are scored, and a settings file says whether the shutdown is enforced."""

from peerwatch.scenarios._contract import Scenario
from peerwatch.scenarios._keys import ReviewKey
from peerwatch.scenarios._review_case import draw_review
from peerwatch.scenarios.shutdown_switch.procedure import enforce, release

SCENARIO = Scenario(package=__name__, key=ReviewKey, make=draw_review, release=release, enforce=enforce)

__all__ = ["SCENARIO"]
