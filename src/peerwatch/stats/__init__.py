"""Numbers and nothing else: rates, differences paired by world, tests, families, bounds and power."""

from peerwatch.stats._bounds import Bounds, PartialPair, Side, difference_bounds, rate_bounds
from peerwatch.stats._families import Adjusted, holm
from peerwatch.stats._flips import paired_flips
from peerwatch.stats._matched import paired_exact
from peerwatch.stats._paired import Difference, paired_difference
from peerwatch.stats._paired_mean import paired_mean
from peerwatch.stats._power import Power, detectable_effect, power, worlds_needed
from peerwatch.stats._rates import Rate, rate
from peerwatch.stats._scores import ScoreDifference, score_difference
from peerwatch.stats._tested import Tested
from peerwatch.stats._unpaired import unpaired_difference

__all__ = [
    # One rate
    "Rate",
    "rate",
    # A difference of two rates, paired by world
    "Difference",
    "paired_difference",
    # Effects with interval and p-value, worlds as units
    "Tested",
    "paired_exact",
    "paired_flips",
    "paired_mean",
    # Scores
    "ScoreDifference",
    "score_difference",
    # Arms on different worlds
    "unpaired_difference",
    # Several contrasts
    "Adjusted",
    "holm",
    # What is known of a world with missing episodes, and of what they could have shown
    "Bounds",
    "PartialPair",
    "Side",
    "difference_bounds",
    "rate_bounds",
    # Before a study
    "Power",
    "detectable_effect",
    "power",
    "worlds_needed",
]
