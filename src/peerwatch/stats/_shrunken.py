"""Partial pooling: the differences of several scenarios, shrunken towards their mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from peerwatch.stats._libraries import mixed_models, scipy_special

DRAWS: Final = 4_000
SEED: Final = 20_261_130
LEVEL: Final = 0.05
PRIOR: Final = 1.0
"""Prior standard deviation of the log of the spread between scenarios, in units of log odds."""
EFFECTS: Final = 2.0
"""Prior standard deviation of the mean over scenarios and of the mean effect, in log odds."""


@dataclass(frozen=True, slots=True)
class ShrunkenEffect:
    """The posterior of a scenario's difference, first minus second."""

    value: float
    """Its mean."""
    low: float
    """Its 2.5 % point."""
    high: float


def shrunken_differences(counts: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> list[ShrunkenEffect]:
    """Estimate the differences of several scenarios jointly.

    The log odds of an event have a mean, an effect of the first arm, and for each scenario a deviation of both. The
    deviations are normally distributed, with estimated spreads. A scenario with few episodes, or far from the others,
    is shrunken towards them. Episodes count as independent, so if worlds are repeated the limits are too narrow.

    Args:
        counts: For each scenario (events, episodes) of the first and of the second arm; at least two scenarios, each
            with an episode in both arms.

    Returns:
        One entry for each scenario, from 4,000 draws of the approximate posterior with a fixed seed.

    Raises:
        ValueError: If there are fewer than two scenarios, or an arm has no episode or more events than episodes.

    Source: Gelman, A. and Hill, J. (2007), Data Analysis Using Regression and Multilevel/Hierarchical Models, chapter
    14; the fit is variational, by statsmodels' `BinomialBayesMixedGLM`.
    """
    if len(counts) < 2:
        raise ValueError(f"partial pooling needs at least two scenarios, got {len(counts)}")
    if any(not 0 <= events <= episodes or not episodes for both in counts for events, episodes in both):
        raise ValueError(f"every arm needs an episode, and no more events than episodes; got {list(counts)}")
    size = len(counts)
    outcomes: list[float] = []
    fixed: list[tuple[float, float]] = []
    places: list[int] = []
    for scenario, both in enumerate(counts):
        for first, (events, episodes) in zip((1.0, 0.0), both, strict=True):
            outcomes += [1.0] * events + [0.0] * (episodes - events)
            fixed += [(1.0, first)] * episodes
            places += [scenario] * episodes
    # Log odds of an episode in scenario s: mean + effect * first + u_s + v_s * first, with first = 1 in the first arm.
    # The columns of `varying` are u_1, u_2, ..., v_1, v_2, ...
    here = np.eye(size)[places]
    varying = np.hstack([here, here * np.asarray(fixed)[:, 1:]])
    kinds = np.repeat([0, 1], size)
    model: Any = mixed_models().BinomialBayesMixedGLM(
        np.asarray(outcomes), np.asarray(fixed), varying, kinds, vcp_p=PRIOR, fe_p=EFFECTS
    )
    # Mean and effect, the spreads of u and v, and the deviations u_s and v_s.
    unknown = 2 + 2 + 2 * size
    # Fixed starting points, because statsmodels would draw random ones.
    found: Any = model.fit_vb(mean=np.zeros(unknown), sd=np.full(unknown, 0.5))
    rng = np.random.default_rng(SEED)
    mean, effect = rng.normal(found.fe_mean, found.fe_sd, (DRAWS, 2)).T
    deviations = rng.normal(found.vc_mean, found.vc_sd, (DRAWS, 2 * size))
    expit = scipy_special().expit
    results: list[ShrunkenEffect] = []
    for scenario in range(size):
        second = mean + deviations[:, scenario]
        # The difference of the two rates: expit turns log odds into a rate.
        difference = expit(second + effect + deviations[:, size + scenario]) - expit(second)
        low, high = np.quantile(difference, [LEVEL / 2, 1 - LEVEL / 2])
        results.append(ShrunkenEffect(float(difference.mean()), float(low), float(high)))
    return results
