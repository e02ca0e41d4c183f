"""The posterior of a difference, held against an integral and against repeated studies."""

import math
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from peerwatch.stats import posterior


def exact(ones: int, minus: int, zeros: int, at: float) -> float:
    """The probability that the difference is at most a number, with the prior of half, half and one.

    The share d of discordant worlds and the share s of ones among them have independent beta distributions, and the
    difference is d * (2 s - 1).
    """
    special: Any = import_module("scipy.special")  # without types
    edges = np.linspace(0, 1, 20_001)
    chances = np.diff(special.betainc(ones + minus + 1, zeros + 1, edges))
    middles = (edges[1:] + edges[:-1]) / 2
    below = special.betainc(ones + 0.5, minus + 0.5, np.clip((at / middles + 1) / 2, 0, 1))
    return float(chances @ below)


@pytest.mark.parametrize("counts", [(0, 0, 20), (6, 0, 14), (9, 3, 8), (1, 1, 1)])
def test_it_is_the_dirichlet_posterior_for_one_binary_episode(counts: tuple[int, int, int]) -> None:
    ones, minus, zeros = counts
    found = posterior([(1.0, 0.0)] * ones + [(0.0, 1.0)] * minus + [(0.0, 0.0)] * zeros)
    assert found.more == pytest.approx(1 - exact(*counts, 0.0), abs=0.015)
    assert found.equivalent == pytest.approx(exact(*counts, 0.1) - exact(*counts, -0.1), abs=0.015)
    assert exact(*counts, found.low) == pytest.approx(0.025, abs=0.008)
    assert exact(*counts, found.high) == pytest.approx(0.975, abs=0.008)
    assert found.mean == pytest.approx((ones - minus) / (sum(counts) + 2))


def test_its_intervals_hold_what_they_should_over_studies() -> None:
    rng, covered = np.random.default_rng(2), 0
    for number in range(300):
        first, second = (rng.binomial(3, rate, 40) / 3 for rate in (0.5, 0.3))
        found = posterior(list(zip(first.tolist(), second.tolist(), strict=True)), draws=2000, seed=number)
        covered += found.low <= 0.2 <= found.high
    assert covered / 300 >= 0.92


def test_many_equal_worlds_are_equivalent_and_none_leaves_nothing() -> None:
    assert posterior([(0.0, 0.0)] * 50).equivalent > 0.99
    assert math.isnan(posterior([]).mean)
    with pytest.raises(ValueError, match="smallest_effect"):
        posterior([(1.0, 0.0)], 0)
