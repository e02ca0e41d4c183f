"""An exact test for two rates whose episodes are not paired."""

from peerwatch.stats._bounds import check_counts
from peerwatch.stats._libraries import scipy_stats, two_proportions
from peerwatch.stats._rates import check_confidence
from peerwatch.stats._tested import Tested, not_measured

TEST = "Boschloo's exact test"
INTERVAL = "Newcombe's method 10, independent"


def unpaired_difference(
    first_successes: int, first_n: int, second_successes: int, second_n: int, confidence: float = 0.95
) -> Tested:
    """Test and estimate the difference of two rates measured on different worlds, exact also in small cells.

    Boschloo's test orders tables by the p-value of Fisher's and maximises over the common rate. It holds its level
    for every rate and is never less powerful than Fisher's. Episodes count as independent: give one per world. Where
    both arms ran on the same worlds use `paired_exact`, which gains by the pairing.

    Args:
        first_successes: Episodes of the first arm that count, 0 to `first_n`.
        first_n: Episodes observed in the first arm.
        second_successes: Episodes of the second arm that count, 0 to `second_n`.
        second_n: Episodes observed in the second arm.
        confidence: Two-sided level of the interval, strictly between 0 and 1.

    Returns:
        First rate minus second rate in [-1, 1], with Newcombe's interval for independent rates; all `nan` where an
        arm has no episode. `n` counts the episodes of both arms. The interval is not the test's own inversion, so
        the two may disagree close to the level.

    Raises:
        ValueError: When the counts contradict each other or the level is no level.

    Source: Boschloo, R. D. (1970), Statistica Neerlandica 24:1-9, as computed by `scipy.stats.boschloo_exact`;
    Newcombe, R. G. (1998), Stat. Med. 17:873-890, method 10, as computed by
    `statsmodels.stats.proportion.confint_proportions_2indep`.
    """
    check_confidence(confidence)
    check_counts(first_successes, first_n)
    check_counts(second_successes, second_n)
    if first_n == 0 or second_n == 0:
        return not_measured(confidence, TEST, INTERVAL)
    n = first_n + second_n
    effect = first_successes / first_n - second_successes / second_n
    low, high = two_proportions().confint_proportions_2indep(
        first_successes, first_n, second_successes, second_n, compare="diff", method="newcomb", alpha=1 - confidence
    )
    limits = max(min(float(low), effect), -1.0), min(max(float(high), effect), 1.0)
    p = _p_value(first_successes, first_n, second_successes, second_n)
    # Reached where one arm is all successes and the other all failures, at the rate that makes that likeliest.
    smallest = min(2 * (first_n / n) ** first_n * (second_n / n) ** second_n, 1.0)
    return Tested(effect, *limits, p, n, confidence, TEST, INTERVAL, smallest)


def _p_value(first_successes: int, first_n: int, second_successes: int, second_n: int) -> float:
    # With the same outcome throughout SciPy gives none; such a table is the least that the arms can differ.
    if first_successes + second_successes in (0, first_n + second_n):
        return 1.0
    table = [[first_successes, second_successes], [first_n - first_successes, second_n - second_successes]]
    return min(max(float(scipy_stats().boschloo_exact(table).pvalue), 0.0), 1.0)
