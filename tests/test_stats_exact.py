"""Unconditional exact tests of two binary outcomes, paired by world and not."""

import math
from fractions import Fraction
from importlib import import_module
from statistics import NormalDist
from time import perf_counter, process_time

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from peerwatch.stats import paired_difference, paired_exact, unpaired_difference
from peerwatch.stats._discordant import largest_size, observed_cut
from peerwatch.stats._libraries import scipy_stats

Pairs = list[tuple[float, float]]
cells = st.integers(0, 12)


def table(both: int, first_only: int, second_only: int, neither: int) -> Pairs:
    counted = (((1.0, 1.0), both), ((1.0, 0.0), first_only), ((0.0, 1.0), second_only), ((0.0, 0.0), neither))
    return [pair for pair, count in counted for _ in range(count)]


CAVO = table(59, 6, 16, 80)
"""Complete response before and after therapy, Cavo et al. (2012), example of Fagerland, Lydersen & Laake (2013)."""


def test_published_p_values_of_the_unconditional_test() -> None:
    # R, contingencytables::McNemar_exact_unconditional_test_paired_2x2, from that package's tests (gamma = 0.0001).
    # R takes the greatest of 1,000 shares, so it may stay a little below the maximum.
    for pairs, published in ((CAVO, 0.034053), (table(5, 0, 1, 8), 0.542071)):
        assert published - 5e-7 <= paired_exact(pairs, gamma=0.0001).p <= published + 2e-6


def test_published_interval_beside_it() -> None:
    # R, contingencytables::Newcombe_square_and_add_CI_paired_2x2, from that package's tests.
    found = paired_exact(CAVO)
    assert found.effect == pytest.approx(-0.0621, abs=5e-5)
    assert found.low == pytest.approx(-0.1186, abs=5e-5)
    assert found.high == pytest.approx(-0.0046, abs=5e-5)


def test_the_conditional_test_is_reproduced_and_less_powerful() -> None:
    # McNemar_exact_cond_test_paired_2x2 of the same package gives 0.052479 for these data.
    conditional = import_module("statsmodels.stats.contingency_tables").mcnemar([[59, 6], [16, 80]], exact=True)
    assert float(conditional.pvalue) == pytest.approx(0.052479, abs=5e-7)
    assert paired_exact(CAVO).p < 0.05


def test_agrestis_ratings_of_the_prime_minister() -> None:
    # Agresti (2002), Categorical Data Analysis, table 10.1: 0.04 with (0.02, 0.06), z = 4.17; both rounded there.
    found = paired_exact(table(794, 150, 86, 570))
    assert found.effect == pytest.approx(0.04)
    assert (round(found.low, 2), round(found.high, 2)) == (0.02, 0.06)
    z = (150 - 86) / math.sqrt(236)
    assert round(z, 2) == 4.17
    assert found.p == pytest.approx(2 * NormalDist().cdf(-z), rel=0.02)


def enumerated(first_only: int, second_only: int, n: int, share: Fraction) -> Fraction:
    """The probability of a table as far out, every table of `n` pairs taken in turn."""
    least = Fraction((first_only - second_only) ** 2, max(first_only + second_only, 1))
    total = Fraction(0)
    for b in range(n + 1):
        for c in range(n - b + 1):
            if b + c and Fraction((b - c) ** 2, b + c) >= least:
                ways = math.comb(n, b) * math.comb(n - b, c)
                total += ways * (share / 2) ** (b + c) * (1 - share) ** (n - b - c)
    return total


@pytest.mark.parametrize(("b", "c", "n"), [(3, 0, 3), (4, 1, 7), (5, 0, 12), (2, 6, 9), (1, 3, 10)])
def test_the_p_value_is_the_greatest_over_all_shares(b: int, c: int, n: int) -> None:
    found = paired_exact(table(0, b, c, n - b - c)).p
    values = [float(enumerated(b, c, n, Fraction(step, 100))) for step in range(101)]
    assert found >= max(values) * (1 - 1e-9)
    assert found == pytest.approx(max(values), rel=2e-3)


def test_between_its_points_the_search_misses_nothing() -> None:
    angles = np.linspace(0, math.pi / 2, 20_001)
    for b, c, n in ((9, 2, 30), (20, 8, 60), (7, 0, 150), (60, 33, 200)):
        least = (b - c) ** 2 / (b + c)
        counts = np.arange(n + 1)
        tails = np.zeros(n + 1)
        for pairs in range(1, n + 1):
            k = np.arange(pairs + 1)
            far = (2 * k - pairs) ** 2 / pairs >= least - 1e-9
            tails[pairs] = scipy_stats().binom.pmf(k, pairs, 0.5)[far].sum()
        sizes = scipy_stats().binom.pmf(counts[None, :], n, np.sin(angles)[:, None] ** 2) @ tails
        assert largest_size(n, observed_cut(b, c)) == pytest.approx(float(sizes.max()), rel=1e-6)


@settings(deadline=None)
@given(cells, cells, cells, cells)
def test_paired_properties(a: int, b: int, c: int, d: int) -> None:
    if not a + b + c + d:
        assert math.isnan(paired_exact([]).p)
        return
    found = paired_exact(table(a, b, c, d))
    swapped = paired_exact(table(a, c, b, d)[::-1])
    assert found.low <= found.effect <= found.high
    assert found.smallest_p * (1 - 1e-9) <= found.p <= 1
    assert swapped.p == pytest.approx(found.p)
    assert swapped.effect == pytest.approx(-found.effect)
    interval = paired_difference(table(a, b, c, d))
    assert (found.effect, found.low, found.high) == (interval.value, interval.low, interval.high)
    if b > c:
        assert paired_exact(table(a, b + 1, c, d)[1:] if a else table(a, b + 1, c, d)).p <= found.p + 1e-12


def test_it_is_fast_enough_for_500_worlds() -> None:
    paired_exact(CAVO)
    begin = perf_counter()
    paired_exact(table(200, 80, 50, 170))
    assert perf_counter() - begin < 1


@pytest.mark.parametrize("pairs", [[(0.5, 1.0)], [(2.0, 0.0)], [(math.nan, 0.0)]])
def test_sides_that_are_not_binary_are_refused(pairs: Pairs) -> None:
    with pytest.raises(ValueError, match="0 or 1"):
        paired_exact(pairs)
    with pytest.raises(ValueError, match="gamma"):
        paired_exact([(1, 0)], gamma=1)


@pytest.mark.parametrize(
    ("x1", "n1", "x2", "n2", "low", "high"),
    # Newcombe (1998), Stat. Med. 17:873-890, table II, method 10.
    [(56, 70, 48, 80, 0.0524, 0.3339), (9, 10, 3, 10, 0.1705, 0.8090)],
)
def test_unpaired_limits_are_newcombes(x1: int, n1: int, x2: int, n2: int, low: float, high: float) -> None:
    found = unpaired_difference(x1, n1, x2, n2)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


def boschloo(x1: int, n1: int, x2: int, n2: int) -> float:
    """Twice the smaller one-sided p-value, by enumeration: tables by Fisher's p, the rate on a fine grid."""
    sides: list[float] = []
    for sign in (1, -1):

        def fisher(a: int, b: int, sign: int = sign) -> float:
            total = a + b
            low, high = max(0, total - n2), min(n1, total)
            ways = [math.comb(n1, k) * math.comb(n2, total - k) for k in range(low, high + 1)]
            chosen = ways[a - low :] if sign > 0 else ways[: a - low + 1]
            return sum(chosen) / sum(ways)

        observed = fisher(x1, x2)
        region = [(a, b) for a in range(n1 + 1) for b in range(n2 + 1) if fisher(a, b) <= observed * (1 + 1e-9)]
        sides.append(
            max(
                sum(
                    math.comb(n1, a) * math.comb(n2, b) * p ** (a + b) * (1 - p) ** (n1 + n2 - a - b) for a, b in region
                )
                for p in (step / 400 for step in range(401))
            )
        )
    return min(2 * min(sides), 1.0)


@pytest.mark.parametrize(("x1", "n1", "x2", "n2"), [(7, 12, 2, 10), (4, 4, 0, 7), (3, 8, 3, 8), (1, 9, 6, 8)])
def test_unpaired_p_is_boschloos(x1: int, n1: int, x2: int, n2: int) -> None:
    found = unpaired_difference(x1, n1, x2, n2)
    assert found.p == pytest.approx(boschloo(x1, n1, x2, n2), rel=2e-3)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 8), st.integers(0, 8), st.integers(0, 8), st.integers(0, 8))
def test_unpaired_properties(a: int, b: int, c: int, d: int) -> None:
    found = unpaired_difference(a, a + b, c, c + d)
    if not (a + b and c + d):
        assert math.isnan(found.p)
        return
    assert -1 <= found.low <= found.effect <= found.high <= 1
    assert found.smallest_p * (1 - 1e-6) <= found.p <= 1
    swapped = unpaired_difference(c, c + d, a, a + b)
    assert swapped.p == pytest.approx(found.p, rel=1e-4)
    assert (swapped.low, swapped.high) == (pytest.approx(-found.high), pytest.approx(-found.low))
    # Never less powerful than Fisher's test, doubled.
    one_sided = [float(scipy_stats().fisher_exact([[a, c], [b, d]], side).pvalue) for side in ("less", "greater")]
    assert found.p <= min(2 * min(one_sided), 1.0) + 1e-9


def test_the_least_p_of_a_small_cell_is_reached_by_opposite_arms() -> None:
    for first, second in ((5, 5), (4, 7), (1, 2)):
        found = unpaired_difference(first, first, 0, second)
        assert found.p == pytest.approx(found.smallest_p, rel=1e-6)
    assert not unpaired_difference(1, 2, 0, 2).reachable


def test_unpaired_counts_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="successes"):
        unpaired_difference(3, 2, 0, 1)
    with pytest.raises(ValueError, match="confidence"):
        unpaired_difference(1, 2, 0, 1, confidence=95)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 20), st.integers(1, 20), st.data())
def test_boschloos_p_value_is_scipys(first_n: int, second_n: int, data: st.DataObject) -> None:
    first, second = data.draw(st.integers(0, first_n)), data.draw(st.integers(0, second_n))
    assume(0 < first + second < first_n + second_n)
    table = [[first, second], [first_n - first, second_n - second]]
    wanted = float(scipy_stats().boschloo_exact(table, n=128).pvalue)
    assert unpaired_difference(first, first_n, second, second_n).p == pytest.approx(wanted, abs=1e-5)


def test_a_thousand_episodes_an_arm_take_less_than_two_seconds() -> None:
    began = process_time()
    found = unpaired_difference(520, 1_000, 480, 1_000)
    # Twice the time that is promised: the machine may be busy.
    assert process_time() - began < 4
    assert found.p == pytest.approx(0.0772869, abs=1e-6)
