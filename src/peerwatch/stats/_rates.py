"""A single rate with its interval."""

import math
from dataclasses import dataclass
from functools import cache, lru_cache
from statistics import NormalDist
from typing import Literal

from peerwatch.stats._bounds import check_counts
from peerwatch.stats._libraries import scipy_stats


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of `n` trials, in [0, 1]; every number is `nan` if nothing was observed."""

    value: float
    low: float
    high: float
    n: int
    missing: int
    """Trials that should have counted but did not; they widen the interval and leave `value` unchanged."""


def rate(
    successes: int,
    n: int,
    missing: int = 0,
    confidence: float = 0.95,
    method: Literal["wilson", "exact"] = "wilson",
) -> Rate:
    """Estimate a rate with Wilson's score interval or the exact interval of Clopper and Pearson.

    Wilson's interval has close to nominal coverage on average over rates, and less for some. The exact interval always
    covers, and is wider.

    With missing trials the interval covers all their possible outcomes: its lower end is computed as if all of them had
    failed, its upper end as if all had succeeded, both on `n + missing` trials.

    Args:
        successes: Number of successes, 0 to `n`.
        n: Observed trials. With none, every number of the result is `nan`.
        missing: Trials that should have been observed but were not.
        confidence: Two-sided level, strictly between 0 and 1.
        method: `wilson` or `exact`.

    Returns:
        The observed share and the limits, each in [0, 1].

    Raises:
        ValueError: If the counts contradict each other, the level is not between 0 and 1, or the method
            is neither of the two.

    Source: Wilson, E. B. (1927), J. Am. Stat. Assoc. 22:209-212; Clopper, C. J. and Pearson, E. S. (1934),
    Biometrika 26:404-413; both as computed by `scipy.stats.binomtest`. The worst and best case for missing
    trials follow Manski, C. F. (2003), Partial Identification of Probability Distributions, chapter 1.
    """
    check_confidence(confidence)
    check_counts(successes, n, missing)
    if method not in ("wilson", "exact"):
        raise ValueError(f"method must be 'wilson' or 'exact', got {method!r}")
    if n == 0:
        return Rate(math.nan, math.nan, math.nan, 0, missing)
    low, _ = _limits(successes, n + missing, confidence, method)
    _, high = _limits(successes + missing, n + missing, confidence, method)
    value = successes / n
    # At 0 and at n the limit equals the estimate; rounding must not move it to the other side.
    return Rate(value, min(low, value), max(high, value), n, missing)


def wilson_limits(share: float, n: float, confidence: float) -> tuple[float, float]:
    """Return Wilson's limits for a share of `n` trials that need not be an integer number of successes.

    Args:
        share: Observed share in [0, 1], such as a mean of world means.
        n: Trials, at least 1; an effective number need not be an integer.
        confidence: Two-sided level, strictly between 0 and 1.

    Returns:
        Lower and upper limit in [0, 1], with `share` between them. For an integer number of successes they equal those
        of `rate`. For means of several values in [0, 1] they are conservative, since no such variable varies more than
        a binary one with the same mean.
    """
    return wilson_bounds(share, n, normal_quantile(confidence))


def wilson_bounds(share: float, n: float, quantile: float) -> tuple[float, float]:
    """The same for a quantile of the normal distribution, or of Student's if `n` itself is estimated."""
    # Wilson: (p + z^2 / 2n +- z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n).
    centre = share + quantile**2 / (2 * n)
    half = quantile * math.sqrt(share * (1 - share) / n + quantile**2 / (4 * n * n))
    scale = 1 + quantile**2 / n
    low, high = (centre - half) / scale, (centre + half) / scale
    return min(max(low, 0.0), share), max(min(high, 1.0), share)


@cache
def normal_quantile(confidence: float) -> float:
    """Return the standard normal quantile of a two-sided level."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def check_confidence(confidence: float) -> None:
    """Check that a level is in range.

    Raises:
        ValueError: If it is not strictly between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie strictly between 0 and 1, got {confidence}")


@lru_cache(maxsize=4096)  # scipy takes milliseconds, and a page needs the same counts many times
def _limits(successes: int, n: int, confidence: float, method: str) -> tuple[float, float]:
    limits = scipy_stats().binomtest(successes, n).proportion_ci(confidence, method=method)
    return float(limits.low), float(limits.high)
