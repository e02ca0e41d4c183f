"""Estimates of a difference: at a fixed number of worlds, or at any stopping time."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from peerwatch.analysis._worlds import Worlds
from peerwatch.records import AMOUNTS, EXTREME_AMOUNT
from peerwatch.stats import (
    EXACT,
    LABELLED,
    AnytimeInterval,
    EffectTest,
    Levels,
    Rules,
    State,
    WorldSide,
    betting_interval,
    compare_labelled,
    compare_worlds,
    interval_in_time,
)

Kind = Literal["exact", "t", "anytime", "labels"]
"""Source of the limits: exact test, t over worlds, validity at any stopping time, or t over worlds and labels."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A difference in [-1, 1] with its limits; `nan` if no pair was observed."""

    value: float
    low: float
    high: float
    interval: Kind
    worlds: int
    missing: int
    partial: int
    levels: Levels
    """Error levels of the two limits."""


def anytime_estimate(worlds: Worlds, confidence: float) -> Estimate:
    """The mean difference of a contrast that no rule decides, with limits valid at any stopping time."""
    return betting_estimate(worlds, Levels.two_sided(1 - confidence), 0.0)


def betting_estimate(worlds: Worlds, levels: Levels, margin: float) -> Estimate:
    """The same at any error levels, for a claim that the difference exceeds a margin."""
    claims = (-margin, 0.0, margin) if margin else (0.0,)
    return _in_time(worlds, betting_interval(worlds.differences, levels, claims, worlds.values), levels)


def decided_estimate(worlds: Worlds, rules: Rules, state: State) -> Estimate:
    """The mean difference of a sequentially decided contrast, with the limits of its rule."""
    return _in_time(worlds, interval_in_time(worlds.differences, rules, state, worlds.values), state.levels)


def _in_time(worlds: Worlds, found: AnytimeInterval, levels: Levels) -> Estimate:
    values, differences = worlds.values[: found.worlds], worlds.differences[: found.worlds]
    lacking = [value for value, each in zip(values, differences, strict=True) if isinstance(each, tuple)]
    some = sum(not math.isnan(value) for value in lacking)
    count, missing = found.worlds - len(lacking) + some, len(lacking) - some
    return Estimate(found.value, found.low, found.high, "anytime", count, missing, some, levels)


def comparing(worlds: Worlds, outcome: str, side: WorldSide = "two", *, binary: bool) -> Callable[[Levels], EffectTest]:
    """Return the rule for a number of worlds fixed beforehand: it computes interval and p-value at given levels.

    Args:
        worlds: The worlds of both arms.
        outcome: An axis.
        side: `more` for a one-sided p-value.
        binary: Whether each side of a world is a single episode with a binary outcome.
    """
    extreme = EXTREME_AMOUNT if outcome in AMOUNTS else 1.0
    return partial(_compare, worlds, side=side, binary=binary and outcome not in AMOUNTS, extreme=extreme)


def fixed_estimate(worlds: Worlds, tested: EffectTest, levels: Levels) -> Estimate:
    """The result of the rule, with the counts of its worlds; missing episodes have widened the limits."""
    some = len(worlds.partial)
    kind: Kind = "exact" if tested.interval == EXACT else "labels" if tested.interval == LABELLED else "t"
    return Estimate(tested.effect, tested.low, tested.high, kind, tested.n, len(worlds.gaps) - some, some, levels)


def _compare(worlds: Worlds, levels: Levels, side: WorldSide, *, binary: bool, extreme: float) -> EffectTest:
    first, second = worlds.labels
    if first and second:
        return compare_labelled(worlds.pairs, first, second, worlds.gaps, levels, side=side)
    return compare_worlds(worlds.pairs, worlds.gaps, levels, side=side, binary=binary, extreme=extreme)
