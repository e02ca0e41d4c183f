"""The interval of a sequentially decided contrast: the inversion of the rule that decides it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from peerwatch.stats._betting import bets_of, log_capital
from peerwatch.stats._differences import Known, Numbers, limits, observed_mean
from peerwatch.stats._horizon import BETS, TILT, least_evidence
from peerwatch.stats._worlds_compared import Levels

PARTS: Final = 100
"""Limits under a horizon are searched on a grid of 1 / 100, because each null hypothesis has a separate limit."""

BEYOND: Final = 5e-4
"""Distance of a limit beyond the rejected mean, so that it excludes it: 0.05 points, below the printed precision."""

_BISECTIONS: Final = 25


@dataclass(frozen=True, slots=True)
class AnytimeInterval:
    """A mean difference with limits in [-1, 1] that are valid at any stopping time."""

    value: float
    """Mean of the observed differences; `nan` if there are none. Always within the limits."""
    low: float
    high: float
    worlds: int
    """Worlds read, including those with gaps."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How evidence is weighed: by Ville's limits for any numbers, or by exact ones for a number of binary worlds."""

    horizon: int | None = None
    alike: bool = True
    strata: int = 1

    def evidence(self, values: Numbers, null: float) -> float:
        """Return the evidence of all values against "the mean is at most `null`"."""
        if self.horizon is None:
            return log_capital(values, null, bets_of(self.strata))
        # Early looks need more evidence: the tilt decreases linearly to 0 at the horizon.
        return log_capital(values, null, BETS) - TILT[self.alike] * (1 - len(values) / self.horizon)

    def bar(self, null: float, level: float) -> float:
        """Return the evidence that is needed to reject that mean at a level."""
        if self.horizon is None:
            # Ville's inequality: the capital ever reaches 1 / level with probability at most `level`.
            return -math.log(level)
        return least_evidence(level, null, self.horizon, alike=self.alike)


def interval_of(
    differences: Sequence[Known],
    reading: Reading,
    levels: Levels,
    decided: int | None = None,
    claims: Sequence[float] = (0.0,),
    observed: Sequence[float] | None = None,
) -> AnytimeInterval:
    """Invert a rule: keep every mean that is rejected neither by the worlds at the decision nor by all worlds.

    Limits of other looks are not intersected. The interval of an open contrast therefore depends on the data but not on
    their order, is never empty, and always contains the mean.

    Args:
        differences: As for `decide`.
        reading: How evidence is weighed.
        levels: Error levels of the two limits.
        decided: Number of worlds read at the decision; `None` without one.
        claims: Means that the rule tests, ascending; whether they are excluded is computed exactly.
        observed: The observed difference of each world, `nan` if a side is missing. Without it, worlds with missing
            episodes don't contribute to the value.

    Returns:
        Mean and limits. If the mean of all worlds lies outside the limits, both are those of the worlds at the
        decision, with their number.
    """
    lows, highs = (each[: reading.horizon] for each in limits(differences))
    observed = None if observed is None else observed[: len(lows)]
    looks = [len(lows)] if decided is None else sorted({min(decided, len(lows)), len(lows)})
    if not lows.size:
        return AnytimeInterval(math.nan, -1.0, 1.0, 0)
    upper = [-each for each in reversed(claims)]

    def at(looks: Sequence[int]) -> tuple[float, float]:
        low = _lower(lows, looks, reading, levels.low, claims)
        return low, -_lower(-highs, looks, reading, levels.high, upper)

    value, (low, high) = observed_mean(lows, highs, observed), at(looks)
    if len(looks) > 1 and not (low <= value <= high or (math.isnan(value) and low <= high)):
        first, last = lows[: looks[0]], highs[: looks[0]]
        seen = None if observed is None else observed[: looks[0]]
        return AnytimeInterval(observed_mean(first, last, seen), *at(looks[:1]), looks[0])
    return AnytimeInterval(value, low, high, len(lows))


def _lower(values: Numbers, looks: Sequence[int], reading: Reading, level: float, claims: Sequence[float]) -> float:
    """Return a value just above the largest mean that is rejected as too low; -1 if none is."""

    def rejects(null: float) -> bool:
        bar = reading.bar(null, level)
        return any(reading.evidence(values[:look], null) >= bar for look in looks)

    # Every mean up to `rejected` is rejected and `kept` is not; the limit lies between them.
    rejected, kept = -1.0, max(float(values[:look].mean()) for look in looks)
    for claim in claims:
        if claim >= kept:
            break
        if rejects(claim):
            rejected = claim
        else:
            kept = claim
            break
    search = _among_all if reading.horizon is None else _among_parts
    rejected, kept = search(rejects, rejected, kept)
    return -1.0 if rejected <= -1 else min(rejected + BEYOND, (rejected + kept) / 2)


def _among_all(rejects: Callable[[float], bool], rejected: float, kept: float) -> tuple[float, float]:
    for _ in range(_BISECTIONS):
        middle = (rejected + kept) / 2
        if not rejected < middle < kept:
            break
        if rejects(middle):
            rejected = middle
        else:
            kept = middle
    return rejected, kept


def _among_parts(rejects: Callable[[float], bool], rejected: float, kept: float) -> tuple[float, float]:
    low, high = math.floor(rejected * PARTS + 1e-9), math.ceil(kept * PARTS - 1e-9)
    while high - low > 1:
        middle = (low + high) // 2
        if not rejected < middle / PARTS < kept:
            break
        if rejects(middle / PARTS):
            low, rejected = middle, middle / PARTS
        else:
            high, kept = middle, middle / PARTS
    return rejected, kept
