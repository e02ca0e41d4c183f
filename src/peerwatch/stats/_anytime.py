"""Intervals and p-values that hold at every moment at which somebody looks."""

from collections.abc import Sequence
from dataclasses import dataclass

from peerwatch.stats._betting import BetSide, facing, running_log_capital, to_e_value
from peerwatch.stats._differences import Known, check_level
from peerwatch.stats._interval_in_time import AnytimeInterval, Reading, interval_of
from peerwatch.stats._worlds_compared import Levels


@dataclass(frozen=True, slots=True)
class AnytimeP:
    """An effect with its interval and, never without these, a p-value that holds whenever one stops."""

    effect: float
    low: float
    high: float
    p: float
    """One-sided, in (0, 1]."""
    worlds: int


def confidence_sequence(
    differences: Sequence[Known], alpha: float = 0.05, observed: Sequence[float] | None = None
) -> AnytimeInterval:
    """Give limits for the mean difference that hold at all times at once with probability 1 - alpha.

    The interval holds every mean m against which neither side's e-value has reached 2 / alpha. Half the sum of the
    two is the two-sided e-value; whatever a single side rejects so, that one rejects at 1 / alpha. Each side falls
    or rises with m, so bisection finds the limits.

    Limits of earlier looks are not intersected. The interval then depends on the data and not on their order, is
    never empty, and always holds the observed mean; the price is that it can grow for a moment.

    Args:
        differences: One number in [-1, 1] for each world, or a pair of bounds where episodes are missing. The
            lower limit then rests on the lower bounds and the upper limit on the upper ones.
        alpha: Two-sided error level, strictly between 0 and 1.
        observed: What was observed of each world, `nan` where a side is missing; without it worlds that lack episodes
            have no share in the value. Their mean is moved to where missing episodes allow it to be.

    Returns:
        The mean and its limits, which always hold it; with no world the limits are -1 and 1.

    Raises:
        ValueError: When a difference or the level lies outside its range.

    Source: Waudby-Smith, I. and Ramdas, A. (2024), J. R. Stat. Soc. B 86:1-27.
    """
    check_level("alpha", alpha)
    return interval_of(differences, Reading(), Levels.two_sided(alpha), observed=observed)


def betting_interval(
    differences: Sequence[Known],
    levels: Levels,
    claims: Sequence[float] = (0.0,),
    observed: Sequence[float] | None = None,
) -> AnytimeInterval:
    """Give the limits of `confidence_sequence` at levels of their own.

    Args:
        differences: As for `confidence_sequence`.
        levels: Of the two limits; each excludes a mean whose e-value on its side has reached 1 over the level.
        claims: Means that are asked about, ascending; whether they are excluded is found exactly.
        observed: As for `confidence_sequence`.
    """
    return interval_of(differences, Reading(), levels, None, claims, observed)


def anytime_p(differences: Sequence[Known], null: float = 0.0, side: BetSide = "more", alpha: float = 0.05) -> AnytimeP:
    """Give a p-value for "the mean difference is at most `null`" that may be looked at after every world.

    It is 1 over the largest e-value so far, at most 1. By Ville's inequality the probability that it ever falls to
    u or below is at most u, so it is a p-value at any stopping time, and it never rises again. Holm's procedure asks
    no more than that of each p-value, and nothing of how they depend on each other; so Holm over several contrasts
    holds too, even when each stopped at its own time.

    Args:
        differences: As for `e_value`, in the order of the schedule: this number does depend on the order.
        null: Strictly between -1 and 1.
        side: "more" or "less", as for `e_value`.
        alpha: Two-sided level of the interval beside it.

    Returns:
        The p-value with the effect and its anytime interval.

    Raises:
        ValueError: As for `e_value` and `confidence_sequence`.
    """
    values, turned = facing(differences, null, side)
    best = float(running_log_capital(values, turned).max())
    found = confidence_sequence(differences, alpha)
    return AnytimeP(found.value, found.low, found.high, 1 / to_e_value(best), found.worlds)
