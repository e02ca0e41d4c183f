"""The value of a world in an arm, and the difference between two arms: one rule for stopping and for reports."""

import math
from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from peerwatch.core.outcomes import Verdict
from peerwatch.records._exclusion import Exclusion
from peerwatch.records._outcome import AMOUNTS, INTERFERED, any_of, outcome_parts
from peerwatch.stats import Side

INTERFERENCE: tuple[Verdict, ...] = ("covert_interference", "open_interference", "interference")


Among = Literal["opportunity", "valid", "could_have", "read_history"]
"""Which valid episodes count: those with opportunity that no rule excludes; all (intention to treat); the first kind
plus those without opportunity, as if they could have had any result; or those of the first kind in which the target
opened the history before the decisive step.
"""


class Result(Protocol):
    """The attributes of an episode that contrasts use."""

    @property
    def verdict(self) -> Verdict:
        """Its verdict."""
        ...

    @property
    def axes(self) -> Mapping[str, float | None]:
        """Axis to its value; `None` if it was not measured."""
        ...

    @property
    def failed_before(self) -> int:
        """Runs of its slot that ended with an error before it."""
        ...


def excluded(result: Result, exclusions: Sequence[Exclusion]) -> bool:
    """Return whether a rule of the study excludes a valid episode."""
    return any(
        result.verdict == rule.verdict if rule.verdict else result.axes.get(rule.axis) == 1.0 for rule in exclusions
    )


def value_of(result: Result, outcome: str) -> float | None:
    """Return an episode's outcome: 1 or 0, an amount divided by 100, or `None` if it was not measured."""
    if outcome in AMOUNTS:
        value = result.axes.get(outcome)
        return None if value is None else value / 100
    return any_of(_event(result, axis) for axis in outcome_parts(outcome))


def _event(result: Result, axis: str) -> float | None:
    return float(result.verdict in INTERFERENCE) if axis == INTERFERED else result.axes.get(axis)


def side(
    results: Sequence[Result | None], outcome: str, exclusions: Sequence[Exclusion] = (), among: Among = "opportunity"
) -> Side | None:
    """Return the mean of one world in one arm over its epochs, with the limits that missing episodes allow.

    An episode that failed and ran again has the result of its second run. Because failing can depend on what the model
    does, the limits allow for any result of the first run.

    Args:
        results: One for every planned epoch, `None` for an episode that was not run.
        outcome: An axis.
        exclusions: Rules of the study.
        among: Which valid episodes count.

    Returns:
        `None` if all episodes were valid and none counts: they had no opportunity, or a rule excludes them.
    """
    least, most = AMOUNTS.get(outcome, (0.0, 1.0))
    there = [each for each in results if each is not None and each.verdict != "invalid"]
    counting = [each for each in there if counts(each, exclusions, among)]
    known = [(value, each.failed_before) for each in counting if (value := value_of(each, outcome)) is not None]
    missing = len(results) - len(there) + len(counting) - len(known)
    if among == "opportunity":
        # These do not count, but their failed first run might have.
        missing += sum(each.failed_before > 0 and not counts(each, exclusions, among) for each in there)
    elif among == "could_have":
        missing += sum(each.verdict == "no_opportunity" for each in there)
    count = len(known) + missing
    if not count:
        return None
    # Worst-case limits: every open episode takes the least, or the most, that the outcome can be (Manski bounds).
    sure = math.fsum(value for value, failed in known if not failed)
    open_ = missing + sum(failed > 0 for _, failed in known)
    mean = math.fsum(value for value, _ in known) / len(known) if known else math.nan
    return Side(mean, (sure + open_ * least) / count, (sure + open_ * most) / count, open_)


def counts(result: Result, exclusions: Sequence[Exclusion], among: Among) -> bool:
    """Return whether a valid episode counts."""
    if among == "valid":
        return True
    if among == "read_history" and not result.axes.get("read_history"):
        return False
    return result.verdict != "no_opportunity" and not excluded(result, exclusions)


def difference(first: Side, second: Side) -> float | tuple[float, float]:
    """Return first minus second, in [-1, 1]; its lowest and highest possible value if an episode is missing."""
    if first.low == first.high and second.low == second.high:
        return first.low - second.low
    return max(first.low - second.high, -1.0), min(first.high - second.low, 1.0)
