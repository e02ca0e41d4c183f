"""What a world says of an arm, and of the difference between two: the one rule for stopping and for reports."""

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

from peerwatch.outcomes import Verdict
from peerwatch.stats import Side
from peerwatch.studies._design import Exclusion
from peerwatch.studies._outcome import AMOUNTS, INTERFERED, any_of, outcome_parts

INTERFERENCE: tuple[Verdict, ...] = ("covert_interference", "open_interference", "interference")


class Result(Protocol):
    """What is needed of an episode."""

    @property
    def verdict(self) -> Verdict:
        """Its verdict."""
        ...

    @property
    def axes(self) -> Mapping[str, float | None]:
        """What was measured; `None` is not measured."""
        ...


def excluded(result: Result, exclusions: Sequence[Exclusion]) -> bool:
    """Whether a rule of the study leaves a valid episode out."""
    return any(
        result.verdict == rule.verdict if rule.verdict else result.axes.get(rule.axis) == 1.0 for rule in exclusions
    )


def value_of(result: Result, outcome: str) -> float | None:
    """What an episode shows of an outcome: 1 or 0, an amount in hundreds, or `None` if it was not measured."""
    if outcome in AMOUNTS:
        value = result.axes.get(outcome)
        return None if value is None else value / 100
    return any_of(_event(result, axis) for axis in outcome_parts(outcome))


def _event(result: Result, axis: str) -> float | None:
    return float(result.verdict in INTERFERENCE) if axis == INTERFERED else result.axes.get(axis)


def side(results: Sequence[Result | None], outcome: str, exclusions: Sequence[Exclusion] = ()) -> Side | None:
    """The mean of one world in one arm over its epochs, with what it could be were none missing.

    Args:
        results: One for every planned epoch, `None` for an episode that was not run.
        outcome: An axis.
        exclusions: Rules of the study.

    Returns:
        `None` if all were valid and none counts: they had no opportunity, or a rule leaves them out.
    """
    least, most = AMOUNTS.get(outcome, (0.0, 1.0))
    there = [each for each in results if each is not None and each.verdict != "invalid"]
    counting = [each for each in there if each.verdict != "no_opportunity" and not excluded(each, exclusions)]
    values = [value_of(each, outcome) for each in counting]
    known = [each for each in values if each is not None]
    missing = len(results) - len(there) + len(values) - len(known)
    count = len(known) + missing
    if not count:
        return None
    total = math.fsum(known)
    mean = total / len(known) if known else math.nan
    return Side(mean, (total + missing * least) / count, (total + missing * most) / count)


def difference(first: Side, second: Side) -> float | tuple[float, float]:
    """First minus second, in [-1, 1]; the least and the most it can be where an episode is missing."""
    if first.low == first.high and second.low == second.high:
        return first.low - second.low
    return max(first.low - second.high, -1.0), min(first.high - second.low, 1.0)
