"""Exact intervals of a rate, and what missing episodes could have shown."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerwatch.stats import PartialPair, Side, difference_bounds, paired_difference, rate, rate_bounds
from peerwatch.stats._libraries import scipy_stats

scipy_stats()  # Loaded here, so that its second does not count for the first example's deadline.

means = st.integers(0, 4).map(lambda count: count / 4)
pair_lists = st.lists(st.tuples(means, means), max_size=20)


def upper_tail(successes: int, n: int, share: Fraction) -> Fraction:
    return sum(
        (math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(successes, n + 1)), start=Fraction(0)
    )


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        # R, ?binom.test, Mendel's peas after Conover (1971): binom.test(682, 682 + 243) prints these limits.
        (682, 925, 0.7076683, 0.7654066),
        # R, contingencytables::ClopperPearson_exact_CI_1x2_beta_version, from that package's tests.
        (13, 16, 0.5435, 0.9595),
        (10, 10, 0.6915, 1.0),
        (0, 10, 0.0, 0.3085),
    ],
)
def test_exact_limits_are_those_of_r(successes: int, n: int, low: float, high: float) -> None:
    found = rate(successes, n, method="exact")
    digits = 5e-8 if n == 925 else 5e-5
    assert found.low == pytest.approx(low, abs=digits)
    assert found.high == pytest.approx(high, abs=digits)


@given(st.integers(1, 25), st.data())
def test_exact_limits_leave_the_level_in_each_tail(n: int, data: st.DataObject) -> None:
    """The definition, in fractions: at the lower limit, so many successes or more have probability 2.5 %."""
    successes = data.draw(st.integers(1, n))
    found = rate(successes, n, method="exact")
    assert float(upper_tail(successes, n, Fraction(found.low))) == pytest.approx(0.025, rel=1e-6)
    mirrored = rate(n - successes, n, method="exact")
    assert mirrored.high == pytest.approx(1 - found.low, abs=1e-9)
    assert found.low <= found.value <= found.high


@pytest.mark.parametrize("n", [5, 12, 40])
@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 0.93])
def test_exact_intervals_never_cover_too_rarely(n: int, share: float) -> None:
    covered = 0.0
    for successes in range(n + 1):
        found = rate(successes, n, method="exact")
        if found.low <= share <= found.high:
            covered += math.comb(n, successes) * share**successes * (1 - share) ** (n - successes)
    assert covered >= 0.95


@given(st.integers(0, 20), st.integers(1, 20), st.integers(0, 5))
def test_missing_trials_widen_the_exact_interval_too(successes: int, failures: int, missing: int) -> None:
    fewer = rate(successes, successes + failures, missing, method="exact")
    more = rate(successes, successes + failures, missing + 1, method="exact")
    assert more.low <= fewer.low
    assert more.high >= fewer.high


def test_a_method_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="'wald'"):
        rate(1, 2, method="wald")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - refused here


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 10))
def test_bounds_of_a_rate_hold_every_completion(successes: int, failures: int, missing: int) -> None:
    n = successes + failures
    found = rate_bounds(successes, n, missing)
    if n + missing == 0:
        assert math.isnan(found.low)
        assert math.isnan(found.high)
        return
    shares = [(successes + more) / (n + missing) for more in range(missing + 1)]
    assert (found.low, found.high) == (min(shares), max(shares))
    if n:
        interval = rate(successes, n, missing)
        assert interval.low <= found.low + 1e-12
        assert interval.high >= found.high - 1e-12


def test_a_rate_of_nothing_observed_may_be_anything() -> None:
    found = rate_bounds(0, 0, 3)
    assert (found.low, found.high) == (0, 1)


@given(pair_lists, st.lists(st.tuples(means, means), max_size=5))
def test_bounds_of_a_difference_hold_every_completion(
    pairs: list[tuple[float, float]], truth: list[tuple[float, float]]
) -> None:
    found = difference_bounds(pairs, [PartialPair()] * len(truth))
    everything = [*pairs, *truth]
    if not everything:
        assert math.isnan(found.low)
        return
    value = math.fsum(first - second for first, second in everything) / len(everything)
    assert found.low - 1e-12 <= value <= found.high + 1e-12
    assert found.high - found.low == pytest.approx(2 * len(truth) / len(everything))
    interval = paired_difference(pairs, [PartialPair()] * len(truth))
    if interval.worlds:
        assert interval.low <= found.low + 1e-12
        assert interval.high >= found.high - 1e-12


def test_bounds_of_a_difference_by_hand() -> None:
    # One world complete (+1), one with half of its first side still open and a second side of 0.
    found = difference_bounds([(1, 0)], [PartialPair(Side(1.0, 0.5, 1.0), Side(0.0, 0.0, 0.0))])
    assert (found.low, found.high) == (0.75, 1.0)
    with pytest.raises(ValueError, match="low <= value"):
        difference_bounds([], [PartialPair(Side(0.9, 0.0, 0.5), Side(0.0))])
    with pytest.raises(ValueError, match="successes"):
        rate_bounds(3, 2)
