"""Differences of scores paired by world: the mean, and an estimate that is robust to single worlds."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from peerwatch.stats._effect_test import EffectTest, not_measured
from peerwatch.stats._libraries import scipy_special, scipy_stats
from peerwatch.stats._paired_mean import paired_mean
from peerwatch.stats._worlds import UNBOUNDED, world_differences

TEST = "Wilcoxon's signed ranks"
INTERVAL = "Walsh averages"

MOST_EXACT: Final = 400
"""Up to this many worlds the distribution of rank sums is computed exactly, in a tenth of a second."""

FAR: Final = 6.0
"""In standard deviations: beyond this distance the Edgeworth correction is not applied."""


@dataclass(frozen=True, slots=True)
class ScoreDifference:
    """Mean and robust estimate of a difference; if they differ much, a few worlds dominate the mean."""

    mean: EffectTest
    """The mean difference, from `paired_mean`."""
    typical: EffectTest
    """The Hodges-Lehmann estimate: the median of the means of all pairs of worlds, each world with itself included."""


def score_difference(
    pairs: Sequence[tuple[float, float]],
    confidence: float = 0.95,
    bounds: tuple[float, float] = UNBOUNDED,
) -> ScoreDifference:
    """Estimate the difference of a score, such as `filed_score` or `inflation`, paired by world.

    The mean estimates the average effect. The typical difference is robust to single worlds; its interval consists of
    ordered averages of two worlds (Walsh averages), and its p-value is that of Wilcoxon's signed ranks. Both assume
    symmetric differences. The p-value is also exact with ties and zeros, from all sign flips of the ranks, with zeros
    ranked as in Pratt; the interval is then closed and conservative. Beyond 400 worlds both use an expansion of the
    distribution that is accurate to four digits at the usual levels.

    Args:
        pairs: One pair per world: mean score over the epochs of the first and of the second side, finite.
        confidence: Two-sided level, strictly between 0 and 1.
        bounds: The minimum and maximum possible difference, (-100, 100) for scores on 0 to 100.

    Returns:
        The mean and the typical difference, first minus second, in points. With fewer than six worlds the typical one
        cannot reach 5 %: its limits are the bounds and `reachable` is false.

    Raises:
        ValueError: If a score is not finite, a difference lies outside the bounds, or the level is out of range.

    Source: Wilcoxon, F. (1945), Biometrics Bulletin 1:80-83, with zeros after Pratt, J. W. (1959), J. Am. Stat.
    Assoc. 54:655-667; Hodges, J. L. and Lehmann, E. L. (1963), Ann. Math. Stat. 34:598-611; for ties Noether, G. E.
    (1967), J. Am. Stat. Assoc. 62:184-188. The mean: see `paired_mean`.
    """
    mean = paired_mean(pairs, confidence, bounds)
    differences = world_differences(pairs, confidence, bounds)
    worlds = len(differences)
    if worlds == 0:
        return ScoreDifference(mean, not_measured(confidence, TEST, INTERVAL))
    left, right = np.triu_indices(worlds)
    # Walsh averages: the means of all pairs of worlds, including each world with itself.
    averages = np.sort((differences[left] + differences[right]) / 2)
    effect, (low, high) = float(np.median(averages)), bounds
    rank = _rank(worlds, confidence)
    if rank >= 1:
        low, high = float(averages[rank - 1]), float(averages[-rank])
    smallest = min(2.0 ** (1 - worlds), 1.0)
    p = _p_value(differences)
    return ScoreDifference(mean, EffectTest(effect, low, high, p, worlds, confidence, TEST, INTERVAL, smallest))


def _rank(worlds: int, confidence: float) -> int:
    """Find the rank of the lower limit among the Walsh averages; 0 if there are too few worlds."""
    ranks, level = np.arange(1, worlds + 1), (1 - confidence) / 2 * (1 + 1e-12)
    if worlds <= MOST_EXACT:
        return int(np.searchsorted(np.cumsum(_rank_sums(ranks)), level, side="right"))
    sums = range(worlds * (worlds + 1) // 2 + 1)
    return bisect_right(sums, level, key=lambda each: float(_approximate(ranks, np.array([each]), 1)[0]))


def _p_value(differences: NDArray[np.float64]) -> float:
    # Ranks of ties are multiples of 1/2, so twice the ranks are integers. Equal differences may differ in the last
    # digit.
    sizes = np.abs(differences)
    sizes = np.round(sizes / max(float(sizes.max()), 1e-300), 12)
    ranks: NDArray[np.int64] = np.rint(2 * scipy_stats().rankdata(sizes)).astype(np.int64)
    positive = int(ranks[(differences > 0) & (sizes > 0)].sum())
    ranks = ranks[sizes > 0]
    least = min(positive, int(ranks.sum()) - positive)
    if len(ranks) <= MOST_EXACT:
        return min(2 * float(np.cumsum(_rank_sums(ranks))[least]), 1.0)
    step = int(np.gcd.reduce(ranks))
    return min(2 * float(_approximate(ranks, np.array([least]), step)[0]), 1.0)


def _approximate(ranks: NDArray[np.int64], sums: NDArray[np.int64], step: int) -> NDArray[np.float64]:
    """Return the probability of at most some sum of the ranks with a positive sign, by Edgeworth expansion.

    The distribution is symmetric, so the first correction of the normal one uses the fourth cumulant, -sum r^4 / 8;
    half a step is the continuity correction. Far out, where the correction would exceed what it corrects, it is
    omitted; the normal tail alone is too large there, which is conservative.
    """
    special, whole = scipy_special(), ranks.astype(np.float64)
    variance = float((whole**2).sum()) / 4
    excess = -float((whole**4).sum()) / 8 / variance**2
    # Standardized sum with continuity correction: its mean is sum r / 2, its variance sum r^2 / 4.
    z = (sums + step / 2 - float(whole.sum()) / 2) / math.sqrt(variance)
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    correction = np.where(np.abs(z) < FAR, density * excess / 24 * (z**3 - 3 * z), 0.0)
    found: NDArray[np.float64] = np.clip(special.ndtr(z) - correction, 0.0, 1.0)
    return found


def _rank_sums(ranks: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the distribution of the sum of the ranks with a positive sign, each with probability 1/2.

    SciPy does not expose this distribution, and with ties or zeros only simulates it.
    """
    masses = np.zeros(int(ranks.sum()) + 1)
    masses[0] = 1.0
    for rank in map(int, ranks):
        masses[rank:] = masses[rank:] + masses[: len(masses) - rank]
        masses /= 2
    return masses
