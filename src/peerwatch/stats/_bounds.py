"""Worst-case and best-case bounds for missing episodes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """The minimum and maximum possible value over the planned episodes; `nan` if none was planned.

    Bounds are not confidence limits: they describe what is unknown about these episodes, not about others.
    """

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Side:
    """One world in one arm: the mean over the observed epochs, and its possible range with none missing."""

    value: float
    """Mean in [0, 1], or `nan` if no epoch was observed."""
    low: float = 0.0
    high: float = 1.0
    missing: int = 1
    """Number of uncertain episodes; meaningful only if `low` is below `high`."""

    @property
    def uncertain(self) -> int:
        """Number of episodes with an uncertain outcome, 0 if nothing is missing."""
        return self.missing if self.low < self.high else 0


@dataclass(frozen=True, slots=True)
class PartialPair:
    """A world with missing episodes in at least one arm."""

    first: Side = Side(math.nan)
    second: Side = Side(math.nan)


def rate_bounds(successes: int, n: int, missing: int = 0) -> Bounds:
    """Bound a rate over all possible outcomes of its missing trials.

    Args:
        successes: Number of successes, 0 to `n`.
        n: Observed trials.
        missing: Trials that should have been observed but were not.

    Returns:
        The share of successes among `n + missing` trials if all missing ones had failed, and if all had succeeded,
        each in [0, 1].

    Raises:
        ValueError: If the counts contradict each other.

    Source: Manski, C. F. (2003), Partial Identification of Probability Distributions, Springer, chapter 1.
    """
    check_counts(successes, n, missing)
    planned = n + missing
    if planned == 0:
        return Bounds(math.nan, math.nan)
    return Bounds(successes / planned, (successes + missing) / planned)


def difference_bounds(pairs: Sequence[tuple[float, float]], missing_pairs: Sequence[PartialPair] = ()) -> Bounds:
    """Bound a difference paired by world over all possible outcomes of its missing episodes.

    Args:
        pairs: One pair per completely observed world: mean of the first and of the second side, each in [0, 1].
        missing_pairs: Worlds with missing episodes, each side with its possible range.

    Returns:
        The mean of first minus second over all worlds at the least and at the most favorable completion, each in [-1,
        1].

    Raises:
        ValueError: If a mean lies outside [0, 1] or outside its own bounds.

    Source: Manski, C. F. (2003), Partial Identification of Probability Distributions, Springer, chapter 1.
    """
    check_pairs(pairs, missing_pairs)
    if not pairs and not missing_pairs:
        return Bounds(math.nan, math.nan)
    worst, best = completions(pairs, missing_pairs)
    return Bounds(_mean_difference(worst), _mean_difference(best))


def completions(
    pairs: Sequence[tuple[float, float]], missing_pairs: Sequence[PartialPair]
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Impute missing episodes with the values least and most favorable to the first side.

    Returns:
        All pairs at the least, and all at the most favorable completion.
    """
    worst = [*pairs, *((pair.first.low, pair.second.high) for pair in missing_pairs)]
    best = [*pairs, *((pair.first.high, pair.second.low) for pair in missing_pairs)]
    return worst, best


def check_counts(successes: int, n: int, missing: int = 0) -> None:
    """Check that counts are consistent.

    Raises:
        ValueError: If they contradict each other.
    """
    if not 0 <= successes <= n or missing < 0:
        raise ValueError(f"need 0 <= successes <= n and missing >= 0, got {successes=}, {n=}, {missing=}")


def check_pairs(pairs: Sequence[tuple[float, float]], missing_pairs: Sequence[PartialPair]) -> None:
    """Check that both sides of every world are means of values in [0, 1].

    Raises:
        ValueError: If a mean lies outside [0, 1] or outside its own bounds.
    """
    for pair in pairs:
        if not all(0 <= mean <= 1 for mean in pair):
            raise ValueError(f"means of a world must lie in [0, 1], got {pair}")
    for side in (side for pair in missing_pairs for side in (pair.first, pair.second)):
        bounded = 0 <= side.low <= side.high <= 1
        if not bounded or not (math.isnan(side.value) or side.low <= side.value <= side.high):
            raise ValueError(f"need 0 <= low <= value <= high <= 1, got {side}")


def _mean_difference(pairs: Sequence[tuple[float, float]]) -> float:
    mean = math.fsum(first - second for first, second in pairs) / len(pairs)
    return min(max(mean, -1.0), 1.0)
