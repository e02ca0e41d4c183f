"""What a contrast hands to the stopping rules: one difference, or its bounds, for each world."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Known = float | tuple[float, float]
"""A difference in [-1, 1], or the least and the greatest that it can be."""

GAP: Final = (-1.0, 1.0)
"""A world that has ended and of which a whole arm is missing: it may have shown anything."""


def limits(differences: Sequence[Known]) -> tuple[Numbers, Numbers]:
    """Give the least and the greatest value of each difference.

    Args:
        differences: One for each world, in the order of the schedule.

    Returns:
        Two arrays with one number in [-1, 1] for each world.

    Raises:
        ValueError: When a number is not in [-1, 1], is `nan`, or a pair is the wrong way round.
    """
    pairs = [each if isinstance(each, tuple) else (each, each) for each in differences]
    for low, high in pairs:
        if not -1 <= low <= high <= 1:
            raise ValueError(f"a difference must lie in [-1, 1] with low <= high, got ({low}, {high})")
    table = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def observed_mean(lows: Numbers, highs: Numbers, observed: Sequence[float] | None = None) -> float:
    """Give the mean of what was observed, moved to where missing episodes allow it to be.

    Args:
        lows: The least that each world's difference can be.
        highs: The greatest.
        observed: What was observed of each world, `nan` where a side is missing; if not given, worlds that lack
            episodes have no share.

    Returns:
        A number between the means of `lows` and of `highs`; `nan` where nothing was observed.
    """
    values = lows[lows == highs] if observed is None else np.asarray(observed, dtype=np.float64)
    values = values[~np.isnan(values)]
    if not values.size:
        return math.nan
    return min(max(float(values.mean()), float(lows.mean())), float(highs.mean()))


def check_level(name: str, level: float, most: float = 1.0) -> None:
    """Refuse an error level that is none.

    Raises:
        ValueError: When it is not strictly between 0 and `most`.
    """
    if not 0 < level < most:
        raise ValueError(f"{name} must lie strictly between 0 and {most:g}, got {level}")


def check_margin(smallest_effect: float) -> None:
    """Refuse a smallest effect that no difference can have.

    Raises:
        ValueError: When it is not strictly between 0 and 1.
    """
    check_level("smallest_effect", smallest_effect)
