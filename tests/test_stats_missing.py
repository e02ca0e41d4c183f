"""Missing and repeated episodes: rates whose episodes share worlds, and tipping points."""

import math
from collections.abc import Callable, Mapping
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerwatch.stats import Cluster, PartialPair, Side, clustered_rate, compare_worlds, rate, tipping_point


def drawn(rng: np.random.Generator, worlds: int, epochs: int, icc: float, share: float) -> list[Cluster]:
    """Worlds whose propensities come from the beta distribution that gives the correlation."""
    size = (1 - icc) / icc if icc else 1e9
    hits = rng.binomial(epochs, rng.beta(share * size, (1 - share) * size, worlds))
    return [Cluster(int(each), epochs) for each in hits]


@settings(deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=30), st.integers(0, 5))
def test_with_one_episode_per_world_it_is_the_rate(hits: list[bool], missing: int) -> None:
    clusters = [Cluster(int(hit), 1) for hit in hits] + [Cluster(0, 0, 1)] * missing
    found, expected = clustered_rate(clusters), rate(sum(hits), len(hits), missing)
    assert (found.value, found.low, found.high) == pytest.approx((expected.value, expected.low, expected.high))
    assert math.isnan(found.icc)
    assert found.effective == len(hits)


@pytest.mark.parametrize(("worlds", "epochs", "icc", "share"), [
    (10, 5, 0.5, 0.3), (20, 5, 0.5, 0.5), (20, 10, 0.5, 0.1), (40, 3, 0.5, 0.5), (40, 10, 0.5, 0.02), (10, 5, 0.0, 0.1),
])  # fmt: skip
def test_intervals_cover_where_wilson_does_not(worlds: int, epochs: int, icc: float, share: float) -> None:
    rng = np.random.default_rng([worlds, epochs, round(100 * share)])
    studies = [clustered_rate(drawn(rng, worlds, epochs, icc, share)) for _ in range(2000)]
    covered = np.mean([each.low <= share <= each.high for each in studies])
    # Three standard errors of the simulation below 0.94.
    assert covered >= 0.94 - 3 * math.sqrt(0.94 * 0.06 / 2000)


def test_the_correlation_is_estimated() -> None:
    rng = np.random.default_rng(4)
    for icc in (0.0, 0.1, 0.5, 0.9):
        found = [clustered_rate(drawn(rng, 200, 5, icc, 0.4)).icc for _ in range(200)]
        assert np.mean(found) == pytest.approx(icc, abs=0.01)


def test_the_correlation_by_another_formula() -> None:
    """With worlds of one size it is Fleiss and Cuzick's kappa but for N/(N - k) and k/(k - 1)."""
    hits, m = np.array([0, 3, 1, 2, 3, 0, 0, 1]), 3
    found = clustered_rate([Cluster(int(each), m) for each in hits])
    table = np.array([[0] * (m - each) + [1] * each for each in hits])
    k, n = len(hits), table.size
    between = m * table.mean(axis=1).var(ddof=1)
    within = ((table - table.mean(axis=1, keepdims=True)) ** 2).sum() / (n - k)
    assert found.icc == pytest.approx((between - within) / (between + (m - 1) * within))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=3))
def test_missing_and_doubtful_episodes_widen_to_every_completion(worlds: list[tuple[int, int]]) -> None:
    """Each world has three planned episodes: some hits and misses, the rest missing; its first hit is doubtful."""
    clusters: list[Cluster] = []
    options: list[range] = []
    for hits, others in worlds:
        misses = min(others, 3 - hits)
        missing = 3 - hits - misses
        doubtful = int(hits > 0)
        clusters.append(Cluster(hits, hits + misses, missing, doubtful, doubtful))
        options.append(range(hits - doubtful, hits + missing + 1))
    found = clustered_rate(clusters)
    if not found.n:
        assert math.isnan(found.low)
        return
    least = clustered_rate([Cluster(min(option), 3) for option in options])
    most = clustered_rate([Cluster(max(option), 3) for option in options])
    assert found.low == pytest.approx(min(least.low, found.value))
    assert found.high == pytest.approx(max(most.high, found.value))


def test_impossible_counts_are_refused() -> None:
    for counts in ((2, 1), (0, 1, -1), (0, 1, 0, 1, 1), (1, 1, 0, 0, 2)):
        with pytest.raises(ValueError, match="need"):
            Cluster(*counts)


def limits_of(pairs: list[tuple[float, float]]) -> Callable[[Mapping[int, tuple[float, float]]], tuple[float, float]]:
    def limits(more: Mapping[int, tuple[float, float]]) -> tuple[float, float]:
        found = compare_worlds([*pairs, *more.values()], binary=True)
        return found.low, found.high

    return limits


def test_a_difference_that_missing_episodes_hide() -> None:
    pairs = [(1.0, 0.0)] * 6 + [(0.0, 0.0)] * 14
    gaps = [PartialPair(Side(1.0, 1.0, 1.0), Side(math.nan))] * 3 + [
        PartialPair(Side(0.0, 0.0, 0.0), Side(math.nan))
    ] * 3
    assert compare_worlds(pairs, binary=True).low > 0
    assert compare_worlds(pairs, gaps, binary=True).low <= 0
    found = tipping_point(gaps, limits_of(pairs))
    assert (found.observed, found.of, found.towards) == ("more", 6, "none")
    # By trying every completion of every choice of worlds.
    fewest = 7
    for fills in product((None, 0.0, 1.0), repeat=6):
        chosen = {number: (gaps[number].first.value, each) for number, each in enumerate(fills) if each is not None}
        if limits_of(pairs)(chosen)[0] <= 0:
            fewest = min(fewest, len(chosen))
    assert found.episodes == fewest


def test_what_all_missing_episodes_together_cannot_change() -> None:
    pairs = [(1.0, 0.0)] * 18 + [(0.0, 0.0)] * 2
    gaps = [PartialPair(Side(0.0, 0.0, 0.0), Side(math.nan))] * 2
    found = tipping_point(gaps, limits_of(pairs))
    assert (found.observed, found.episodes, found.of) == ("more", None, 2)


def test_a_null_says_what_would_have_shown_a_difference() -> None:
    pairs = [(1.0, 0.0)] * 3 + [(0.0, 0.0)] * 17
    gaps = [PartialPair(Side(math.nan), Side(0.0, 0.0, 0.0))] * 8
    found = tipping_point(gaps, limits_of(pairs))
    assert found.observed == "none"
    assert found.towards == "more"
    assert found.episodes is not None
    filled = dict.fromkeys(range(found.episodes), (1.0, 0.0))
    assert limits_of(pairs)(filled)[0] > 0
    filled.popitem()
    assert limits_of(pairs)(filled)[0] <= 0
    assert tipping_point(gaps, limits_of(pairs), "more") == found


def test_a_world_without_any_missing_episode_counts_none() -> None:
    whole = PartialPair(Side(1.0, 1.0, 1.0), Side(0.5, 0.0, 1.0, 2))
    assert tipping_point([whole], limits_of([(0.0, 0.0)] * 5)).of == 2
