"""What a difference is once a study has stopped because of it: an estimate that is as often too high as too low.

A study that stops as soon as a difference is shown stops when the difference happens to be large, so that the plain
mean lies too far from zero on average. Where every world's difference is -1, 0 or 1, the distribution of all ways to
stop is computed exactly, and the estimate is the mean under which what was seen lies in the middle of it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from peerwatch.stats._betting import ANY_TIME
from peerwatch.stats._differences import Known, limits
from peerwatch.stats._horizon import LONGEST, Region, capital_tables, regions
from peerwatch.stats._stopping import Rules, State
from peerwatch.stats._worlds_compared import Levels

Numbers = NDArray[np.float64]

_BISECTIONS: Final = 14
"""They find the estimate to less than a hundredth of a point."""


@dataclass(frozen=True, slots=True)
class AfterStopping:
    """A mean difference as estimated after stopping; `nan` where that cannot be computed."""

    value: float
    """Median-unbiased estimate of the worlds that decided, averaged with the plain mean of those read later."""
    at_decision: float
    """The first of the two."""
    naive: float
    """The plain mean of the worlds that decided."""
    later: int
    """Worlds that were read after the decision."""


NOT_COMPUTED: Final = AfterStopping(math.nan, math.nan, math.nan, 0)


def after_stopping(differences: Sequence[Known], rules: Rules, state: State, most: int) -> AfterStopping:
    """Estimate a mean difference without the bias of stopping because of it.

    All ways in which the study could have ended are ordered by the mean that they show. The estimate is the mean
    difference under which an end with more than was seen is as likely as one with less, half of an equal one counted
    to each side. The share of worlds with any difference is taken as observed, but for what the mean itself asks for.

    Worlds that were read after the decision, because their arms had other contrasts to serve, tell nothing of why it
    was made: their plain mean is unbiased, and is averaged in by their number.

    With two sides "no effect" takes two claims, of which each stays made; here both must hold at the same world, which
    is a little later.

    Args:
        differences: As for `decide`, in the order of the schedule.
        rules: By which the contrast was read.
        state: What it has come to.
        most: The most worlds that the study would have read; the horizon where there is one.

    Returns:
        The estimate. `nan` where a difference is no -1, 0 or 1, where a world before the decision lacks an episode,
        where scenarios are pooled, where `most` is above 200, or where the study has not stopped.

    Source: Emerson, S. S. and Fleming, T. R. (1990), Biometrika 77:875-892, for the order by the mean and the
    median-unbiased estimate; Whitehead, J. (1992), Stat. Med. 11:1585-1593, for setting apart what is read after the
    decision.
    """
    most = rules.horizon or most
    lows, highs = limits(differences)
    decided = state.worlds
    open_ = state.kind == "open"
    if rules.strata > 1 or most > LONGEST or not 0 < decided <= most or (open_ and decided < most):
        return NOT_COMPUTED
    values, later = lows[:decided], lows[decided:][lows[decided:] == highs[decided:]]
    if len(values) < decided or (values != highs[:decided]).any():
        return NOT_COMPUTED
    if not np.isin(np.concatenate([values, later]), (-1, 0, 1)).all():
        return NOT_COMPUTED
    ones, minus = int((values > 0).sum()), int((values < 0).sum())
    known = np.concatenate([values, later])
    discordant = (float((known != 0).sum()) + 0.5) / (len(known) + 1)
    found = _median_unbiased(ones, minus, decided, discordant, rules, _both_levels(rules, state), most)
    value = (found * decided + float(later.sum())) / len(known)
    return AfterStopping(value, found, float(values.mean()), len(later))


def _both_levels(rules: Rules, state: State) -> tuple[float, float]:
    """The error levels of claims of a difference and of no effect, from those of the limits."""
    levels: Levels = state.levels
    if rules.side == "more":
        return levels.low, levels.high
    if state.kind == "no_effect":
        share = levels.low / rules.beta
    else:
        share = 2 * levels.low / (min(rules.alpha, 2 * rules.beta) if state.kind == "open" else rules.alpha)
    return rules.alpha * share / 2, rules.beta * share


@lru_cache(maxsize=4096)
def _median_unbiased(
    ones: int,
    minus: int,
    worlds: int,
    discordant: float,
    rules: Rules,
    levels: tuple[float, float],
    most: int,
) -> float:
    ends, seen = _ends(rules, levels, most), (ones - minus) / worlds
    low, high = -1.0, 1.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if _above(middle, seen, discordant, ends) < 0.5:
            low = middle
        else:
            high = middle
    return (low + high) / 2


@lru_cache(maxsize=64)
def _ends(rules: Rules, levels: tuple[float, float], most: int) -> tuple[Region, ...]:
    """For every number of worlds, the counts of ones and minus ones at which the contrast is decided."""
    effect, null = levels
    more = _reached(effect, 0.0, rules, most)
    below = _reached(null, -rules.smallest_effect, rules, most)
    if rules.side == "more":
        found = [one | two.T for one, two in zip(more, below, strict=True)]
    else:
        found = [one | one.T | (two & two.T) for one, two in zip(more, below, strict=True)]
    found[-1] = np.ones_like(found[-1])
    return tuple(found)


def _reached(level: float, null: float, rules: Rules, most: int) -> list[Region]:
    if rules.horizon is not None:
        return regions(level, null, rules.horizon, alike=rules.alike)
    return [each >= -math.log(level) for each in capital_tables(null, most, ANY_TIME)]


def _above(mean: float, seen: float, discordant: float, ends: Sequence[Region]) -> float:
    """The probability of an end with a mean above the one that was seen, and half of that of an equal one."""
    share = max(discordant, abs(mean))
    one, other = (share + mean) / 2, (share - mean) / 2
    zero = 1 - one - other
    mass, found = np.ones((1, 1)), 0.0
    for t in range(1, len(ends)):
        grown = np.zeros((t + 1, t + 1))
        grown[:t, :t] = mass * zero
        grown[1:, :t] += mass * one
        grown[:t, 1:] += mass * other
        ended = np.where(ends[t], grown, 0.0)
        shown = np.subtract.outer(np.arange(t + 1), np.arange(t + 1)) - seen * t
        found += float(ended[shown > 1e-9].sum()) + float(ended[np.abs(shown) <= 1e-9].sum()) / 2
        mass = grown - ended
    return found
