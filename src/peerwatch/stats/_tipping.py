"""Tipping point: how many missing episodes would suffice to change a finding."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from peerwatch.stats._bounds import PartialPair

Pair = tuple[float, float]
Limits = Callable[[Mapping[int, Pair]], tuple[float, float]]
"""Function from the pairs of incomplete worlds, by index, to the limits of the difference."""

Direction = Literal["more", "less", "none"]


@dataclass(frozen=True, slots=True)
class TippingPoint:
    """The finding of the observed episodes, and the number of missing ones that would suffice to change it."""

    observed: Direction
    """Whether the interval of the observed episodes alone excludes zero, and on which side."""
    episodes: int | None
    """Number of missing episodes that would suffice; `None` if all of them together do not."""
    of: int
    """Total number of missing episodes."""
    towards: Direction
    """The finding after the change; equal to `observed` if nothing can change it."""


def tipping_point(gaps: Sequence[PartialPair], limits: Limits, side: Literal["more", "two"] = "two") -> TippingPoint:
    """Find how many missing episodes would suffice to change a finding, if their outcomes contradicted it.

    Start from the observed episodes and fill in missing ones, world by world, each against the observed finding; the
    rest remain left out. If the finding is a difference, missing episodes on the higher side get their minimum and
    those on the lower side their maximum. If it is not, both directions are tried, or only the one that the contrast
    tests. Worlds that shift the difference most per missing episode come first; the result is for this order, and
    another order might need fewer.

    Args:
        gaps: Worlds with missing episodes.
        limits: The deciding rule. It gets a pair, by index in `gaps`, for each of these worlds that was filled in or
            observed on both sides, and has access to the complete worlds.
        side: `more`: only a difference above zero counts.

    Source: Yan, X., Lee, S. and Li, N. (2009), J. Biopharm. Stat. 19:1085-1098, for the tipping-point analysis of
    missing binary outcomes.
    """
    count = sum(each.first.uncertain + each.second.uncertain for each in gaps)
    observed = _claim(limits(_known(gaps)), side)
    directions: tuple[Direction, ...] = ("more",) if side == "more" else ("more", "less")
    if observed != "none":
        directions = ("less" if observed == "more" else "more",)
    found = [steps for each in directions if (steps := _steps(gaps, limits, side, observed, each))]
    if not found:
        return TippingPoint(observed, None, count, observed)
    episodes, towards = min(found)
    return TippingPoint(observed, episodes, count, towards)


def _steps(
    gaps: Sequence[PartialPair], limits: Limits, side: Literal["more", "two"], observed: Direction, towards: Direction
) -> tuple[int, Direction] | None:
    """Return after how many missing episodes the finding changes, and to what; `None` if it never does."""
    order = sorted(range(len(gaps)), key=lambda each: -_shift(gaps[each], towards))

    def claim(filled: int) -> Direction:
        pairs = _known(gaps) | {number: _filled(gaps[number], towards) for number in order[:filled]}
        return _claim(limits(pairs), side)

    # 0 filled-in episodes give the observed finding. Bisect between that and all of them.
    low, high = 0, len(gaps)
    last = claim(high)
    if last == observed:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        found = claim(middle)
        if found == observed:
            low = middle
        else:
            high, last = middle, found
    return sum(gaps[number].first.uncertain + gaps[number].second.uncertain for number in order[:high]), last


def _known(gaps: Sequence[PartialPair]) -> dict[int, Pair]:
    return {number: pair for number, each in enumerate(gaps) if (pair := _observed(each))}


def _claim(limits: tuple[float, float], side: Literal["more", "two"]) -> Direction:
    low, high = limits
    if low > 0:
        return "more"
    return "less" if high < 0 and side == "two" else "none"


def _observed(gap: PartialPair) -> Pair | None:
    values = gap.first.value, gap.second.value
    return None if math.isnan(sum(values)) else values


def _filled(gap: PartialPair, towards: Direction) -> Pair:
    first, second = gap.first, gap.second
    # To raise the difference, the first side gets its maximum and the second its minimum.
    return (first.high, second.low) if towards == "more" else (first.low, second.high)


def _shift(gap: PartialPair, towards: Direction) -> float:
    """How far filling in a world moves the sum of differences, per missing episode."""
    before, after = _observed(gap) or (0.0, 0.0), _filled(gap, towards)
    moved = (after[0] - after[1]) - (before[0] - before[1])
    count = gap.first.uncertain + gap.second.uncertain
    return (moved if towards == "more" else -moved) / max(count, 1)
