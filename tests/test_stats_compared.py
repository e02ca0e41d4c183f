"""The rule of studies of fixed size: interval, p-value and decision are one procedure, in families too."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerwatch.stats import (
    EXACT,
    MEAN,
    EffectTest,
    Levels,
    Member,
    PartialPair,
    Side,
    compare_worlds,
    excludes_zero,
    holm,
    settle_family,
)

LEVELS = st.sampled_from((0.05, 0.025, 0.05 / 6, 0.2))


def binary(ones: int, minus: int, zeros: int) -> list[tuple[float, float]]:
    return [(1.0, 0.0)] * ones + [(0.0, 1.0)] * minus + [(0.0, 0.0)] * zeros


@settings(deadline=None)
@given(st.integers(0, 12), st.integers(0, 12), st.integers(1, 12), LEVELS, st.sampled_from((EXACT, MEAN)))
def test_limits_exclude_zero_exactly_where_the_p_value_reaches_the_level(
    ones: int, minus: int, zeros: int, alpha: float, rule: str
) -> None:
    pairs = binary(ones, minus, zeros)
    exact = rule == EXACT
    two = compare_worlds(pairs, levels=Levels.two_sided(alpha), binary=exact)
    more = compare_worlds(pairs, levels=Levels(alpha, alpha), side="more", binary=exact)
    assert two.test == two.interval == rule
    assert (two.p <= alpha) == (two.low > 0 or two.high < 0)
    assert (more.p <= alpha) == (more.low > 0)
    turned = compare_worlds(binary(minus, ones, zeros), levels=Levels.two_sided(alpha), binary=exact)
    assert (turned.low, turned.high, turned.p) == pytest.approx((-two.high, -two.low, two.p))
    assert two.smallest_p <= two.p


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from((0.0, 0.5, 1.0)), st.sampled_from((0.0, 1.0))), max_size=14),
    LEVELS,
    st.sampled_from((EXACT, MEAN)),
)
def test_whether_zero_is_excluded_is_what_the_limits_say(
    pairs: list[tuple[float, float]], alpha: float, rule: str
) -> None:
    levels, binary = Levels(alpha, alpha / 2), rule == EXACT
    found = compare_worlds(pairs, levels=levels, binary=binary)
    assert excludes_zero(pairs, levels, binary=binary) == (found.low > 0, found.high < 0)


@pytest.mark.parametrize("worlds", [5, 12])
@pytest.mark.parametrize(("more", "less"), [(0.0, 0.0), (0.3, 0.0), (0.5, 0.2), (0.9, 0.05), (0.25, 0.25)])
def test_the_exact_limits_cover_by_enumeration(worlds: int, more: float, less: float) -> None:
    covered = 0.0
    for ones in range(worlds + 1):
        for minus in range(worlds + 1 - ones):
            found = compare_worlds(binary(ones, minus, worlds - ones - minus), binary=True)
            ways = math.comb(worlds, ones) * math.comb(worlds - ones, minus)
            chance = ways * more**ones * less**minus * (1 - more - less) ** (worlds - ones - minus)
            covered += chance * (found.low - 1e-9 <= more - less <= found.high + 1e-9)
    assert covered >= 0.95 - 1e-9


@pytest.mark.parametrize(
    ("epochs", "icc", "first", "second"), [(1, 0.0, 0.05, 0.0), (3, 0.1, 0.3, 0.1), (10, 0.5, 0.6, 0.5)]
)
def test_the_limits_of_means_cover(epochs: int, icc: float, first: float, second: float) -> None:
    rng = np.random.default_rng([epochs, round(100 * first)])
    repeats, worlds = 1_000, 20
    size = (1 - icc) / icc if icc else 1e9
    sides = [
        rng.binomial(epochs, rng.beta(max(rate, 1e-9) * size, (1 - rate) * size, (repeats, worlds))) / epochs
        for rate in (first, second)
    ]
    covered = 0
    for study in np.stack(sides, axis=2).tolist():
        found = compare_worlds([(one, two) for one, two in study])
        covered += found.low <= first - second <= found.high
    assert covered / repeats >= 0.95 - 3 * math.sqrt(0.05 * 0.95 / repeats)


def test_worlds_that_are_all_alike_give_neither_nothing_nor_everything() -> None:
    found = compare_worlds(binary(0, 0, 50))
    assert found.effect == 0
    assert 0.04 < -found.low == found.high < 0.06
    assert compare_worlds(binary(0, 0, 50), extreme=0.2).high == pytest.approx(found.high / 5)


@settings(deadline=None)
@given(st.integers(0, 8), st.integers(0, 8), st.integers(1, 8), st.integers(1, 4), st.sampled_from((EXACT, MEAN)))
def test_missing_worlds_never_help_a_claim(ones: int, minus: int, zeros: int, lost: int, rule: str) -> None:
    pairs = binary(ones, minus, zeros)
    gaps = [PartialPair(Side(math.nan, 0.0, 1.0), Side(math.nan, 0.0, 1.0))] * lost
    whole, some = (compare_worlds(pairs, missing, binary=rule == EXACT) for missing in ([], gaps))
    assert some.low <= whole.low <= whole.high <= some.high
    assert some.p >= whole.p


def alone(p: float) -> EffectTest:
    return EffectTest(0.1, 0.01 if p < 0.5 else -0.1, 0.5, p, 10, 0.95, "t", "t")


@settings(deadline=None)
@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=8), st.sampled_from((0.05, 0.2)))
def test_a_family_is_decided_as_by_holm(p_values: list[float], alpha: float) -> None:
    def compare(p: float, levels: Levels) -> EffectTest:
        return EffectTest(0.1, 0.01 if p <= levels.low + levels.high else -0.01, 0.5, p, 10, 0.95, "t", "t")

    members = [Member(lambda levels, p=p: compare(p, levels)) for p in p_values]
    settled = settle_family(members, alpha=alpha)
    expected = holm({str(number): alone(p) for number, p in enumerate(p_values)}, 1 - alpha)
    for number, each in enumerate(settled):
        assert each.adjusted_p == pytest.approx(expected[str(number)].adjusted_p)
        if abs(each.adjusted_p - alpha) > 1e-9:
            assert (each.claim == "more") == expected[str(number)].decided == (each.tested.low > 0)


def test_what_was_not_measured_keeps_its_place_and_no_effect_has_rounds_of_its_own() -> None:
    empty = Member(lambda levels: compare_worlds([], levels=levels))
    clear = Member(lambda levels: compare_worlds(binary(12, 0, 8), levels=levels, side="more", binary=True), "more")
    null = Member(lambda levels: compare_worlds(binary(0, 0, 60), levels=levels, side="more", binary=True), "more")
    first, second, third = settle_family([empty, clear, null], smallest_effect=0.1)
    assert (first.claim, math.isnan(first.adjusted_p), first.family) == ("none", True, 3)
    assert (second.claim, second.levels.low) == ("more", 0.05 / 3)
    assert (third.claim, third.levels.low, third.levels.high) == ("no_effect", 0.05 / 2, 0.05 / 3)
    assert third.tested.high < 0.1
    assert settle_family([]) == []


def test_levels_are_levels() -> None:
    for wrong in (0.0, 0.5, 1.0):
        with pytest.raises(ValueError, match="level"):
            Levels(wrong, 0.05)


def test_a_member_may_have_a_smallest_effect_of_its_own() -> None:
    same = [(0.5, 0.5)] * 60
    score = Member(lambda levels: compare_worlds(same, levels=levels, extreme=0.2))
    wide, narrow = settle_family([replace(score, smallest=0.1), replace(score, smallest=0.001)], smallest_effect=0.1)
    assert (wide.claim, narrow.claim) == ("no_effect", "none")
    alone = settle_family([score, score], smallest_effect=0.1)
    assert [each.claim for each in alone] == ["no_effect", "no_effect"]
    assert settle_family([score])[0].claim == "none"
