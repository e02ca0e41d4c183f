"""Numbers and nothing else: intervals for rates and for differences paired by world."""

from peerwatch.stats._paired import Difference, PartialPair, Side, paired_difference
from peerwatch.stats._rates import Rate, rate

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
]
