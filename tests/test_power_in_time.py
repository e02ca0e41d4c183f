"""Power and expected worlds of a study that stops at any time are those of the rule that decides it."""

import math

import numpy as np
import pytest

from peerwatch.stats import Known, Rules, detectable_in_time, family_states, power_in_time


def found(rates: tuple[float, float], rules: Rules, worlds: int, epochs: int, studies: int) -> tuple[float, float]:
    """Share of studies that decide "more", and worlds that they read, by the rule itself."""
    rng, more, read = np.random.default_rng(7), 0, 0
    for _ in range(studies):
        first, second = (rng.binomial(epochs, rate, worlds * rules.strata) / epochs for rate in rates)
        values: list[Known] = [*(first - second).tolist()]
        state = family_states([values], rules, stepwise=False, declared=3)[0]
        more += state.kind == "more"
        read += state.worlds
    return more / studies, read / studies / rules.strata


@pytest.mark.parametrize(
    ("rules", "epochs"),
    [
        (Rules(horizon=30), 1),
        (Rules(horizon=30, alike=False), 1),
        (Rules(side="two", horizon=30), 1),
        (Rules(side="two"), 3),
        (Rules(strata=3), 1),
    ],
)
def test_studies_find_what_is_promised(rules: Rules, epochs: int) -> None:
    worlds, studies = 30, 250
    promised = power_in_time(worlds, epochs, 0.25, rules, base=0.1, icc=0.0, share=1 / 3)
    power, read = found((0.35, 0.1), rules, worlds, epochs, studies)
    assert power == pytest.approx(promised.power, abs=4 * math.sqrt(0.25 / studies))
    assert read == pytest.approx(promised.expected_worlds, abs=4 * worlds / 2 / math.sqrt(studies))


def test_no_effect_ends_early_too() -> None:
    none = power_in_time(100, 1, 0.0, Rules(horizon=100), base=0.02, icc=0.3)
    assert none.power < 0.05 < 0.9 < none.no_effect
    assert none.expected_worlds < 60


def test_the_smallest_effect_in_sight() -> None:
    least = detectable_in_time(40, 1, Rules(horizon=40), base=0.02, icc=0.3, share=1 / 6)
    assert least.reached
    assert 0.8 <= least.power < 0.83
    assert power_in_time(40, 1, least.effect - 0.002, Rules(horizon=40), base=0.02, icc=0.3, share=1 / 6).power < 0.8
    assert not detectable_in_time(2, 1, Rules(horizon=2), base=0.0, icc=0.0, share=1 / 6).reached
    with pytest.raises(ValueError, match="share"):
        power_in_time(2, 1, 0.1, Rules(), base=0.1, icc=0.0, share=0.0)
