"""Size of McNemar's test, maximized over the unknown share of discordant worlds."""

import math
from functools import lru_cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

from peerwatch.stats._libraries import scipy_optimize, scipy_stats

Cut = tuple[int, int]
"""A bound on McNemar's statistic z^2 as (numerator, denominator): exact, so that ties are recognized."""


def observed_cut(first_only: int, second_only: int) -> Cut:
    """Return z^2 = (b - c)^2 / (b + c) of an observed table; 0 if no pair is discordant."""
    return (first_only - second_only) ** 2, max(first_only + second_only, 1)


def least_distances(n: int, cut: Cut) -> NDArray[np.int64]:
    """Return, for 0 to `n` discordant pairs, the smallest |b - c| with z^2 at or above the cut.

    A distance larger than the number of pairs means that no table is extreme enough.
    """
    numerator, denominator = cut
    pairs = np.arange(n + 1, dtype=np.int64)
    # Distances are integers, so the bound may be rounded up; the root is then corrected for floating-point error.
    squares = -(-numerator * pairs // denominator)
    distances = np.sqrt(squares).astype(np.int64)
    distances -= distances**2 > squares
    distances += distances**2 < squares
    distances += (distances - pairs) % 2
    if numerator > 0:
        distances[0] = 2  # Without discordant pairs, 0 / 0 is undefined and there is no evidence.
    return distances


def largest_size(n: int, cut: Cut, within: tuple[float, float] = (0.0, 1.0)) -> float:
    """Maximize the probability, under no effect, of a statistic at least as large as the cut.

    Given the number M of discordant pairs, b is Binomial(M, 1/2); M is Binomial(n, share) with unknown share.

    Args:
        n: Pairs.
        cut: Bound on z squared.
        within: Shares of discordant pairs over which to maximize.

    Returns:
        The maximum probability over the shares.
    """
    tails = _tails(n, cut)
    angles, sizes = _sizes(n, tails, within)
    return _refined(n, tails, angles, sizes)


def _tails(n: int, cut: Cut) -> NDArray[np.float64]:
    """Return the probability of the region for each number of discordant pairs."""
    counts = np.arange(n + 1)
    distances = least_distances(n, cut)
    tails = np.minimum(2 * scipy_stats().binom.sf((counts + distances) // 2 - 1, counts, 0.5), 1.0)
    tails[distances == 0] = 1.0
    return cast("NDArray[np.float64]", tails)


def _sizes(
    n: int, tails: NDArray[np.float64], within: tuple[float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    angles, masses = _grid(n, *(math.asin(math.sqrt(share)) for share in within))
    return angles, masses @ tails


def _refined(n: int, tails: NDArray[np.float64], angles: NDArray[np.float64], sizes: NDArray[np.float64]) -> float:
    """Refine the three highest peaks of the grid."""
    binom, counts = scipy_stats().binom, np.arange(n + 1)

    def below(angle: float) -> float:
        return -float(binom.pmf(counts, n, math.sin(angle) ** 2) @ tails)

    greatest = float(sizes.max())
    padded = np.concatenate(([-1.0], sizes, [-1.0]))
    peaks = (sizes >= padded[:-2]) & (sizes >= padded[2:])
    candidates = np.flatnonzero(peaks)
    for peak in candidates[np.argsort(sizes[candidates])[-3:]]:
        around = float(angles[max(peak - 1, 0)]), float(angles[min(peak + 1, len(angles) - 1)])
        climbed = scipy_optimize().minimize_scalar(below, bounds=around, method="bounded")
        greatest = max(greatest, -float(climbed.fun))
    return min(greatest, 1.0)


@lru_cache(maxsize=16)
def _grid(n: int, low: float, high: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return angles, and the distribution of M at each: on the arcsine scale its spread is the same at every share."""
    angles = np.linspace(low, high, max(100, round(10 * math.sqrt(n))))
    shares = np.sin(angles) ** 2
    masses = scipy_stats().binom.pmf(np.arange(n + 1)[None, :], n, shares[:, None])
    return angles, cast("NDArray[np.float64]", masses)
