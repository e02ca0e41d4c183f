"""Median-unbiased estimate of a difference after data-dependent stopping.

A study that stops as soon as a difference is shown tends to stop when the observed difference happens to be large, so
the plain mean is biased away from zero. If every world's difference is -1, 0 or 1, the distribution over all ways to
stop can be computed exactly; the estimate is the mean under which the observed end is the median.
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
"""Number of bisections: enough to find the estimate to less than a hundredth of a point."""


@dataclass(frozen=True, slots=True)
class AfterStopping:
    """A mean difference estimated after stopping; `nan` if it cannot be computed."""

    value: float
    """Median-unbiased estimate from the worlds that decided, averaged with the plain mean of those read later."""
    at_decision: float
    """The first of the two parts."""
    naive: float
    """The plain mean of the worlds that decided."""
    later: int
    """Number of worlds read after the decision."""


NOT_COMPUTED: Final = AfterStopping(math.nan, math.nan, math.nan, 0)


def after_stopping(differences: Sequence[Known], rules: Rules, state: State, most: int) -> AfterStopping:
    """Estimate a mean difference without the bias of data-dependent stopping.

    All ways in which the study could have ended are ordered by the mean that they show. The estimate is the mean
    difference under which ends above and below the observed one are equally likely, counting half of the ends equal to
    it on each side. The share of worlds with any difference is set to the observed one, unless the mean requires a
    larger share.

    Worlds that were read after the decision, because their arms had other contrasts to serve, carry no information
    about why it was made: their plain mean is unbiased and is averaged in by their number.

    With two sides "no effect" takes two claims, each of which is kept once made; here both must hold at the same world,
    which is slightly later.

    Args:
        differences: As for `decide`, in the order of the schedule.
        rules: The rules of the contrast.
        state: The state of the contrast.
        most: The maximum number of worlds that the study would have read; the horizon if there is one.

    Returns:
        The estimate. `nan` if a difference is not -1, 0 or 1, if a world before the decision lacks an episode, if
        scenarios are pooled, if `most` is above 200, or if the study has not stopped.

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
