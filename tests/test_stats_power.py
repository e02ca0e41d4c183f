"""Power: against studies simulated here, with the test that a study of that shape uses."""

import math
from fractions import Fraction
from time import perf_counter

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from peerwatch.stats import compare_worlds, detectable_effect, power, smallest_p, worlds_needed
from peerwatch.stats._world_model import WorldModel, joint_counts

Pairs = list[tuple[float, float]]


def study(worlds: int, epochs: int, first: float, second: float, icc: float, rng: np.random.Generator) -> Pairs:
    """One study drawn from the beta-binomial itself, without any table of probabilities."""
    sides: list[list[float]] = []
    for mean in (first, second):
        size = (1 - icc) / icc
        propensity = rng.beta(mean * size, (1 - mean) * size, worlds)
        sides.append([float(count) / epochs for count in rng.binomial(epochs, propensity)])
    return list(zip(*sides, strict=True))


@pytest.mark.parametrize(
    ("worlds", "epochs", "effect", "base", "icc"),
    [(20, 1, 0.4, 0.1, 0.3), (60, 1, 0.15, 0.02, 0.1), (12, 3, 0.3, 0.1, 0.3), (40, 4, 0.15, 0.05, 0.5)],
)
def test_power_is_what_simulated_studies_find(worlds: int, epochs: int, effect: float, base: float, icc: float) -> None:
    rng = np.random.default_rng([worlds, epochs])
    repeats = 500 if worlds < 20 or epochs == 1 else 250
    found = sum(
        compare_worlds(study(worlds, epochs, base + effect, base, icc, rng), binary=epochs == 1).p <= 0.05
        for _ in range(repeats)
    )
    planned = power(worlds, epochs, effect, base=base, icc=icc)
    noise = math.hypot(math.sqrt(0.25 / repeats), planned.error)
    assert 0.15 < planned.power < 0.97
    assert abs(found / repeats - planned.power) < 3 * noise


@pytest.mark.parametrize(("worlds", "first", "second"), [(6, 0.9, 0.1), (9, 0.5, 0.2)])
def test_power_with_one_epoch_is_a_sum_over_all_tables(worlds: int, first: float, second: float) -> None:
    b_share, c_share = Fraction(first * (1 - second)), Fraction(second * (1 - first))
    total = Fraction(0)
    for b in range(worlds + 1):
        for c in range(worlds - b + 1):
            if compare_worlds([(1, 0)] * b + [(0, 1)] * c + [(0, 0)] * (worlds - b - c), binary=True).p <= 0.05:
                ways = math.comb(worlds, b) * math.comb(worlds - b, c)
                total += ways * b_share**b * c_share**c * (1 - b_share - c_share) ** (worlds - b - c)
    found = power(worlds, 1, first - second, base=second, icc=0)
    assert found.power == pytest.approx(float(total), abs=1e-9)
    assert found.error == 0


@settings(deadline=None, max_examples=40)
@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.integers(1, 5))
@example(first=0.0, second=2.3e-308, icc=0.0, shared=0.0, epochs=4)
@example(first=0.0, second=0.5, icc=1e-310, shared=0.0, epochs=1)
def test_worlds_have_the_rates_that_were_asked_for(
    first: float, second: float, icc: float, shared: float, epochs: int
) -> None:
    joint = joint_counts(WorldModel(first, second, icc, shared), epochs)
    counts = np.arange(epochs + 1) / epochs
    assert joint.min() >= -1e-12
    assert float(joint.sum()) == pytest.approx(1)
    assert float(joint.sum(axis=1) @ counts) == pytest.approx(first, abs=1e-6)
    assert float(joint.sum(axis=0) @ counts) == pytest.approx(second, abs=1e-6)


@pytest.mark.parametrize("icc", [0.0, 0.1, 0.4, 1.0])
@pytest.mark.parametrize("mean", [0.05, 0.3, 0.5])
def test_repeats_correlate_as_asked(mean: float, icc: float) -> None:
    joint = joint_counts(WorldModel(mean, mean, icc, 0.0), 2)
    both = float(joint.sum(axis=1)[2])
    assert (both - mean**2) / (mean * (1 - mean)) == pytest.approx(icc, abs=0.01)


def test_more_worlds_epochs_effect_and_pairing_help() -> None:
    def at(worlds: int = 40, epochs: int = 2, effect: float = 0.2, icc: float = 0.3, shared: float = 0.0) -> float:
        return power(worlds, epochs, effect, base=0.2, icc=icc, shared=shared).power

    assert at() < at(worlds=60)
    assert at() < at(epochs=4)
    assert at() < at(effect=0.3)
    assert at() < at(icc=0.05)
    assert at() < at(shared=1.0)
    assert power(40, 1, 0.2, base=0.2, icc=0.3, shared=0.0).power < power(80, 1, 0.2, base=0.2, icc=0.3).power


@pytest.mark.parametrize("epochs", [1, 3])
def test_repeats_of_worlds_that_are_all_or_nothing_gain_nothing(epochs: int) -> None:
    found = power(25, epochs, 0.35, base=0.1, icc=1.0)
    once = power(25, 1, 0.35, base=0.1, icc=1.0)
    # The conditional test of the repeats is at most as powerful as the unconditional one of one epoch.
    assert found.power <= once.power + 3 * found.error


def test_without_an_effect_the_power_is_within_the_level() -> None:
    assert power(50, 1, 0.0, base=0.3, icc=0.2).power <= 0.05
    found = power(30, 3, 0.0, base=0.3, icc=0.2)
    assert found.power <= 0.05 + 3 * found.error
    assert power(4, 4, 0.9, base=0.05, icc=0.2).power == 0
    assert smallest_p(4, 4) > 0.05 > smallest_p(5, 4, "more")


@pytest.mark.parametrize("epochs", [1, 4])
@pytest.mark.parametrize(("effect", "base"), [(0.3, 0.05), (0.1, 0.1), (-0.3, 0.5)])
def test_worlds_needed_reach_the_target_and_one_less_does_not(epochs: int, effect: float, base: float) -> None:
    begin = perf_counter()
    found = worlds_needed(effect, epochs, base=base, icc=0.2)
    took = perf_counter() - begin
    assert found.reached
    assert found.episodes == 2 * found.worlds * epochs
    assert power(found.worlds, epochs, effect, base=base, icc=0.2).power == found.power >= 0.8
    assert power(found.worlds - 1, epochs, effect, base=base, icc=0.2).power < 0.8
    assert took < 2


@pytest.mark.parametrize("epochs", [1, 4])
def test_the_detectable_effect_is_the_least(epochs: int) -> None:
    begin = perf_counter()
    found = detectable_effect(50, epochs, base=0.05, icc=0.2)
    assert perf_counter() - begin < 2
    assert found.reached
    assert found.power >= found.target == 0.8
    assert power(50, epochs, found.effect - 0.001, base=0.05, icc=0.2).power < 0.8


def test_what_cannot_be_reached_is_said() -> None:
    few = detectable_effect(4, 3, base=0.1, icc=0.2)
    assert not few.reached
    assert few.effect == pytest.approx(0.9)
    most = worlds_needed(0.02, 1, base=0.3, icc=0.2, most=100)
    assert (most.worlds, most.reached) == (100, False)


def test_what_makes_no_sense_is_refused() -> None:
    for base in (0.9, -0.1):
        with pytest.raises(ValueError, match="rates"):
            power(10, 1, 0.2, icc=0.1, base=base)
    with pytest.raises(ValueError, match="icc"):
        power(10, 1, 0.2, base=0.1, icc=1.5)
    with pytest.raises(ValueError, match="world"):
        power(0, 1, 0.2, base=0.1, icc=0.1)
    with pytest.raises(ValueError, match="target"):
        detectable_effect(10, 1, base=0.1, icc=0.1, target=80)
    with pytest.raises(ValueError, match="effect"):
        worlds_needed(0.0, 1, base=0.1, icc=0.1)
    with pytest.raises(ValueError, match="rates"):
        worlds_needed(0.95, 1, base=0.1, icc=0.1)
