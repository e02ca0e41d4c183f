"""How a difference is estimated: at a fixed number of worlds, or whenever one looks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from peerwatch.reports._worlds import Worlds
from peerwatch.stats import Tested, confidence_sequence, paired_difference, paired_exact, paired_flips, paired_mean
from peerwatch.studies import AMOUNTS

BOUNDS = (-1.0, 1.0)
"""The least and the greatest difference: of rates, and of scores in hundreds."""

Pairs = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A difference in [-1, 1] with its limits; `nan` where no pair was observed."""

    value: float
    low: float
    high: float
    interval: Literal["newcombe", "t", "anytime"]
    worlds: int
    missing: int
    partial: int


def anytime_estimate(worlds: Worlds, confidence: float) -> Estimate:
    """The mean difference with limits that hold whenever one stops."""
    found = confidence_sequence(worlds.differences, 1 - confidence)
    gaps = len(worlds.gaps)
    return Estimate(found.value, found.low, found.high, "anytime", found.worlds - gaps, gaps, 0)


def fixed_estimate(worlds: Worlds, outcome: str, confidence: float) -> Estimate:
    """The difference with limits for a number of worlds that was fixed beforehand; missing episodes widen them."""
    if outcome in AMOUNTS:
        return _mean(worlds, confidence)
    found = paired_difference(worlds.pairs, worlds.gaps, confidence)
    return Estimate(found.value, found.low, found.high, "newcombe", found.worlds, found.missing, found.partial)


def exact_test(worlds: Worlds, estimate: Estimate, confidence: float, *, binary: bool) -> Tested:
    """Test a difference exactly, worlds being the units.

    Binary sides, one episode each, are tested as paired proportions; means, of epochs or of amounts, by sign flips
    of worlds. With missing episodes the p-value is that of the least favourable completion, so that what is missing
    never helps a finding: 1 where missing episodes could turn the sign.

    Args:
        worlds: Of both arms.
        estimate: Effect and limits to go with the p-value.
        confidence: Two-sided level of the limits.
        binary: Whether a side is a single episode with an event as its outcome.

    Returns:
        The p-value beside the effect and limits of the estimate; all `nan` where no pair was observed.
    """
    test = partial(paired_exact, confidence=confidence) if binary else partial(paired_flips, bounds=BOUNDS)
    observed = test(_observed(worlds))
    p = observed.p
    if worlds.gaps and observed.n:
        worst, best = _completions(worlds)
        same_sign = _effect(worst) > 0 or _effect(best) < 0
        p = max(p, test(worst if _effect(worst) > 0 else best).p) if same_sign else 1.0
    return replace(
        observed, effect=estimate.value, low=estimate.low, high=estimate.high, p=p, interval=estimate.interval
    )


def _mean(worlds: Worlds, confidence: float) -> Estimate:
    observed = paired_mean(_observed(worlds), confidence, BOUNDS)
    low, high = observed.low, observed.high
    if worlds.gaps and observed.n:
        worst, best = _completions(worlds)
        low = min(low, paired_mean(worst, confidence, BOUNDS).low)
        high = max(high, paired_mean(best, confidence, BOUNDS).high)
    some = len(worlds.partial)
    return Estimate(observed.effect, low, high, "t", observed.n, len(worlds.gaps) - some, some)


def _observed(worlds: Worlds) -> Pairs:
    return [*worlds.pairs, *((gap.first.value, gap.second.value) for gap in worlds.partial)]


def _completions(worlds: Worlds) -> tuple[Pairs, Pairs]:
    """The least and the most favourable completion, differences kept within their bounds."""
    worst = [(max(gap.first.low, gap.second.high - 1), gap.second.high) for gap in worlds.gaps]
    best = [(min(gap.first.high, gap.second.low + 1), gap.second.low) for gap in worlds.gaps]
    return [*worlds.pairs, *worst], [*worlds.pairs, *best]


def _effect(pairs: Pairs) -> float:
    return math.fsum(first - second for first, second in pairs) / len(pairs)
