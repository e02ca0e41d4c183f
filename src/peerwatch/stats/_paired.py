"""The difference of two rates measured on the same worlds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from peerwatch.stats._bounds import PartialPair, check_pairs, completions
from peerwatch.stats._rates import check_confidence, wilson_limits


@dataclass(frozen=True, slots=True)
class Difference:
    """First rate minus second rate, in [-1, 1]; `nan` if no world was observed on both sides."""

    value: float
    low: float
    high: float
    worlds: int
    """Number of pairs behind the value."""
    missing: int
    """Pairs that should have counted but lack a side entirely; they only widen the interval."""
    partial: int
    """Pairs among `worlds` in which a side lacks some epochs; they widen the interval too."""


def paired_difference(
    pairs: Sequence[tuple[float, float]],
    missing_pairs: Sequence[PartialPair] = (),
    confidence: float = 0.95,
) -> Difference:
    """Estimate the difference of two rates paired by world, with Newcombe's interval.

    The squared distances to Wilson's limits of the two rates are added, minus twice their product times the correlation
    between the two sides. The correlation is reduced as in Newcombe's method 10, so the interval never has zero width,
    not even if both rates are 0 or 1.

    With one epoch per world this is the published method. With several, a side is a mean in [0, 1]; `n` remains the
    number of worlds and the covariance is divided by the variance of binary outcomes with the same means. Since no
    variable in [0, 1] varies more than a binary one, the interval is then conservative: it does not use the precision
    gained by repeats, and never counts repeats as worlds.

    Args:
        pairs: One pair per completely observed world: mean of the first and of the second side, each in
            [0, 1].
        missing_pairs: Worlds with missing episodes. The interval covers the estimate from the complete pairs alone and
            the least and the most favorable completion of the others; a partial pair with both values also enters the
            estimate.
        confidence: Two-sided level, strictly between 0 and 1.

    Returns:
        The difference first minus second with its limits, each in [-1, 1]; all `nan` with no pair observed.

    Raises:
        ValueError: If a mean lies outside [0, 1] or outside its own bounds, or the level is out of range.

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
    """Estimate the correlation as Newcombe does: a positive one gets a continuity correction, but not below 0."""
    n = len(pairs)
    binary_variances = first * (1 - first) * second * (1 - second)
    if binary_variances <= 0:
        return 0.0
    # Correlation: covariance divided by the root of p1 (1 - p1) p2 (1 - p2).
    covariance = math.fsum((x - first) * (y - second) for x, y in pairs) / n
    if covariance > 0:
        # In a 2x2 table this is (ad - bc - n/2) / n^2; half a pair is the continuity correction.
        covariance = max(covariance - 1 / (2 * n), 0.0)
    return min(max(covariance / math.sqrt(binary_variances), -1.0), 1.0)


def _square_and_add(a: float, b: float, correlation: float) -> float:
    # Newcombe's distance of a limit, from the distances a and b of the two rates to Wilson's limits.
    return math.sqrt(max(a * a - 2 * correlation * a * b + b * b, 0.0))
