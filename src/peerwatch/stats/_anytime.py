"""Intervals and p-values that are valid at any stopping time."""

from collections.abc import Sequence
from dataclasses import dataclass

from peerwatch.stats._betting import BetSide, facing, running_log_capital, to_e_value
from peerwatch.stats._differences import Known, check_level
from peerwatch.stats._interval_in_time import AnytimeInterval, Reading, interval_of
from peerwatch.stats._worlds_compared import Levels


@dataclass(frozen=True, slots=True)
class AnytimeP:
    """An effect with its interval and an anytime-valid p-value."""

    effect: float
    low: float
    high: float
    p: float
    """One-sided, in (0, 1]."""
    worlds: int


def confidence_sequence(
    differences: Sequence[Known], alpha: float = 0.05, observed: Sequence[float] | None = None
) -> AnytimeInterval:
    """Return limits for the mean difference that hold simultaneously at all times with probability 1 - alpha.

    The interval contains every mean m for which neither side's e-value has reached 2 / alpha. Half the sum of the two
    is the two-sided e-value, so a mean rejected by one side is rejected by it at 1 / alpha. Each side is monotone in m,
    so bisection finds the limits.

    Limits of earlier looks are not intersected. The interval therefore depends on the data but not on their order, is
    never empty, and always contains the observed mean; in exchange it can widen temporarily.

    Args:
        differences: One number in [-1, 1] for each world, or a pair of bounds if episodes are missing. The lower limit
            then uses the lower bounds and the upper limit the upper ones.
        alpha: Two-sided error level, strictly between 0 and 1.
        observed: The observed difference of each world, `nan` if a side is missing. Without it, worlds with missing
            episodes don't contribute to the value. The mean is clipped to the range that missing episodes allow.

    Returns:
        The mean with its limits, which always contain it; with no world the limits are -1 and 1.

    Raises:
        ValueError: If a difference or the level lies outside its range.

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
    """Return the limits of `confidence_sequence` at separate levels.

    Args:
        differences: As for `confidence_sequence`.
        levels: Error levels of the two limits; a limit excludes a mean whose e-value on its side has reached 1 / level.
        claims: Means of interest, ascending; whether they are excluded is computed exactly.
        observed: As for `confidence_sequence`.
    """
    return interval_of(differences, Reading(), levels, None, claims, observed)


def anytime_p(differences: Sequence[Known], null: float = 0.0, side: BetSide = "more", alpha: float = 0.05) -> AnytimeP:
    """Return a p-value for "the mean difference is at most `null`" that is valid after every world.

    It is 1 over the largest e-value so far, at most 1. By Ville's inequality the probability that it ever falls to u or
    below is at most u, so it is a p-value at any stopping time; it never increases. Holm's procedure requires only
    valid p-values under any dependence, so Holm over several contrasts is valid too, even if each stopped at a
    different time.

    Args:
        differences: As for `e_value`, in the order of the schedule, on which this number depends.
        null: Strictly between -1 and 1.
        side: "more" or "less", as for `e_value`.
        alpha: Two-sided level of the interval.

    Returns:
        The p-value with the effect and its anytime interval.

    Raises:
        ValueError: As for `e_value` and `confidence_sequence`.
    """
    values, turned = facing(differences, null, side)
    best = float(running_log_capital(values, turned).max())
    found = confidence_sequence(differences, alpha)
    return AnytimeP(found.value, found.low, found.high, 1 / to_e_value(best), found.worlds)
