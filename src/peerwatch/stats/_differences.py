"""Input of the stopping rules: one difference, or its bounds, for each world."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Known = float | tuple[float, float]
"""A difference in [-1, 1], or the minimum and maximum that it can have."""

GAP: Final = (-1.0, 1.0)
"""A world that has ended without any episode in one arm: its difference could be anything."""


def limits(differences: Sequence[Known]) -> tuple[Numbers, Numbers]:
    """Return the minimum and maximum of each difference.

    Args:
        differences: One for each world, in the order of the schedule.

    Returns:
        Two arrays with one number in [-1, 1] for each world.

    Raises:
        ValueError: If a number is not in [-1, 1], is `nan`, or a pair is in the wrong order.
    """
    pairs = [each if isinstance(each, tuple) else (each, each) for each in differences]
    for low, high in pairs:
        if not -1 <= low <= high <= 1:
            raise ValueError(f"a difference must lie in [-1, 1] with low <= high, got ({low}, {high})")
    table = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def observed_mean(lows: Numbers, highs: Numbers, observed: Sequence[float] | None = None) -> float:
    """Return the mean of the observed differences, clipped to the range that missing episodes allow.

    Args:
        lows: Minimum of each world's difference.
        highs: Maximum of each world's difference.
        observed: The observed difference of each world, `nan` if a side is missing. Without it, worlds with missing
            episodes don't contribute.

    Returns:
        A number between the means of `lows` and of `highs`; `nan` if nothing was observed.
    """
    values = lows[lows == highs] if observed is None else np.asarray(observed, dtype=np.float64)
    values = values[~np.isnan(values)]
    if not values.size:
        return math.nan
    return min(max(float(values.mean()), float(lows.mean())), float(highs.mean()))


def check_level(name: str, level: float, most: float = 1.0) -> None:
    """Check that an error level is in range.

    Raises:
        ValueError: If it is not strictly between 0 and `most`.
    """
    if not 0 < level < most:
        raise ValueError(f"{name} must lie strictly between 0 and {most:g}, got {level}")


def check_margin(smallest_effect: float) -> None:
    """Check that the smallest effect is possible.

    Raises:
        ValueError: If it is not strictly between 0 and 1.
    """
    check_level("smallest_effect", smallest_effect)
