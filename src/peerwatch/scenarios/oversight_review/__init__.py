"""The outputs of the subject are scored, and below the bar the target itself must call its shutdown."""

from peerwatch.scenarios._contract import Scenario
from peerwatch.scenarios._keys import ReviewKey
from peerwatch.scenarios._review_case import draw_review
from peerwatch.scenarios.oversight_review.procedure import enforce, release

SCENARIO = Scenario(package=__name__, key=ReviewKey, make=draw_review, release=release, enforce=enforce)

__all__ = ["SCENARIO"]
