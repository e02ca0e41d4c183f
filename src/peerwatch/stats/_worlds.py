"""Differences by world: worlds are what is sampled, so they are the units."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from peerwatch.stats._rates import check_confidence

UNBOUNDED = (-np.inf, np.inf)


def world_differences(
    pairs: Sequence[tuple[float, float]], confidence: float, bounds: tuple[float, float]
) -> NDArray[np.float64]:
    """Compute first minus second in every world.

    Raises:
        ValueError: If a side is nan or infinite, a difference lies outside the bounds, or the level is out of range.
    """
    check_confidence(confidence)
    sides = np.asarray(pairs, dtype=np.float64).reshape(-1, 2)
    if not np.isfinite(sides).all():
        raise ValueError(
            "every world needs a finite value on both sides; leave out worlds that lack one and bound them"
        )
    differences: NDArray[np.float64] = sides[:, 0] - sides[:, 1]
    low, high = bounds
    if differences.size and not (low <= differences.min() and differences.max() <= high):
        raise ValueError(f"differences must lie in [{low}, {high}], got {differences.min()} to {differences.max()}")
    return differences
