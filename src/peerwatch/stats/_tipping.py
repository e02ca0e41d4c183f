"""How many missing episodes it would take to change what a difference comes to."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from peerwatch.stats._bounds import PartialPair

Pair = tuple[float, float]
Limits = Callable[[Mapping[int, Pair]], tuple[float, float]]
"""From the pairs of worlds that were not complete, by their number, to the limits of the difference."""

Direction = Literal["more", "less", "none"]


@dataclass(frozen=True, slots=True)
class TippingPoint:
    """What the observed episodes alone come to, and how many of the others would have been enough to change it."""

    observed: Direction
    """Whether the interval of the observed episodes alone excludes zero, and on which side."""
    episodes: int | None
    """So many of the missing episodes would have been enough; `None` where all of them together are not."""
    of: int
    """Missing episodes."""
    towards: Direction
    """What it would have changed to. Where nothing can change it, the same as `observed`."""


def tipping_point(gaps: Sequence[PartialPair], limits: Limits, side: Literal["more", "two"] = "two") -> TippingPoint:
    """Find how many missing episodes would have been enough to change a finding, had they gone against it.

    It begins with the observed episodes alone and fills in missing ones, world by world, each against what these show;
    those not filled in stay left out. Where they show a difference, the first episodes of the side with more are
    filled in with the least that they can be and those of the other with the most. Where they show none, both
    directions are tried, or the one that the contrast asks about. Worlds that shift the difference most for each
    missing episode come first; the number is what this order takes, and another one might take fewer.

    Args:
        gaps: Worlds with missing episodes.
        limits: The rule that decides. It gets a pair for each of these worlds that was filled in or observed on both
            sides, by its number among `gaps`, and knows the complete worlds itself.
        side: `more`: only a difference above zero counts as one.

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
    """After how many missing episodes the finding is another one, and which; `None` if it never is."""
    order = sorted(range(len(gaps)), key=lambda each: -_shift(gaps[each], towards))

    def claim(filled: int) -> Direction:
        pairs = _known(gaps) | {number: _filled(gaps[number], towards) for number in order[:filled]}
        return _claim(limits(pairs), side)

    # None filled in is what was observed. The least number is sought between that and all of them.
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
    return (first.high, second.low) if towards == "more" else (first.low, second.high)


def _shift(gap: PartialPair, towards: Direction) -> float:
    """How far filling a world in moves the sum of differences, for each of its missing episodes."""
    before, after = _observed(gap) or (0.0, 0.0), _filled(gap, towards)
    moved = (after[0] - after[1]) - (before[0] - before[1])
    count = gap.first.uncertain + gap.second.uncertain
    return (moved if towards == "more" else -moved) / max(count, 1)
