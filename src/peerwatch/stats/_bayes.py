"""Posterior of a difference paired by world: probability that it is above zero, or too small to matter."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from peerwatch.stats._differences import check_margin
from peerwatch.stats._rates import check_confidence
from peerwatch.stats._worlds_compared import differences_of

PRIOR: Final = ((1.0, 0.5), (-1.0, 0.5), (0.0, 1.0))
"""Prior pseudo-observations (difference, weight in worlds): two worlds in total, half of which do not differ."""


@dataclass(frozen=True, slots=True)
class Posterior:
    """Posterior of a mean difference; all `nan` if no world was observed."""

    mean: float
    low: float
    """Limits of the central credible interval."""
    high: float
    more: float
    """Probability that it is above 0."""
    equivalent: float
    """Probability that its absolute value is below the smallest effect that matters."""
    n: int


def posterior(
    pairs: Sequence[tuple[float, float]],
    smallest_effect: float = 0.1,
    credibility: float = 0.95,
    *,
    draws: int = 20_000,
    seed: int = 0,
) -> Posterior:
    """Return the posterior of the mean difference of two sides measured on the same worlds.

    The distribution of the worlds' differences has a Dirichlet process prior with the weight of two worlds: half a
    world with difference 1, half a world with -1, and one without a difference. With one binary episode per side this
    is a Dirichlet prior on the three outcomes; with several it is the Bayesian bootstrap with two additional worlds. It
    is exploratory: no conclusion of a report uses it, and it ignores missing episodes.

    Args:
        pairs: One pair per world: mean of the first and of the second side, a difference in [-1, 1].
        smallest_effect: Smallest difference that matters, strictly between 0 and 1.
        credibility: Probability of the interval, strictly between 0 and 1.
        draws: Number of posterior draws; with the default a probability has a standard error of at most 0.0036.
        seed: Random seed of the draws.

    Raises:
        ValueError: If a value or a level is out of range.

    Source: Ferguson, T. S. (1973), Ann. Stat. 1:209-230; Rubin, D. B. (1981), Ann. Stat. 9:130-134; Kruschke, J. K.
    (2018), Adv. Methods Pract. Psychol. Sci. 1:270-280, for the region of practical equivalence.
    """
    check_margin(smallest_effect)
    check_confidence(credibility)
    differences = differences_of(pairs)
    if not len(differences):
        return Posterior(math.nan, math.nan, math.nan, math.nan, math.nan, 0)
    before = np.array(PRIOR)
    # Worlds with equal differences share one component of the Dirichlet distribution: its weight is their number plus
    # the prior weight at that difference.
    values, where = np.unique(np.concatenate([differences, before[:, 0]]), return_inverse=True)
    weights = np.bincount(where, np.concatenate([np.ones(len(differences)), before[:, 1]]))
    drawn = tuple(values.tolist()), tuple(weights.tolist())
    return _of_draws(*drawn, len(differences), smallest_effect, credibility, draws, seed)


@lru_cache(maxsize=1024)  # contrasts of one study often have the same few differences, and most of a page's have none
def _of_draws(
    values: tuple[float, ...],
    weights: tuple[float, ...],
    n: int,
    smallest_effect: float,
    credibility: float,
    draws: int,
    seed: int,
) -> Posterior:
    """The posterior of the mean of values with Dirichlet weights."""
    shares: NDArray[np.float64] = np.random.default_rng(seed).dirichlet(weights, draws)
    means = shares @ np.array(values)
    tail = (1 - credibility) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Posterior(
        mean=float(np.average(values, weights=weights)),
        low=float(low),
        high=float(high),
        more=float((means > 0).mean()),
        equivalent=float((np.abs(means) < smallest_effect).mean()),
        n=n,
    )
