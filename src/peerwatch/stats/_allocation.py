"""Sample sizes per stratum."""

import math
from collections.abc import Sequence


def allocate(sizes: Sequence[int], n: int) -> list[int]:
    """Allocate a sample to strata in proportion to the square roots of their sizes.

    Rare strata are oversampled, so that each can be estimated.

    Args:
        sizes: Units in each stratum, at least 1.
        n: Units to draw, at least one per stratum. If it exceeds the number of units, all are drawn.

    Returns:
        Units to draw from each stratum: at least 1, at most its size, in total `n` or all units. Equal strata differ by
        at most 1.

    Raises:
        ValueError: If a stratum is empty, or there are more strata than units to draw.

    Source: Bankier, M. D. (1988), Power allocations, The American Statistician 42:174-177, with power 1/2; the units
        are allotted one by one by D'Hondt's quotients.
    """
    if n < len(sizes) or not all(size > 0 for size in sizes):
        raise ValueError(f"need filled strata and no more of them than units to draw, got {list(sizes)} and {n=}")
    drawn = [1] * len(sizes)
    for _ in range(min(n, sum(sizes)) - len(sizes)):
        open_ = [stratum for stratum, size in enumerate(sizes) if drawn[stratum] < size]
        # D'Hondt: the next unit goes to the largest quotient sqrt(size) / (units so far + 1).
        best = max(open_, key=lambda stratum: math.sqrt(sizes[stratum]) / (drawn[stratum] + 1))
        drawn[best] += 1
    return drawn
