"""An exact test for binary outcomes of the same worlds in two arms."""

from collections.abc import Sequence

from peerwatch.stats._discordant import largest_size, observed_cut
from peerwatch.stats._effect_test import EffectTest, not_measured
from peerwatch.stats._libraries import scipy_stats
from peerwatch.stats._paired import paired_difference
from peerwatch.stats._rates import check_confidence

TEST = "unconditional exact McNemar"
INTERVAL = "Newcombe's method 10"


def paired_exact(pairs: Sequence[tuple[float, float]], confidence: float = 0.95, gamma: float = 0.0) -> EffectTest:
    """Test a difference of two binary outcomes paired by world, exactly and without conditioning.

    McNemar's statistic z = (b - c) / sqrt(b + c) orders the tables, where b and c are the numbers of worlds in which
    only the first and only the second side is 1. The p-value is the probability of a table at least as extreme in
    either direction, maximized over the unknown share of discordant worlds. The test holds its level for every such
    share, and is more powerful than the conditional exact test, which discards concordant worlds.

    Args:
        pairs: One pair of 0 or 1 per world, one episode on each side; for means over epochs use `paired_flips`.
        confidence: Two-sided level of the interval, strictly between 0 and 1.
        gamma: If above 0, maximize only over a confidence interval of the share with level 1 - gamma, and add gamma to
            the p-value. It must be chosen before the data are seen; 0.0001 is usual.

    Returns:
        The difference of the rates, with Newcombe's interval, as from `paired_difference`. It is not the inversion of
        the test, so the two may disagree close to the level. `smallest_p` is 2 / 2^worlds + gamma.

    Raises:
        ValueError: If a side is neither 0 nor 1, or a level or gamma is out of range.

    Source: Suissa, S. and Shuster, J. J. (1991), Biometrics 47:361-372; with gamma: Berger, R. L. and Sidik, K.
    (2003), Stat. Methods Med. Res. 12:91-108, and Berger, R. L. and Boos, D. D. (1994), J. Am. Stat. Assoc.
    89:1012-1016. Two-sided as in Fagerland, M. W., Lydersen, S. and Laake, P. (2013), BMC Med. Res. Methodol. 13:91.
    """
    check_confidence(confidence)
    if not 0 <= gamma < 1:
        raise ValueError(f"gamma must lie in [0, 1), got {gamma}")
    for pair in pairs:
        if not all(side in (0, 1) for side in pair):
            raise ValueError(f"both sides must be 0 or 1, got {pair}")
    n = len(pairs)
    if n == 0:
        return not_measured(confidence, TEST, INTERVAL)
    first_only = sum(first > second for first, second in pairs)
    second_only = sum(first < second for first, second in pairs)
    found = paired_difference(pairs, confidence=confidence)
    p = _p_value(first_only, second_only, n, gamma)
    smallest = min(2.0 ** (1 - n) + gamma, 1.0)
    return EffectTest(found.value, found.low, found.high, p, n, confidence, TEST, INTERVAL, smallest)


def _p_value(first_only: int, second_only: int, n: int, gamma: float) -> float:
    if first_only == second_only:
        return 1.0
    within = (0.0, 1.0)
    if gamma > 0:
        limits = scipy_stats().binomtest(first_only + second_only, n).proportion_ci(1 - gamma, method="exact")
        within = (float(limits.low), float(limits.high))
    return min(largest_size(n, observed_cut(first_only, second_only), within) + gamma, 1.0)
