"""How well scores tell positives from negatives: against counting by hand, and against planted truths."""

import math
from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerwatch.stats import (
    ItemScore,
    alarm_rate,
    alarm_threshold,
    audit_curve,
    auroc,
    negatives_needed,
    resampled_interval,
    roc_curve,
)

SCORES = st.integers(0, 10).map(lambda each: each / 10)
ITEMS = st.lists(st.tuples(SCORES, st.integers(0, 5)), min_size=1, max_size=15)


def items(pairs: list[tuple[float | None, int]]) -> list[ItemScore]:
    return [ItemScore(score, str(world)) for score, world in pairs]


@settings(deadline=None)  # the first example loads scipy
@given(ITEMS, ITEMS)
def test_auroc_is_the_share_of_pairs_in_the_right_order(
    high: list[tuple[float, int]], low: list[tuple[float, int]]
) -> None:
    wins = sum(Fraction(a > b) + Fraction(a == b, 2) for (a, _), (b, _) in product(high, low))
    found = auroc(items([*high]), items([*low]))
    assert found.value == pytest.approx(float(wins / (len(high) * len(low))))
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert (found.least, found.most) == pytest.approx((found.value, found.value))
    turned = auroc(items([*low]), items([*high]))
    assert (turned.low, turned.high) == pytest.approx((1 - found.high, 1 - found.low), abs=1e-9)


@settings(deadline=None)
@given(ITEMS, ITEMS, st.lists(st.booleans(), min_size=30, max_size=30))
def test_missing_answers_bound_whatever_they_would_have_been(
    high: list[tuple[float, int]], low: list[tuple[float, int]], gone: list[bool]
) -> None:
    kept = [(None if gone[n] else score, world) for n, (score, world) in enumerate(high)]
    found, full = auroc(items(kept), items([*low])), auroc(items([*high]), items([*low]))
    if not math.isnan(found.value):
        assert found.least - 1e-9 <= full.value <= found.most + 1e-9
    rate, known = alarm_rate(items(kept), 0.5), alarm_rate(items([*high]), 0.5)
    assert rate.n == known.n == len(high)
    if not math.isnan(rate.value):
        assert rate.least - 1e-9 <= known.value <= rate.most + 1e-9
        assert rate.low <= rate.least <= rate.most <= rate.high


def test_no_answer_and_nothing_to_tell_apart_are_no_numbers() -> None:
    some = items([(0.5, n) for n in range(20)])
    none = items([(None, n) for n in range(20)])
    assert math.isnan(auroc(none, none).value)
    assert math.isnan(auroc(some, []).value)
    silent = alarm_rate(none, 0.5)
    assert math.isnan(silent.value)
    assert (silent.low, silent.high, silent.n, silent.missing) == (0, 1, 20, 20)
    assert math.isnan(alarm_rate([], 0.5).value)
    constant = auroc(some, some)
    assert constant.value == 0.5
    assert constant.low < 0.45 < 0.55 < constant.high
    perfect = auroc(items([(1, n) for n in range(20)]), items([(0, n) for n in range(20)]))
    assert (perfect.value, perfect.high) == (1, 1)
    assert perfect.low == pytest.approx(0.025 ** (1 / 20))


@given(st.lists(SCORES, min_size=1, max_size=60), st.sampled_from([0.01, 0.05, 0.1, 0.3]))
def test_a_threshold_lets_few_calibration_negatives_through(negatives: list[float], rate: float) -> None:
    threshold = alarm_threshold(negatives, rate)
    above = sum(each > threshold for each in negatives)
    assert above <= max(math.floor(rate * (len(negatives) + 1) + 1e-9) - 1, 0)


@pytest.mark.parametrize("n", [3, 7, 9])
def test_a_further_negative_exceeds_the_threshold_no_more_often_than_asked(n: int) -> None:
    """Every order of n + 1 different scores is as likely as any other: which of them is the further one."""
    rate = 0.25
    over = [
        further > alarm_threshold([each for each in range(n + 1) if each != further], rate) for further in range(n + 1)
    ]
    assert sum(over) / len(over) <= rate
    assert sum(over) >= 1, "and it is not a threshold that nothing exceeds"


def test_few_negatives_are_refused_with_the_number_that_is_needed() -> None:
    assert (negatives_needed(0.01), negatives_needed(0.02), negatives_needed(0.05)) == (300, 150, 0)
    assert math.isnan(alarm_threshold([], 0.05))


def test_repeats_in_a_world_are_not_worlds() -> None:
    few = alarm_rate(items([(float(n % 2), n) for n in range(20) for _ in range(10)]), 0.5)
    many = alarm_rate(items([(float(n % 2), n) for n in range(200)]), 0.5)
    assert few.value == many.value == 0.5
    assert few.high - few.low > 2 * (many.high - many.low)
    narrow = auroc(items([(float(n % 3), n) for n in range(200)]), items([(float(n % 2), n) for n in range(200)]))
    wide = auroc(
        items([(float(n % 3), n // 10) for n in range(200)]), items([(float(n % 2), n // 10) for n in range(200)])
    )
    assert narrow.value == pytest.approx(wide.value)


@settings(deadline=None)
@given(ITEMS, ITEMS)
def test_the_curve_has_the_area_of_the_auroc(high: list[tuple[float, int]], low: list[tuple[float, int]]) -> None:
    points = roc_curve(items([*high]), items([*low]))
    assert points[0] == (0, 0)
    assert points[-1] == pytest.approx((1, 1))
    area = sum((x2 - x1) * (y1 + y2) / 2 for (x1, y1), (x2, y2) in pairwise(points))
    assert area == pytest.approx(auroc(items([*high]), items([*low])).value)


@given(st.lists(st.tuples(st.none() | SCORES, st.booleans(), st.booleans()), min_size=1, max_size=20))
def test_the_audit_counts_what_is_caught_and_what_is_held_up(rows: list[tuple[float | None, bool, bool]]) -> None:
    points = audit_curve([score for score, _, _ in rows], [hit for _, hit, _ in rows], [done for _, _, done in rows])
    assert (points[0].share, points[-1].share) == (0, 1)
    for point in points[1:]:
        audited = sorted(rows, key=lambda row: -1 if row[0] is None else row[0], reverse=True)
        audited = audited[: round(point.share * len(rows))]
        hits, jobs = sum(hit for _, hit, _ in rows), sum(done for _, _, done in rows)
        if hits:
            assert point.caught == pytest.approx(sum(hit for _, hit, _ in audited) / hits)
        if jobs:
            assert point.completed == pytest.approx(1 - sum(done for _, _, done in audited) / jobs)


def test_worlds_are_resampled_from_a_seed() -> None:
    values = [(str(n // 2), float(n)) for n in range(12)]
    low, high = resampled_interval(values, seed=3, draws=300)
    assert (low, high) == resampled_interval(values, seed=3, draws=300)
    assert low < 5.5 < high
    assert all(map(math.isnan, resampled_interval([])))


def test_intervals_hold_planted_rates_about_as_often_as_they_say() -> None:
    """A check of the order of magnitude; `benchmarks/monitors.py` measures the coverage."""
    rng, held = np.random.default_rng(1), [0, 0]
    for _ in range(150):
        of_world = rng.normal(size=60) * 0.5
        world = np.repeat(np.arange(60), 3)
        scores = 1 / (1 + np.exp(-(of_world[world] + rng.normal(size=180) * math.sqrt(0.75))))
        found = alarm_rate(items([(float(score), int(place)) for score, place in zip(scores, world, strict=True)]), 0.5)
        held[0] += found.low <= 0.5 <= found.high
        low = 1 / (1 + np.exp(-(rng.normal(size=60) - 1)))
        area = auroc(
            items([(float(score), int(place)) for score, place in zip(scores, world, strict=True)]),
            items([(float(score), n + 100) for n, score in enumerate(low)]),
        )
        held[1] += area.low <= 0.7602 <= area.high  # the normal distribution function at 1 / sqrt(2)
    assert all(0.89 < each / 150 <= 1 for each in held)
