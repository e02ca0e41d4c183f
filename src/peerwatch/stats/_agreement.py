"""How far raters agree beyond chance."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peerwatch.stats._libraries import inter_rater
from peerwatch.stats._rates import check_confidence, normal_quantile
from peerwatch.stats._weighted import checked_weights, effective_number

_ROUNDING = 1e-12
"""A variance, or a share of coincidences, that is nothing but rounding."""


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A coefficient of agreement, at most 1; `nan` where it, or a limit, is not defined."""

    value: float
    low: float
    high: float
    n: int
    """Units that it rests on."""


def kappa(
    pairs: Sequence[tuple[str, str]], weights: Sequence[float] | None = None, confidence: float = 0.95
) -> Coefficient:
    """Measure how far two raters agree beyond chance.

    Args:
        pairs: What the first and the second rater said of each unit that both have rated.
        weights: Inverse inclusion probabilities, each above 0; all equal if left out. The variance is that of the
            effective number of units.
        confidence: Two-sided level, strictly between 0 and 1.

    Returns:
        Cohen's kappa with its normal limits, cut off at -1 and 1. Not defined where both say only one and the same
        thing. The limits are `nan` where the estimated variance is 0, as it is with full agreement: that says nothing
        of the precision.

    Raises:
        ValueError: When there is not one positive weight for each pair, or the level is no level.

    Source: Cohen, J. (1960), Educ. Psychol. Meas. 20:37-46; variance by Fleiss, J. L., Cohen, J. and Everitt, B. S.
    (1969), Psychol. Bull. 72:323-327; both as computed by `statsmodels.stats.inter_rater.cohens_kappa`.
    """
    check_confidence(confidence)
    given = checked_weights(len(pairs), weights)
    values = sorted({value for pair in pairs for value in pair})
    if len(values) < 2:
        return Coefficient(math.nan, math.nan, math.nan, len(pairs))
    scale = effective_number(given) / math.fsum(given)
    table = np.zeros((len(values), len(values)))
    for (first, second), weight in zip(pairs, given, strict=True):
        table[values.index(first), values.index(second)] += weight * scale
    with np.errstate(invalid="ignore"):  # its tests of no agreement, which nobody asks for
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
    """Measure how far any number of raters agree, of whom not each need have rated every unit.

    Inspect's metric of this name knows neither weights nor an interval; with equal weights the value is the same.

    Args:
        units: The ratings of each unit, by whomever; units with fewer than two don't count.
        weights: Inverse inclusion probabilities, each above 0, by which a unit's coincidences count; all equal if left
            out.
        confidence: Two-sided level, strictly between 0 and 1.
        resamples: How many sets of units are drawn with replacement.
        seed: Of these draws.

    Returns:
        Krippendorff's alpha for unordered values, with percentile limits over resampled units. Not defined where all
        say one and the same thing. A limit is `nan` where its tail does not hold all resamples of that kind, and both
        are where they coincide, as with full agreement: that says nothing of the precision.

    Raises:
        ValueError: When there is not one positive weight for each unit, or the level is no level.

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
        counts: How often each value was given, by unit and value.
        weights: Of each unit, by set of weights and unit.
    """
    ratings = counts.sum(axis=1)
    unlike = (ratings**2 - (counts**2).sum(axis=1)) / (ratings - 1)
    totals = weights @ counts
    n = totals.sum(axis=1)
    expected = (n**2 - (totals**2).sum(axis=1)) / (n - 1)
    varied = expected > _ROUNDING * n
    return np.where(varied, 1 - (weights @ unlike) / np.where(varied, expected, 1), np.nan)


def _percentiles(found: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    """The limits, each as if the values that are not defined lay beyond it."""
    tail = (1 - confidence) / 2
    with np.errstate(invalid="ignore"):
        low = float(np.quantile(np.nan_to_num(found, nan=-np.inf), tail, method="inverted_cdf"))
        high = float(np.quantile(np.nan_to_num(found, nan=np.inf), 1 - tail, method="inverted_cdf"))
    if low == high:
        return math.nan, math.nan
    return (low if low > -math.inf else math.nan), (high if high < math.inf else math.nan)
