"""The mean of differences by world, with Student's interval."""

from collections.abc import Sequence

from peerwatch.stats._effect_test import EffectTest, not_measured
from peerwatch.stats._libraries import scipy_stats
from peerwatch.stats._worlds import UNBOUNDED, world_differences

METHOD = "Student's t on worlds"


def paired_mean(
    pairs: Sequence[tuple[float, float]],
    confidence: float = 0.95,
    bounds: tuple[float, float] = UNBOUNDED,
) -> EffectTest:
    """Estimate the mean difference of two sides measured on the same worlds, with a t interval on worlds.

    A world is a cluster: its episodes are averaged first, and the spread is taken between worlds, so repeats in a world
    never count as worlds. The degrees of freedom are worlds - 1.

    The method requires approximately normal differences or many worlds. For few worlds, or mostly zero differences, use
    `paired_flips`. If all worlds have the same difference, their zero spread does not estimate the true spread; then
    the interval is the full range and the p-value 1.

    Args:
        pairs: One pair per world: mean of the first and of the second side, in any unit, finite.
        confidence: Two-sided level, strictly between 0 and 1.
        bounds: The minimum and maximum possible difference, (-1, 1) for rates; the limits are clipped to it.

    Returns:
        The mean of first minus second in the unit of the data. With one world the limits are the bounds; with none
        every number is `nan`.

    Raises:
        ValueError: If a value is not finite, a difference lies outside the bounds, or the level is out of range.

    Source: Student (1908), Biometrika 6:1-25, as computed by `scipy.stats.ttest_1samp`. For means of clusters as the
    unit: Donner, A. and Klar, N. (2000), Design and Analysis of Cluster Randomization Trials, Arnold, chapter 7.
    """
    differences = world_differences(pairs, confidence, bounds)
    worlds = len(differences)
    if worlds == 0:
        return not_measured(confidence, METHOD, METHOD)
    mean = float(differences.mean())
    if worlds == 1 or differences.std() <= 1e-12 * max(abs(mean), 1e-300):
        return EffectTest(mean, *bounds, 1.0, worlds, confidence, METHOD, METHOD, 1.0)
    found = scipy_stats().ttest_1samp(differences, 0.0)
    limits = found.confidence_interval(confidence)
    low, high = max(float(limits.low), bounds[0]), min(float(limits.high), bounds[1])
    return EffectTest(mean, low, high, float(found.pvalue), worlds, confidence, METHOD, METHOD)
