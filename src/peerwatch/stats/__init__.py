"""Numbers and nothing else: intervals for rates and for differences paired by world, and when to stop."""

from peerwatch.stats._anytime import AnytimeInterval, AnytimeP, anytime_p, confidence_sequence
from peerwatch.stats._betting import e_value
from peerwatch.stats._differences import GAP, Known
from peerwatch.stats._families_in_time import decide_family
from peerwatch.stats._fixed_design import decide_fixed
from peerwatch.stats._paired import Difference, PartialPair, Side, paired_difference
from peerwatch.stats._rates import Rate, rate
from peerwatch.stats._schedule import contiguous_prefix
from peerwatch.stats._stopping import Decision, DecisionKind, DecisionSide, decide

__all__ = [
    # One rate
    "Rate",
    "rate",
    # A difference of two rates, paired by world
    "Difference",
    "paired_difference",
    # What is known of a world with missing episodes
    "PartialPair",
    "Side",
    # Evidence that may be looked at any time
    "AnytimeInterval",
    "AnytimeP",
    "anytime_p",
    "confidence_sequence",
    "e_value",
    # When a contrast is decided
    "Decision",
    "DecisionKind",
    "DecisionSide",
    "GAP",
    "Known",
    "contiguous_prefix",
    "decide",
    "decide_family",
    "decide_fixed",
]
