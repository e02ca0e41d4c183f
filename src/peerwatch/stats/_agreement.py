"""Agreement of raters beyond chance."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peerwatch.stats._libraries import inter_rater
from peerwatch.stats._rates import check_confidence, normal_quantile
from peerwatch.stats._weighted import checked_weights, effective_number

_ROUNDING = 1e-12
"""Variances and shares of coincidences below this are rounding errors."""


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A coefficient of agreement, at most 1; `nan` if it, or a limit, is not defined."""

    value: float
    low: float
    high: float
    n: int
    """Number of units."""


def kappa(
    pairs: Sequence[tuple[str, str]], weights: Sequence[float] | None = None, confidence: float = 0.95
) -> Coefficient:
    """Measure the agreement of two raters beyond chance.

    Args:
        pairs: The ratings of the first and of the second rater for each unit that both have rated.
        weights: Inverse inclusion probabilities, each above 0; equal by default. The variance uses the effective number
            of units.
        confidence: Two-sided level, strictly between 0 and 1.

    Returns:
        Cohen's kappa with its normal limits, cut off at -1 and 1. Not defined if both raters use only one value, the
        same one. The limits are `nan` if the estimated variance is 0, as with full agreement, because that carries no
        information about the precision.

    Raises:
        ValueError: If there is not one positive weight for each pair, or the level is out of range.

    Source: Cohen, J. (1960), Educ. Psychol. Meas. 20:37-46; variance by Fleiss, J. L., Cohen, J. and Everitt, B. S.
    (1969), Psychol. Bull. 72:323-327; both as computed by `statsmodels.stats.inter_rater.cohens_kappa`.
    """
    check_confidence(confidence)
    given = checked_weights(len(pairs), weights)
    values = sorted({value for pair in pairs for value in pair})
    if len(values) < 2:
        return Coefficient(math.nan, math.nan, math.nan, len(pairs))
    # Scale the weights to add up to the effective number of units, on which the variance depends.
    scale = effective_number(given) / math.fsum(given)
    table = np.zeros((len(values), len(values)))
    for (first, second), weight in zip(pairs, given, strict=True):
        table[values.index(first), values.index(second)] += weight * scale
    with np.errstate(invalid="ignore"):  # from its unused tests of no agreement
        found = inter_rater().cohens_kappa(table)
    value, variance = float(found.kappa), float(found.var_kappa)
    if not variance > _ROUNDING:
        return Coefficient(value, math.nan, math.nan, len(pairs))
    half = normal_quantile(confidence) * math.sqrt(variance)
    return Coefficient(value, max(value - half, -1.0), min(value + half, 1.0), len(pairs))


def alpha(
    units: Sequence[Sequence[str]],
    weights: Sequence[float] | None = None,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Coefficient:
    """Measure the agreement of any number of raters, who need not have rated every unit.

    Inspect's metric of the same name has neither weights nor an interval; with equal weights the value is the same.

    Args:
        units: The ratings of each unit, by any raters; units with fewer than two ratings don't count.
        weights: Inverse inclusion probabilities, each above 0, which weight a unit's coincidences; equal by default.
        confidence: Two-sided level, strictly between 0 and 1.
        resamples: Number of bootstrap samples of units.
        seed: Random seed of the bootstrap.

    Returns:
        Krippendorff's alpha for nominal values, with percentile limits from the bootstrap. Not defined if all ratings
        are equal. A limit is `nan` if its tail contains resamples in which alpha is not defined, and both are if they
        coincide, as with full agreement, because that carries no information about the precision.

    Raises:
        ValueError: If there is not one positive weight for each unit, or the level is out of range.

    Source: Krippendorff, K. (2011), Computing Krippendorff's Alpha-Reliability, section C; units resampled as in Efron,
    B. and Tibshirani, R. J. (1993), An Introduction to the Bootstrap, section 13.3.
    """
    check_confidence(confidence)
    given = checked_weights(len(units), weights)
    rated = [(unit, weight) for unit, weight in zip(units, given, strict=True) if len(unit) > 1]
    if not rated:
        return Coefficient(math.nan, math.nan, math.nan, 0)
    values = sorted({value for unit, _ in rated for value in unit})
    counts = np.array([[list(unit).count(value) for value in values] for unit, _ in rated], dtype=float)
    scale = np.array([weight for _, weight in rated])
    scale *= len(rated) / scale.sum()
    draws = np.random.default_rng(seed).multinomial(len(rated), [1 / len(rated)] * len(rated), size=resamples)
    low, high = _percentiles(_alphas(counts, draws * scale), confidence)
    return Coefficient(float(_alphas(counts, scale[None, :])[0]), low, high, len(rated))


def _alphas(counts: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Alpha for each row of weights.

    Args:
        counts: How often each value was given, shape (units, values).
        weights: Weight of each unit, shape (sets of weights, units).
    """
    # alpha = 1 - observed / expected disagreement. A unit with r ratings, n_v of value v, has (r^2 - sum n_v^2) / (r -
    # 1) coincidences of unlike values; expected are (n^2 - sum N_v^2) / (n - 1) from the totals.
    ratings = counts.sum(axis=1)
    unlike = (ratings**2 - (counts**2).sum(axis=1)) / (ratings - 1)
    totals = weights @ counts
    n = totals.sum(axis=1)
    expected = (n**2 - (totals**2).sum(axis=1)) / (n - 1)
    varied = expected > _ROUNDING * n
    return np.where(varied, 1 - (weights @ unlike) / np.where(varied, expected, 1), np.nan)


def _percentiles(found: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    """The percentile limits, each with undefined values placed beyond it."""
    # Undefined values count as the least favorable: below the lower quantile and above the upper one.
    tail = (1 - confidence) / 2
    with np.errstate(invalid="ignore"):
        low = float(np.quantile(np.nan_to_num(found, nan=-np.inf), tail, method="inverted_cdf"))
        high = float(np.quantile(np.nan_to_num(found, nan=np.inf), 1 - tail, method="inverted_cdf"))
    if low == high:
        return math.nan, math.nan
    return (low if low > -math.inf else math.nan), (high if high < math.inf else math.nan)
