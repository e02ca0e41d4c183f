"""The power of a contrast of scores is that of the rule that decides it."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerwatch.stats import Levels, compare_worlds, detectable_shift, reachable_level, score_power, worlds_for_shift


@pytest.mark.parametrize(
    ("worlds", "epochs", "shift", "spread", "side"),
    [(20, 1, 4, 6, "two"), (30, 1, 2.5, 4, "more"), (15, 3, 5, 8, "more")],
)
def test_power_is_what_simulated_studies_find(worlds: int, epochs: int, shift: float, spread: float, side: str) -> None:
    rng = np.random.default_rng(11)
    icc, repeats, found = 0.3, 400, 0
    for _ in range(repeats):
        shared = rng.normal(0, spread * math.sqrt(icc), (worlds, 1))
        own = rng.normal(0, spread * math.sqrt(1 - icc), (worlds, epochs))
        means = (shift + shared + own).mean(axis=1) / 100
        levels = Levels(0.05, 0.05) if side == "more" else Levels.two_sided(0.05)
        tested = compare_worlds([(each, 0.0) for each in means], levels=levels, side="two", extreme=0.2)
        found += tested.low > 0 or (side == "two" and tested.high < 0)
    planned = score_power(
        worlds, epochs, shift, spread=spread, extreme=20, icc=icc, side="more" if side == "more" else "two"
    )
    noise = math.sqrt(planned.power * (1 - planned.power) / repeats + planned.error**2)
    assert 0.15 < planned.power < 0.97
    assert abs(found / repeats - planned.power) < 3.5 * noise


@settings(max_examples=25, deadline=None)
@given(worlds=st.integers(4, 80), spread=st.sampled_from([1.0, 3.0, 8.0]), side=st.sampled_from(["two", "more"]))
def test_the_smallest_shift_is_found_and_a_smaller_one_is_not(worlds: int, spread: float, side: str) -> None:
    which = "more" if side == "more" else "two"
    found = detectable_shift(worlds, 1, spread=spread, extreme=20, side=which)
    assert found.reached
    assert found.power >= 0.8
    less = score_power(worlds, 1, found.shift - 0.1, spread=spread, extreme=20, side=which)
    assert less.power < 0.8


@pytest.mark.parametrize(("shift", "spread"), [(3, 3), (3, 8), (5, 8)])
def test_so_many_worlds_suffice_and_one_fewer_does_not(shift: float, spread: float) -> None:
    found = worlds_for_shift(shift, 1, spread=spread, extreme=20)
    assert found.reached
    assert score_power(found.worlds - 1, 1, shift, spread=spread, extreme=20).power < 0.8 <= found.power


def test_more_worlds_more_epochs_and_a_smaller_spread_see_more() -> None:
    def at(worlds: int = 30, epochs: int = 1, spread: float = 6.0) -> float:
        return score_power(worlds, epochs, 2.5, spread=spread, extreme=20).power

    assert at(worlds=60) > at()
    assert at(epochs=4) > at()
    assert at(spread=3.0) > at()


def test_without_a_shift_the_level_holds() -> None:
    assert score_power(40, 1, 0, spread=5, extreme=20).power <= 0.05
    assert score_power(40, 1, -10, spread=5, extreme=20, side="more").power == 0


def test_a_shift_out_of_reach_is_reported_as_such() -> None:
    few = detectable_shift(2, 1, spread=3, extreme=20, confidence=0.9999)
    assert not few.reached
    assert reachable_level(2, 20) > 1 - 0.9999
    assert not worlds_for_shift(0.01, 1, spread=20, extreme=20, most=50).reached


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"worlds": 0}, "at least one world"),
        ({"epochs": 0}, "one epoch"),
        ({"spread": -1.0}, "spread"),
        ({"extreme": 0.0}, "extreme"),
        ({"icc": 2.0}, "icc"),
        ({"confidence": 1.0}, "confidence"),
    ],
)
def test_what_is_out_of_range_is_refused(changed: dict[str, float], message: str) -> None:
    given_values = {"worlds": 10, "epochs": 1, "spread": 3.0, "extreme": 20.0, "icc": 0.3, "confidence": 0.95}
    values = {**given_values, **changed}
    with pytest.raises(ValueError, match=message):
        score_power(
            int(values["worlds"]),
            int(values["epochs"]),
            3,
            spread=values["spread"],
            extreme=values["extreme"],
            icc=values["icc"],
            confidence=values["confidence"],
        )


def test_a_target_that_is_no_probability_and_a_shift_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="target"):
        detectable_shift(10, 1, spread=3, extreme=20, target=1)
    with pytest.raises(ValueError, match="shift is 0"):
        worlds_for_shift(0, 1, spread=3, extreme=20)
