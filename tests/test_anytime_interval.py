"""The interval of a contrast that is decided as it goes is the inversion of what decides it."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerwatch.stats import (
    GAP,
    Decision,
    DecisionSide,
    Known,
    Rules,
    confidence_sequence,
    decide,
    decide_family,
    family_states,
    interval_in_time,
)
from peerwatch.stats._horizon import course, regions

signs = st.sampled_from([-1.0, 0.0, 1.0])
MARGIN = 0.1


def agrees(found: Decision, side: DecisionSide) -> bool:
    """Whether the limits allow the decision, and no other."""
    within = math.isnan(found.effect) or found.low <= found.effect <= found.high
    null = found.high < MARGIN and (side == "more" or found.low > -MARGIN)
    allowed = {
        "more": found.low > 0,
        "less": found.high < 0 and side == "two",
        "no_effect": null,
        "open": found.low <= 0 and not null and (found.high >= 0 or side == "more"),
    }
    return within and allowed[found.kind]


@st.composite
def readings(draw: st.DrawFn) -> tuple[list[Known], int | None, bool]:
    """Worlds with a rate of their own, some of them lost, and the limits that judge them."""
    horizon, alike = draw(st.sampled_from([(None, True), (40, True), (40, False)]))
    rng = draw(st.randoms(use_true_random=False))
    more, less, lost = (draw(st.sampled_from([0.0, 0.05, 0.3, 0.9])) for _ in range(3))
    values: list[Known] = []
    for _ in range(draw(st.integers(0, 40))):
        sign = float(rng.random() < more) - float(rng.random() < less)
        values.append(GAP if rng.random() < lost / 3 else sign)
    return values, horizon, alike


@settings(deadline=None, max_examples=30)
@given(readings(), st.sampled_from(["more", "two"]))
def test_no_decision_contradicts_its_interval(drawn: tuple[list[Known], int | None, bool], side: DecisionSide) -> None:
    values, horizon, alike = drawn
    assert agrees(decide(values, side=side, horizon=horizon, alike=alike), side)


@settings(deadline=None, max_examples=8)
@given(st.lists(readings(), min_size=1, max_size=4), st.sampled_from(["more", "two"]))
def test_none_of_a_family_does(drawn: list[tuple[list[Known], int | None, bool]], side: DecisionSide) -> None:
    for horizon in (None, 40):
        found = decide_family([values for values, _, _ in drawn], side=side, horizon=horizon)
        assert all(agrees(each, side) for each in found)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.floats(-1, 1), st.floats(0, 0.5)), min_size=1, max_size=40),
    st.sampled_from([-1.0, 0.3, math.nan]),
)
def test_the_value_lies_within_its_limits_whatever_is_lost(worlds: list[tuple[float, float]], observed: float) -> None:
    """Several epochs, of which every world has lost some: a world's bounds are all that is known."""
    values: list[Known] = [(max(mean - lost, -1.0), min(mean + lost, 1.0)) for mean, lost in worlds]
    for each in (confidence_sequence(values, 0.05), confidence_sequence(values, 0.05, [observed] * len(values))):
        assert math.isnan(each.value) or each.low <= each.value <= each.high


def test_limits_of_a_family_are_at_its_level() -> None:
    values: list[Known] = [1.0, 0.0, 1.0, 1.0] * 6
    rules = Rules(horizon=40)
    alone, in_six = (
        interval_in_time(values, rules, family_states([values], rules, stepwise=False, declared=count)[0])
        for count in (1, 6)
    )
    assert in_six.low < alone.low < alone.high < in_six.high


def test_worlds_that_turn_round_leave_the_worlds_that_decided() -> None:
    values: list[Known] = [*[1.0] * 10, *[-1.0] * 30]
    found = decide(values, horizon=60)
    assert (found.kind, found.effect) == ("more", 1.0)
    assert found.low > 0


@pytest.mark.parametrize("null", [0.0, -0.1, -0.37, 0.04, 0.3])
@pytest.mark.parametrize(("level", "alike"), [(0.05, True), (0.004, True), (0.05, False)])
def test_limits_hold_for_any_mean(level: float, null: float, *, alike: bool) -> None:
    ones = np.linspace(max(null, 0), (1 + null) / 2, 40)
    assert course(ones, ones - null, [regions(level, null, 50, alike=alike)])[0].max() <= level


def test_limits_for_any_worlds_hold_where_the_share_of_discordant_worlds_changes() -> None:
    """At the change that hurts limits for like worlds most, of all that happen once."""

    def worst(*, alike: bool) -> float:
        end = regions(0.05, 0.0, 60, alike=alike)
        return max(
            changed(end, at, before, after) for at in (30, 45, 55) for before, after in ((0.02, 0.5), (0.1, 0.5))
        )

    assert worst(alike=False) <= 0.05 < worst(alike=True)


def changed(end: list[np.ndarray], at: int, before: float, after: float) -> float:
    """The chance that a region is reached where the share of ones, and of minus ones, changes at a world."""
    mass, found = np.ones((1, 1)), 0.0
    for t in range(1, len(end)):
        share = before if t <= at else after
        grown = np.zeros((t + 1, t + 1))
        grown[:t, :t] = mass * (1 - 2 * share)
        grown[1:, :t] += mass * share
        grown[:t, 1:] += mass * share
        found += float(grown[end[t]].sum())
        grown[end[t]] = 0
        mass = grown
    return found
