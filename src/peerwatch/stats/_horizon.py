"""Sharper limits for a study of binary episodes that will read no more than a stated number of worlds.

Ville's inequality holds for ever and for any numbers in [-1, 1]. Where every difference is -1, 0 or 1, worlds are
independent draws and reading ends at a horizon, the probability that the evidence ever crosses a limit can be
computed exactly, and the limit lowered until that probability is the level. The limit also falls on the way to the
horizon: what is left of the level at the end is worth nothing.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from peerwatch.stats._betting import Bets, running_log_capital
from peerwatch.stats._differences import Numbers

LONGEST: Final = 200
"""Worlds; the exact computation grows with the third power of the horizon."""

BETS: Final = Bets((0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0), (*[0.11] * 7, 0.23))
"""No small fractions: within two hundred worlds they can decide nothing."""

TILT: Final = 1.0
"""How far the limit falls, in units of log evidence, from the first world to the horizon."""

_NUISANCE_POINTS = 16
_RESERVE = 0.99
"""The worst case is sought on a grid; a hundredth of the level is kept for what lies between its points."""
_BISECTIONS = 9
_ROUNDING = 1e-9

Region = NDArray[np.bool_]


def scores(values: Numbers, null: float, horizon: int) -> Numbers:
    """Give the evidence against "the mean is at most `null`" after 0, 1, ... worlds, corrected for the time left."""
    left = 1 - np.arange(len(values) + 1) / horizon
    return running_log_capital(values, null, BETS) - TILT * left


@lru_cache(maxsize=256)
def limit(level: float, null: float, horizon: int) -> float:
    """Find the least limit that the scores ever reach with probability at most `level` under the null hypothesis.

    Args:
        level: Strictly between 0 and 1.
        null: m in (-1, 0]: the mean is at most m.
        horizon: Worlds, 1 to `LONGEST`.

    Returns:
        The limit, in units of `scores`.
    """
    # Evidence falls with every value, so the worst case has its mean at the null hypothesis exactly: a share of
    # ones, and as many minus ones as that takes. Rare discordant worlds matter as much as common ones.
    ones = (1 + null) / 2 * np.linspace(0, 1, _NUISANCE_POINTS) ** 2
    minus_ones = ones - null
    table = _score_tables(null, horizon)
    # The upper end is Ville's limit, which always holds; the lower one only saves time.
    high = float(-np.log(level))
    low = high - 2 * TILT
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        reached = [each >= middle - _ROUNDING for each in table]
        if course(ones, minus_ones, [reached])[0].max() <= _RESERVE * level:
            high = middle
        else:
            low = middle
    return high


def regions(level: float, null: float, horizon: int) -> list[Region]:
    """Say for every number of worlds t and counts of ones and minus ones whether the limit is reached.

    Returns:
        For t = 0 to the horizon an array of shape (t + 1, t + 1); impossible counts are false.
    """
    bar = limit(level, null, horizon) - _ROUNDING
    return [each >= bar for each in _score_tables(null, horizon)]


def crossed(values: Numbers, null: float, level: float, horizon: int) -> NDArray[np.bool_]:
    """Say after 0, 1, ... worlds whether the limit is reached."""
    reached: NDArray[np.bool_] = scores(values, null, horizon) >= limit(level, null, horizon) - _ROUNDING
    return reached


def course(ones: Numbers, minus_ones: Numbers, ends: Sequence[Sequence[Region]]) -> Numbers:
    """Compute exactly how a study ends, for several worlds' distributions at once.

    Args:
        ones: Probability of a difference of 1, one for each of k distributions.
        minus_ones: Probability of -1, likewise.
        ends: Ways to end, each as from `regions`; where two are reached at once the first counts.

    Returns:
        An array with one row more than there are ways to end and k columns: the probability of each, and in the
        last row the expected number of worlds.
    """
    plus, minus = ones[:, None, None], minus_ones[:, None, None]
    zero = np.maximum(1 - plus - minus, 0)
    found = np.zeros((len(ends) + 1, len(ones)))
    mass = np.ones((len(ones), 1, 1))
    for t in range(1, len(ends[0])):
        found[-1] += mass.sum(axis=(1, 2))
        grown = np.zeros((len(ones), t + 1, t + 1))
        grown[:, :t, :t] = mass * zero
        grown[:, 1:, :t] += mass * plus
        grown[:, :t, 1:] += mass * minus
        for row, end in enumerate(ends):
            found[row] += grown[:, end[t]].sum(axis=1)
            grown[:, end[t]] = 0
        mass = grown
    return found


def capital_tables(null: float, horizon: int, bets: Bets) -> Iterator[Numbers]:
    """Give the log capital of every possible count: it depends on the counts and not on their order.

    Returns:
        As `regions`, with minus infinity for impossible counts; axes are ones, then minus ones.
    """
    fractions = np.array(bets.fractions)[:, None]
    with np.errstate(divide="ignore"):
        one, minus_one, zero = np.log((1 - fractions) + fractions * (1 + np.array([1.0, -1.0, 0.0])) / (1 + null)).T
    weights = np.log(np.array(bets.weights))
    for t in range(horizon + 1):
        ones, minus_ones = np.meshgrid(np.arange(t + 1), np.arange(t + 1), indexing="ij")
        zeros = t - ones - minus_ones
        total = np.full(ones.shape, -np.inf)
        for weight, at_one, at_minus, at_zero in zip(weights, one, minus_one, zero, strict=True):
            ruined = bool(np.isneginf(float(at_minus)))
            loss = np.where(minus_ones > 0, -np.inf, 0.0) if ruined else minus_ones * at_minus
            total = np.logaddexp(total, weight + ones * at_one + loss + zeros * at_zero)
        yield np.where(zeros >= 0, total, -np.inf)


@lru_cache(maxsize=8)
def _score_tables(null: float, horizon: int) -> list[Numbers]:
    return [each - TILT * (1 - t / horizon) for t, each in enumerate(capital_tables(null, horizon, BETS))]
