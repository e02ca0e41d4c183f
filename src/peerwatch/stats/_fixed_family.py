"""A declared family of contrasts of a fixed size: the decisions, with limits at the level of each decision."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from peerwatch.stats._effect_test import EffectTest
from peerwatch.stats._worlds_compared import SLACK, Levels, Side

Claim = Literal["more", "less", "no_effect", "none"]


@dataclass(frozen=True, slots=True)
class Member:
    """One declared contrast: a function from limit levels to its interval and p-value, and its side."""

    compare: Callable[[Levels], EffectTest]
    side: Side = "two"
    smallest: float | None = None
    """Smallest effect that matters for it; by default that of the family."""


@dataclass(frozen=True, slots=True)
class FamilyResult:
    """The result of a contrast within its family."""

    tested: EffectTest
    """With limits at `levels`: they exclude 0 if and only if a difference is claimed."""
    levels: Levels
    claim: Claim
    adjusted_p: float
    """Smallest level of the family at which the difference would be claimed; `nan` if nothing was measured."""
    family: int
    """Number of declared contrasts, including those not measured."""
    reachable: bool
    """Whether this number of worlds can reach the level of the family's first step at all."""


def settle_family(
    family: Sequence[Member], *, alpha: float = 0.05, beta: float = 0.05, smallest_effect: float = math.inf
) -> list[FamilyResult]:
    """Decide contrasts that were declared together, and give each an interval that agrees with its decision.

    Holm's procedure in rounds: of m remaining contrasts, all that reach alpha / m are claimed, then those that reach
    alpha over the number still remaining, until no further one does. A claimed contrast has its limits at the level of
    the round that claimed it, an unclaimed one at the level of the last round. So "more" never has a limit on the other
    side of 0, and a contrast without a claim never has limits that exclude it.

    "No effect" is claimed if the limits exclude the smallest effect that matters. With side `more` that is the upper
    limit alone, which has the level beta and separate rounds, as the two kinds of false claim have separate levels.
    With two sides both limits of the one interval must exclude it.

    Args:
        family: Every declared contrast. One that was not measured still counts: if the family shrank with episodes that
            failed to run, failures would loosen the level of the others.
        alpha: Maximum probability of any false claim of a difference; strictly between 0 and 0.5.
        beta: Maximum probability of any false claim of no effect; likewise.
        smallest_effect: Smallest effect that matters, for members that don't set one; infinite to claim no null.

    Returns:
        One entry for each contrast, in the given order.

    Raises:
        ValueError: If a level is out of range.

    Source: Holm, S. (1979), Scand. J. Stat. 6:65-70; for the limits that go with it, Strassburger, K. and Bretz, F.
        (2008), Stat. Med. 27:4914-4927: limits of contrasts without a claim hold simultaneously at the level of the
        family, as do the claims.
    """
    if not family:
        return []
    family = [each if each.smallest is not None else replace(each, smallest=smallest_effect) for each in family]
    first = [each.compare(_levels(each.side, alpha / len(family), beta)) for each in family]
    p_values = [1.0 if math.isnan(each.p) else each.p for each in first]
    differences = rounds(len(family), alpha, lambda number, level: p_values[number] <= level * (1 + SLACK))
    nulls = _null_levels(family, differences, beta)
    adjusted = _adjusted(p_values)
    return [
        _settled(each, differences[number], nulls[number], adjusted[number], (len(family), alpha))
        for number, each in enumerate(family)
    ]


def rounds(count: int, level: float, reaches: Callable[[int, float], bool]) -> list[float]:
    """Return the level at which each hypothesis was decided in Holm's procedure; ties share a round.

    Args:
        count: Number of hypotheses.
        level: Family-wise level.
        reaches: Whether the hypothesis with a given index can be rejected at a given level.
    """
    found, left = [level / max(count, 1)] * count, list(range(count))
    while left:
        step = level / len(left)
        found = [step if number in left else each for number, each in enumerate(found)]
        kept = [number for number in left if not reaches(number, step)]
        if len(kept) == len(left):
            break
        left = kept
    return found


def _levels(side: Side, difference: float, null: float) -> Levels:
    return Levels(difference, null) if side == "more" else Levels.two_sided(difference)


def _null_levels(family: Sequence[Member], differences: Sequence[float], beta: float) -> list[float]:
    """Return the levels of claims of no effect."""
    if all(math.isinf(_smallest(each)) for each in family):
        return [beta / len(family)] * len(family)
    return rounds(len(family), beta, lambda number, level: _no_effect(family[number], differences[number], level))


def _smallest(member: Member) -> float:
    return math.inf if member.smallest is None else member.smallest


def _no_effect(member: Member, difference: float, null: float) -> bool:
    smallest = _smallest(member)
    if math.isinf(smallest):
        return False
    # If beta is less than alpha / 2, a two-sided null claim needs wider limits than the printed ones.
    tested = member.compare(
        _levels(member.side, min(difference, 2 * null) if member.side == "two" else difference, null)
    )
    return tested.high < smallest and (member.side == "more" or tested.low > -smallest)


def _settled(
    member: Member, difference: float, null: float, adjusted: float, declared: tuple[int, float]
) -> FamilyResult:
    levels = _levels(member.side, difference, null)
    tested, (count, alpha) = member.compare(levels), declared
    claim: Claim = "none"
    if tested.low > 0:
        claim = "more"
    elif tested.high < 0 and member.side == "two":
        claim = "less"
    elif _no_effect(member, difference, null):
        claim = "no_effect"
    measured = not math.isnan(tested.p)
    reachable = tested.smallest_p <= alpha / count * (1 + SLACK)
    return FamilyResult(tested, levels, claim, adjusted if measured else math.nan, count, reachable)


def _adjusted(p_values: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p-values: from the smallest on, each times the number remaining, made monotone.

    Implemented here because statsmodels triggers a full garbage collection in every call, which takes longer than the
    rest of a report.
    """
    found, most = [1.0] * len(p_values), 0.0
    for passed, number in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        most = max(most, min((len(p_values) - passed) * p_values[number], 1.0))
        found[number] = most
    return found
