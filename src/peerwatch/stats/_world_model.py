"""The assumed variation between worlds and arms, for power computed before any episode has run."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from peerwatch.stats._libraries import scipy_stats

NODES = 512
"""Number of nodes for a world's propensity: midpoints of equal-probability intervals."""
NEGLIGIBLE = 1e-6
"""Closer than this to 0 or 1, the beta distribution is replaced by one or two points: its quantiles are unreliable."""


@dataclass(frozen=True, slots=True)
class WorldModel:
    """Two rates over worlds that are not alike.

    A world has a separate propensity in each arm, beta-distributed with the arm's rate as mean, and with a spread such
    that two episodes of the same world and arm have correlation `icc`.
    """

    first: float
    """Rate of the first arm, in [0, 1]."""
    second: float
    icc: float
    """Correlation of two episodes of one world and arm, in [0, 1]; 0 if all worlds are alike."""
    shared: float
    """Share of worlds, in [0, 1], whose propensities have equal ranks in both arms; in others they are independent."""

    def __post_init__(self) -> None:
        """Check that all parameters are in [0, 1].

        Raises:
            ValueError: If a rate or a correlation lies outside [0, 1].
        """
        for name, value in (("first", self.first), ("second", self.second), ("icc", self.icc), ("shared", self.shared)):
            if not 0 <= value <= 1:
                raise ValueError(f"{name} must lie in [0, 1], got {value}")


def joint_counts(model: WorldModel, epochs: int) -> NDArray[np.float64]:
    """Return the joint distribution of counts in one world, shape (epochs + 1, epochs + 1), first arm by row."""
    first = _counts_by_node(model.first, model.icc, epochs)
    second = _counts_by_node(model.second, model.icc, epochs)
    # Equal ranks: both arms use the same node. Independent ranks: the product of the two marginal distributions.
    together: NDArray[np.float64] = first.T @ second / NODES
    apart = np.outer(first.mean(axis=0), second.mean(axis=0))
    joint: NDArray[np.float64] = model.shared * together + (1 - model.shared) * apart
    return joint


def _counts_by_node(mean: float, icc: float, epochs: int) -> NDArray[np.float64]:
    """Return the distribution of the count of one world and arm, one row per propensity."""
    propensities = _propensities(mean, icc)
    # SciPy's binomial overflows at probabilities close to the smallest representable number.
    propensities = np.where(propensities < 1e-15, 0.0, propensities)[:, None]
    counts: NDArray[np.float64] = scipy_stats().binom.pmf(np.arange(epochs + 1)[None, :], epochs, propensities)
    return counts


@lru_cache(maxsize=64)
def _propensities(mean: float, icc: float) -> NDArray[np.float64]:
    ranks = (np.arange(NODES) + 0.5) / NODES
    if icc < NEGLIGIBLE or not NEGLIGIBLE < mean < 1 - NEGLIGIBLE:
        return np.full(NODES, mean)
    if icc > 1 - NEGLIGIBLE:
        # Worlds are all-or-nothing; the one at the boundary takes the remainder, so that the mean is right.
        return np.clip((mean - (1 - ranks - 0.5 / NODES)) * NODES, 0.0, 1.0)
    # Beta(mean * size, (1 - mean) * size) has variance mean (1 - mean) / (size + 1) = icc mean (1 - mean).
    size = (1 - icc) / icc
    drawn: NDArray[np.float64] = scipy_stats().beta.ppf(ranks, mean * size, (1 - mean) * size)
    return _with_mean(drawn, mean)


def _with_mean(propensities: NDArray[np.float64], mean: float) -> NDArray[np.float64]:
    """Correct the small error of the mean that the midpoints leave, on the side with room for it."""
    found = float(propensities.mean())
    if found > mean:
        return propensities * (mean / found)
    return 1 - (1 - propensities) * ((1 - mean) / (1 - found)) if not math.isclose(found, 1) else propensities
