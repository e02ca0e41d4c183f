"""How a difference is estimated: at a fixed number of worlds, or whenever one looks."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from peerwatch.reports._worlds import Worlds
from peerwatch.stats import EXACT, Levels, Tested, WorldSide, compare_worlds, confidence_sequence
from peerwatch.studies import AMOUNTS, EXTREME_AMOUNT


@dataclass(frozen=True, slots=True)
class Estimate:
    """A difference in [-1, 1] with its limits; `nan` where no pair was observed."""

    value: float
    low: float
    high: float
    interval: Literal["exact", "t", "anytime"]
    worlds: int
    missing: int
    partial: int
    levels: Levels
    """Error levels of the two limits."""


def anytime_estimate(worlds: Worlds, confidence: float) -> Estimate:
    """The mean difference with limits that hold whenever one stops."""
    alpha = 1 - confidence
    found = confidence_sequence(worlds.differences, alpha)
    gaps = len(worlds.gaps)
    levels = Levels.two_sided(alpha)
    return Estimate(found.value, found.low, found.high, "anytime", found.worlds - gaps, gaps, 0, levels)


def comparing(worlds: Worlds, outcome: str, side: WorldSide = "two", *, binary: bool) -> Callable[[Levels], Tested]:
    """The rule for worlds whose number was fixed beforehand: what gives interval and p-value at some levels.

    Args:
        worlds: Of both arms.
        outcome: An axis.
        side: `more` for a one-sided p-value.
        binary: Whether a side of a world is a single episode with an event as its outcome.
    """
    extreme = EXTREME_AMOUNT if outcome in AMOUNTS else 1.0
    return partial(_compare, worlds, side=side, binary=binary and outcome not in AMOUNTS, extreme=extreme)


def fixed_estimate(worlds: Worlds, tested: Tested, levels: Levels) -> Estimate:
    """What the rule found, with the counts of what it rests on; missing episodes have widened the limits."""
    some = len(worlds.partial)
    kind: Literal["exact", "t"] = "exact" if tested.interval == EXACT else "t"
    return Estimate(tested.effect, tested.low, tested.high, kind, tested.n, len(worlds.gaps) - some, some, levels)


def _compare(worlds: Worlds, levels: Levels, side: WorldSide, *, binary: bool, extreme: float) -> Tested:
    return compare_worlds(worlds.pairs, worlds.gaps, levels, side=side, binary=binary, extreme=extreme)
