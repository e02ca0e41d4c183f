"""Sharper limits for a study of binary episodes that will read no more than a stated number of worlds.

Ville's inequality holds for any number of worlds and for any numbers in [-1, 1]. If every difference is -1, 0 or 1 and
reading ends at a horizon, the probability that the evidence ever crosses a limit can be computed exactly, and the limit
lowered until that probability equals the level. The limit also decreases towards the horizon, because any level left
unspent at the end is wasted.

There are two such limits. Those for worlds that are *alike*, independent draws from one distribution, are lower. The
others hold for any worlds, even if the share of discordant ones changes from world to world in the worst possible way,
as it may when a provider changes the model during a run.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from peerwatch.stats._betting import Bets, running_log_capital
from peerwatch.stats._differences import Numbers

LONGEST: Final = 200
"""Maximum horizon in worlds; the cost of the exact computation grows with its third power."""

BETS: Final = Bets((0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0), (*[0.11] * 7, 0.23))
"""No small fractions: within two hundred worlds they cannot decide anything."""

TILT: Final = {True: 1.0, False: 0.5}
"""Total decrease of the limit from the first world to the horizon, in units of log evidence: by whether worlds are
alike.
"""

_NUISANCE_POINTS = 16
_RESERVE = 0.99
"""The worst case is searched on a grid; 1 % of the level is reserved for what lies between its points."""
_CLOSE = 0.985
"""The search stops when the error reaches this share of the allowed one."""
_STEPS = 9
_ROUNDING = 1e-9

Region = NDArray[np.bool_]


def scores(values: Numbers, null: float, horizon: int, *, alike: bool = True) -> Numbers:
    """Return the evidence against "the mean is at most `null`" after 0, 1, ... worlds, corrected for the time left."""
    left = 1 - np.arange(len(values) + 1) / horizon
    return running_log_capital(values, null, BETS) - TILT[alike] * left


@lru_cache(maxsize=4096)
def limit(level: float, null: float, horizon: int, *, alike: bool = True) -> float:
    """Find the smallest limit that the scores ever reach with probability at most `level` under the null hypothesis.

    Args:
        level: Strictly between 0 and 1.
        null: m strictly between -1 and 1: the mean is at most m.
        horizon: Worlds, 1 to `LONGEST`.
        alike: Whether worlds are independent draws from one distribution. Otherwise it is only assumed that the mean of
            each, given those before it, is at most m.

    Returns:
        The limit, in units of `scores`; above 0, so that no observed mean is ever rejected.
    """
    table = _score_tables(null, horizon, alike=alike)
    error = _error_alike(table, null) if alike else _error_of_any(table, null)
    return _least(error, level * (_RESERVE if alike else 1.0), -math.log(level))


def regions(level: float, null: float, horizon: int, *, alike: bool = True) -> list[Region]:
    """Return, for every number of worlds t and counts of ones and minus ones, whether the limit is reached.

    Returns:
        For t = 0 to the horizon an array of shape (t + 1, t + 1); impossible counts are false.
    """
    bar = least_evidence(level, null, horizon, alike=alike)
    return [each >= bar for each in _score_tables(null, horizon, alike=alike)]


def least_evidence(level: float, null: float, horizon: int, *, alike: bool = True) -> float:
    """Return the smallest of `scores` that rejects "the mean is at most `null`" at a level."""
    return limit(level, null, horizon, alike=alike) - _ROUNDING


def _least(error: Callable[[float], float], target: float, ceiling: float) -> float:
    """Find, approximately, the smallest limit whose error is at most the target.

    The log error decreases about linearly in the limit, which gives the next guess (secant method); a guess outside the
    known bracket is replaced by the midpoint. The ceiling is Ville's limit, which is always valid.
    """
    low, high = 0.0, max(ceiling, 2 * _ROUNDING)
    guess = max(high - 0.9, (low + high) / 2)
    for _ in range(_STEPS):
        found = error(guess - _ROUNDING)
        if found <= target:
            high = guess
            if found >= _CLOSE * target:
                break
        else:
            low = guess
        if high - low < 0.002:
            break
        # The log error falls by about 1 per unit of the limit; aim slightly below the target.
        guess += math.log(max(found, 1e-12) / (0.996 * target))
        if not low < guess < high:
            guess = (low + high) / 2
    return high


def _error_alike(table: Sequence[Numbers], null: float) -> Callable[[float], float]:
    """Return the probability that a limit is ever reached by alike worlds, at the worst share of discordant ones."""
    # Evidence decreases in every value, so the worst case has its mean exactly at the null hypothesis: a share of ones,
    # and the share of minus ones that gives this mean. Rare discordant worlds matter as much as common ones.
    least, most = max(null, 0.0), (1 + null) / 2
    ones = least + (most - least) * np.linspace(0, 1, _NUISANCE_POINTS) ** 2

    def error(bar: float) -> float:
        return float(_reached(ones, ones - null, [each >= bar for each in table]).max())

    return error


def _error_of_any(table: Sequence[Numbers], null: float) -> Callable[[float], float]:
    """Return the same if each world's share of discordant outcomes is the worst one, given all worlds before it.

    Computed backwards from the horizon: the probability is linear in a world's share of ones, so the worst share is the
    minimum or maximum that the null hypothesis allows.
    """
    least, most = max(null, 0.0), (1 + null) / 2

    def error(bar: float) -> float:
        chance = (table[-1] >= bar).astype(np.float64)
        for each in reversed(table[:-1]):
            size = len(each)
            same, one, minus = chance[:size, :size], chance[1:, :size], chance[:size, 1:]
            # Probability of reaching the limit later, if this world's share of ones is the smallest possible; `chance`
            # is indexed by the counts of ones and of minus ones after the next world.
            few = (1 + null - 2 * least) * same + least * one + (least - null) * minus
            chance = np.maximum(few, most * one + (most - null) * minus)
            chance[each >= bar] = 1.0
        return float(chance[0, 0])

    return error


def _reached(ones: Numbers, minus_ones: Numbers, end: Sequence[Region]) -> Numbers:
    """Return the probability that a region is ever reached, for several distributions: `course` in single precision."""
    plus, minus = (each.astype(np.float32)[:, None, None] for each in (ones, np.maximum(minus_ones, 0)))
    zero = np.maximum(1 - plus - minus, 0)
    found, mass = np.zeros(len(ones)), np.ones((len(ones), 1, 1), np.float32)
    for t in range(1, len(end)):
        grown = np.empty((len(ones), t + 1, t + 1), np.float32)
        grown[:, t, :] = 0
        grown[:, :, t] = 0
        np.multiply(mass, zero, out=grown[:, :t, :t])
        grown[:, 1:, :t] += mass * plus
        grown[:, :t, 1:] += mass * minus
        found += grown[:, end[t]].sum(axis=1, dtype=np.float64)
        grown[:, end[t]] = 0
        mass = grown
    return found


def course(ones: Numbers, minus_ones: Numbers, ends: Sequence[Sequence[Region]]) -> Numbers:
    """Compute the exact distribution over the ends of a study, for several distributions of worlds at once.

    Args:
        ones: Probability of a difference of 1, shape (k,) for k distributions.
        minus_ones: Probability of -1, likewise.
        ends: Ways to end, each as returned by `regions`; if two are reached at once the first counts.

    Returns:
        An array of shape (len(ends) + 1, k): the probability of each end and, in the last row, the expected number of
        worlds.
    """
    plus, minus = ones[:, None, None], minus_ones[:, None, None]
    zero = np.maximum(1 - plus - minus, 0)
    found = np.zeros((len(ends) + 1, len(ones)))
    mass = np.ones((len(ones), 1, 1))
    for t in range(1, len(ends[0])):
        # E[worlds] = sum over t of P(the study has not ended before world t).
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
    """Return the log capital for every possible count; it depends on the counts but not on their order.

    Returns:
        As `regions`, with minus infinity for impossible counts; axes are ones, then minus ones.
    """
    fractions = np.array(bets.fractions)[:, None]
    with np.errstate(divide="ignore"):
        # Log factor of each gambler for a world with difference 1, -1 and 0; see `_betting`.
        one, minus_one, zero = np.log((1 - fractions) + fractions * (1 + np.array([1.0, -1.0, 0.0])) / (1 + null)).T
    weights = np.log(np.array(bets.weights))
    for t in range(horizon + 1):
        ones, minus_ones = np.meshgrid(np.arange(t + 1), np.arange(t + 1), indexing="ij")
        zeros = t - ones - minus_ones
        total = np.full(ones.shape, -np.inf)
        for weight, at_one, at_minus, at_zero in zip(weights, one, minus_one, zero, strict=True):
            ruined = bool(np.isneginf(float(at_minus)))
            loss = np.where(minus_ones > 0, -np.inf, 0.0) if ruined else minus_ones * at_minus
            # A ruined gambler has capital 0 after the first -1; 0 times minus infinity would be nan.
            total = np.logaddexp(total, weight + ones * at_one + loss + zeros * at_zero)
        yield np.where(zeros >= 0, total, -np.inf)


@lru_cache(maxsize=8)
def _score_tables(null: float, horizon: int, *, alike: bool) -> list[Numbers]:
    tables = capital_tables(null, horizon, BETS)
    return [each - TILT[alike] * (1 - t / horizon) for t, each in enumerate(tables)]
