import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerwatch.stats import PartialPair, Side, paired_difference, rate
from peerwatch.stats._libraries import scipy_stats
from peerwatch.stats._rates import wilson_limits

scipy_stats()  # Loaded here, so that its second does not count for the first example's deadline.

Pairs = list[tuple[float, float]]

binary = st.sampled_from([0.0, 1.0])
means = st.integers(0, 4).map(lambda count: count / 4)
pair_lists = st.lists(st.tuples(binary, binary), min_size=1, max_size=40) | st.lists(
    st.tuples(means, means), min_size=1, max_size=40
)
EVERYTHING_MISSING = PartialPair()
Z = 1.959963984540054


def table(both: int, first_only: int, second_only: int, neither: int) -> Pairs:
    cells = ((both, (1.0, 1.0)), (first_only, (1.0, 0.0)), (second_only, (0.0, 1.0)), (neither, (0.0, 0.0)))
    return [pair for count, pair in cells for _ in range(count)]


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 20))
def test_rate_is_wilsons(successes: int, failures: int, missing: int) -> None:
    n = successes + failures
    found = rate(successes, n, missing)
    if not n:
        assert math.isnan(found.value)
        assert math.isnan(found.low)
        assert math.isnan(found.high)
        return
    assert found.value == successes / n
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.low < found.high
    low, _ = wilson_limits(successes / (n + missing), n + missing, 0.95)
    _, high = wilson_limits((successes + missing) / (n + missing), n + missing, 0.95)
    assert found.low == pytest.approx(low, abs=1e-12)
    assert found.high == pytest.approx(high, abs=1e-12)


def test_rate_against_numbers_worked_by_hand() -> None:
    # Solutions p of (x - n p)^2 = z^2 n p (1 - p), the equation that defines the interval.
    found = rate(3, 20)
    for limit in (found.low, found.high):
        assert (3 - 20 * limit) ** 2 == pytest.approx(Z**2 * 20 * limit * (1 - limit))
    # With no success at all the upper limit is z^2 / (n + z^2).
    assert rate(0, 20).high == pytest.approx(Z**2 / (20 + Z**2))
    assert rate(0, 20).low == 0


@given(st.integers(0, 30), st.integers(1, 30), st.integers(0, 10))
def test_every_missing_episode_widens_a_rate(successes: int, failures: int, missing: int) -> None:
    fewer = rate(successes, successes + failures, missing)
    more = rate(successes, successes + failures, missing + 1)
    assert more.low <= fewer.low
    assert more.high >= fewer.high
    assert more.value == fewer.value


@pytest.mark.parametrize(("successes", "n", "missing"), [(-1, 3, 0), (4, 3, 0), (1, 3, -1)])
def test_counts_that_contradict_each_other_are_refused(successes: int, n: int, missing: int) -> None:
    with pytest.raises(ValueError, match="successes"):
        rate(successes, n, missing)


@pytest.mark.parametrize("confidence", [0, 1, 95, math.nan])
def test_a_level_that_is_none_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence"):
        rate(1, 2, confidence=confidence)
    with pytest.raises(ValueError, match="confidence"):
        paired_difference([(1, 0)], confidence=confidence)


def newcombe(a: int, b: int, c: int, d: int) -> tuple[float, float]:
    """Method 10 written once more, from the counts of a 2x2 table and in the letters of the paper."""
    n = a + b + c + d

    def wilson(x: int) -> tuple[float, float]:
        half = Z * math.sqrt(Z**2 + 4 * x * (1 - x / n))
        return (2 * x + Z**2 - half) / (2 * (n + Z**2)), (2 * x + Z**2 + half) / (2 * (n + Z**2))

    l2, u2 = wilson(a + b)
    l3, u3 = wilson(a + c)
    p2, p3 = (a + b) / n, (a + c) / n
    product = (a + b) * (c + d) * (a + c) * (b + d)
    numerator = a * d - b * c
    if numerator > 0:
        numerator = max(numerator - n / 2, 0)
    phi = numerator / math.sqrt(product) if product else 0
    below = (p2 - l2) ** 2 - 2 * phi * (p2 - l2) * (u3 - p3) + (u3 - p3) ** 2
    above = (p3 - l3) ** 2 - 2 * phi * (p3 - l3) * (u2 - p2) + (u2 - p2) ** 2
    return p2 - p3 - math.sqrt(below), p2 - p3 + math.sqrt(above)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_binary_pairs_give_newcombes_method_10(a: int, b: int, c: int, d: int) -> None:
    if not a + b + c + d:
        return
    found = paired_difference(table(a, b, c, d))
    low, high = newcombe(a, b, c, d)
    assert found.low == pytest.approx(low, abs=1e-9)
    assert found.high == pytest.approx(high, abs=1e-9)


@given(pair_lists)
def test_a_difference_lies_within_its_limits(pairs: Pairs) -> None:
    found = paired_difference(pairs)
    assert -1 <= found.low <= found.value <= found.high <= 1
    assert found.high - found.low > 0.01
    assert (found.worlds, found.missing, found.partial) == (len(pairs), 0, 0)


@given(pair_lists, st.integers(0, 5))
def test_swapping_the_arms_swaps_the_interval(pairs: Pairs, missing: int) -> None:
    lost = [EVERYTHING_MISSING] * missing
    found = paired_difference(pairs, lost)
    swapped = paired_difference([(second, first) for first, second in pairs], lost)
    assert swapped.value == pytest.approx(-found.value, abs=1e-12)
    assert swapped.low == pytest.approx(-found.high, abs=1e-9)
    assert swapped.high == pytest.approx(-found.low, abs=1e-9)


@given(pair_lists, st.integers(1, 8))
def test_missing_pairs_widen_and_leave_the_value(pairs: Pairs, missing: int) -> None:
    complete = paired_difference(pairs)
    found = paired_difference(pairs, [EVERYTHING_MISSING] * missing)
    assert found.low <= complete.low
    assert found.high >= complete.high
    assert found.value == complete.value
    assert found.missing == missing


@given(pair_lists, st.lists(st.tuples(binary, binary), min_size=1, max_size=6))
def test_whatever_was_missing_lies_within_the_widened_interval(pairs: Pairs, truth: Pairs) -> None:
    found = paired_difference(pairs, [EVERYTHING_MISSING] * len(truth))
    assert found.low - 1e-9 <= paired_difference([*pairs, *truth]).value <= found.high + 1e-9


@given(pair_lists, st.integers(2, 4))
def test_fewer_worlds_give_a_wider_interval(pairs: Pairs, times: int) -> None:
    few, many = paired_difference(pairs), paired_difference(pairs * times)
    assert few.high - few.low > many.high - many.low


def test_no_pair_is_not_measured() -> None:
    for found in (paired_difference([]), paired_difference([], [EVERYTHING_MISSING])):
        assert math.isnan(found.value)
        assert math.isnan(found.low)
        assert math.isnan(found.high)
        assert found.worlds == 0


def test_a_world_that_lost_an_epoch_still_counts() -> None:
    partial = PartialPair(Side(1.0, 0.5, 1.0), Side(0.0, 0.0, 0.0))
    found = paired_difference([(1, 0)] * 9, [partial])
    complete = paired_difference([(1, 0)] * 10)
    assert (found.value, found.worlds, found.partial, found.missing) == (1, 10, 1, 0)
    assert found.low < complete.low


def test_values_that_are_no_means_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        paired_difference([(1.2, 0)])
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        paired_difference([(math.nan, 0)])
    with pytest.raises(ValueError, match="low <= value"):
        paired_difference([], [PartialPair(Side(0.9, 0.0, 0.5), Side(0.0))])


def draw(rng: random.Random, first: float, second: float, shared: float, epochs: int) -> tuple[float, float]:
    """One world; with probability `shared` a single draw decides both sides, so they correlate."""
    left = right = 0
    for _ in range(epochs):
        common = rng.random()
        together = rng.random() < shared
        left += (common if together else rng.random()) < first
        right += (common if together else rng.random()) < second
    return left / epochs, right / epochs


@pytest.mark.parametrize("worlds", [10, 30, 100])
@pytest.mark.parametrize("epochs", [1, 3])
@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [(0.5, 0.5, 0.0), (0.3, 0.1, 0.5), (0.05, 0.05, 0.0), (0.9, 0.6, 0.8), (0.02, 0.0, 0.0)],
)
def test_intervals_cover_the_true_difference(
    worlds: int, epochs: int, first: float, second: float, shared: float
) -> None:
    rng = random.Random(f"{worlds} {epochs} {first} {second} {shared}")  # noqa: S311
    repeats, covered = 400, 0
    for _ in range(repeats):
        found = paired_difference([draw(rng, first, second, shared, epochs) for _ in range(worlds)])
        covered += found.low <= first - second <= found.high
    # Nominal 95 %; 400 repeats leave a standard error of about one point.
    assert covered / repeats >= 0.915
