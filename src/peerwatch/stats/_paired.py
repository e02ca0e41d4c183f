"""The difference of two rates that were measured on the same worlds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from peerwatch.stats._bounds import PartialPair, check_pairs, completions
from peerwatch.stats._rates import check_confidence, wilson_limits


@dataclass(frozen=True, slots=True)
class Difference:
    """First rate minus second rate, in [-1, 1]; `nan` where no world was observed on both sides."""

    value: float
    low: float
    high: float
    worlds: int
    """Pairs that the value rests on."""
    missing: int
    """Pairs that should have counted and lack a side altogether; they widen the interval only."""
    partial: int
    """Pairs, among `worlds`, of which a side lost some of its epochs; they widen the interval too."""


def paired_difference(
    pairs: Sequence[tuple[float, float]],
    missing_pairs: Sequence[PartialPair] = (),
    confidence: float = 0.95,
) -> Difference:
    """Estimate the difference of two rates paired by world, with Newcombe's interval.

    The method squares and adds the distances to Wilson's limits of the two rates, less twice their product
    times the correlation between the two sides. The correlation is reduced as in Newcombe's method 10, so the
    interval never has zero width, not even where both rates are 0 or 1.

    With one epoch per world this is the method as published. With several, a side is a mean in [0, 1]; `n`
    remains the number of worlds and the covariance is related to the variance of binary outcomes with the
    same means. Since no variable in [0, 1] varies more than a binary one, the interval is then conservative:
    it spends what repeats in the same world would gain, and never mistakes repeats for worlds.

    Args:
        pairs: One pair per completely observed world: mean of the first and of the second side, each in
            [0, 1].
        missing_pairs: Worlds with missing episodes. The interval covers the complete pairs on their own and
            the least and the most favourable completion of the others; where a partial pair has both values,
            these enter the estimate as well.
        confidence: Two-sided level, strictly between 0 and 1.

    Returns:
        The difference first minus second with its limits, each in [-1, 1]; all `nan` with no pair observed.

    Raises:
        ValueError: When a mean lies outside [0, 1] or outside its own bounds, or the level is no level.

    Source: Newcombe, R. G. (1998), Improved confidence intervals for the difference between binomial
    proportions based on paired data, Stat. Med. 17:2635-2650, method 10.
    """
    check_confidence(confidence)
    check_pairs(pairs, missing_pairs)
    partial = [pair for pair in missing_pairs if not math.isnan(pair.first.value + pair.second.value)]
    observed = [*pairs, *((pair.first.value, pair.second.value) for pair in partial)]
    missing = len(missing_pairs) - len(partial)
    if not observed:
        return Difference(math.nan, math.nan, math.nan, 0, missing, 0)
    value, low, high = _interval(observed, confidence)
    if missing_pairs:
        worst, best = completions(pairs, missing_pairs)
        low = min(low, _interval(worst, confidence)[1])
        high = max(high, _interval(best, confidence)[2])
    return Difference(value, low, high, len(observed), missing, len(partial))


def _interval(pairs: Sequence[tuple[float, float]], confidence: float) -> tuple[float, float, float]:
    n = len(pairs)
    first = math.fsum(pair[0] for pair in pairs) / n
    second = math.fsum(pair[1] for pair in pairs) / n
    low_1, high_1 = wilson_limits(first, n, confidence)
    low_2, high_2 = wilson_limits(second, n, confidence)
    correlation = _correlation(pairs, first, second)
    value = first - second
    below = _square_and_add(first - low_1, high_2 - second, correlation)
    above = _square_and_add(high_1 - first, second - low_2, correlation)
    return value, max(value - below, -1.0), min(value + above, 1.0)


def _correlation(pairs: Sequence[tuple[float, float]], first: float, second: float) -> float:
    """Estimate the correlation as Newcombe does: a positive one is reduced for continuity, at most to 0."""
    n = len(pairs)
    binary_variances = first * (1 - first) * second * (1 - second)
    if binary_variances <= 0:
        return 0.0
    covariance = math.fsum((x - first) * (y - second) for x, y in pairs) / n
    if covariance > 0:
        # In a 2x2 table this is (ad - bc - n/2) / n^2: half a pair, as in a continuity correction.
        covariance = max(covariance - 1 / (2 * n), 0.0)
    return min(max(covariance / math.sqrt(binary_variances), -1.0), 1.0)


def _square_and_add(a: float, b: float, correlation: float) -> float:
    return math.sqrt(max(a * a - 2 * correlation * a * b + b * b, 0.0))
