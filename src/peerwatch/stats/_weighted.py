"""Shares of observations that stand for different numbers of units, and rates without a test's errors."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from peerwatch.stats._rates import check_confidence, normal_quantile, wilson_limits


@dataclass(frozen=True, slots=True)
class Share:
    """A weighted share in [0, 1]; value and limits are `nan` where nothing was observed."""

    value: float
    low: float
    high: float
    n: int
    """Observations."""
    effective: float
    """So many equally weighted observations would say as much; at most `n`."""


@dataclass(frozen=True, slots=True)
class CorrectedRate:
    """A rate in [0, 1] from which a test's errors are removed; all `nan` where they say nothing of it."""

    value: float
    low: float
    high: float


def share(hits: Sequence[bool], weights: Sequence[float] | None = None, confidence: float = 0.95) -> Share:
    """Estimate a share from observations that stand for different numbers of units.

    With equal weights this is `rate`, Wilson's interval included. Otherwise that interval is taken at the effective
    number of observations. What stratification gains is not credited.

    Args:
        hits: Whether each observation counts.
        weights: Inverse inclusion probabilities, each above 0; all equal if left out.
        confidence: Two-sided level, strictly between 0 and 1.

    Raises:
        ValueError: When there is not one positive weight for each observation, or the level is no level.

    Source: Kish, L. (1965), Survey Sampling, section 8.2, for the effective number; Franco, C. et al. (2019), J. Surv.
    Stat. Methodol. 7:334-364, for Wilson's interval with it.
    """
    check_confidence(confidence)
    given = checked_weights(len(hits), weights)
    if not hits:
        return Share(math.nan, math.nan, math.nan, 0, 0.0)
    effective = effective_number(given)
    value = math.fsum(weight for hit, weight in zip(hits, given, strict=True) if hit) / math.fsum(given)
    low, high = wilson_limits(value, effective, confidence)
    return Share(value, low, high, len(hits), effective)


def corrected_rate(raw: Share, sensitivity: Share, specificity: Share, confidence: float = 0.95) -> CorrectedRate:
    """Remove a test's measured errors from the rate at which it says yes.

    The interval allows for the uncertainty of all three shares, and takes them as independent of each other. Where the
    adjusted sensitivity and specificity add up to no more than 1 it is [0, 1].

    Args:
        raw: Share of units of which the test says yes.
        sensitivity: Share of true units of which it says yes.
        specificity: Share of false units of which it says no.
        confidence: Two-sided level, strictly between 0 and 1.

    Returns:
        Rate and limits, cut off at 0 and 1, with the rate between the limits. `nan` where one of the shares is, or
        where sensitivity and specificity add up to no more than 1, so that the test is no better than a coin.

    Raises:
        ValueError: When the level is no level.

    Source: Rogan, W. J. and Gladen, B. (1978), Am. J. Epidemiol. 107:71-76, for the rate; Lang, Z. and Reiczigel, J.
    (2014), Prev. Vet. Med. 113:13-22, for the interval, with effective numbers of observations.
    """
    check_confidence(confidence)
    youden = sensitivity.value + specificity.value - 1
    if not youden > 0 or math.isnan(raw.value):
        return CorrectedRate(math.nan, math.nan, math.nan)
    value = _within((raw.value + specificity.value - 1) / youden)
    low, high = _lang_reiczigel(raw, sensitivity, specificity, normal_quantile(confidence))
    return CorrectedRate(value, min(_within(low), value), max(_within(high), value))


def _lang_reiczigel(raw: Share, sensitivity: Share, specificity: Share, z: float) -> tuple[float, float]:
    """The limits before they are cut off; 0 and 1 where nothing is known."""
    p, p_n = _shrunk(raw, z * z)
    se, se_n = _shrunk(sensitivity, 2)
    sp, sp_n = _shrunk(specificity, 2)
    youden = se + sp - 1
    if youden <= 0:
        return 0.0, 1.0
    centre = (p + sp - 1) / youden
    of_se, of_sp = se * (1 - se) / se_n, sp * (1 - sp) / sp_n
    shift = 2 * z * z * (centre * of_se - (1 - centre) * of_sp)
    variance = (p * (1 - p) / p_n + centre**2 * of_se + (1 - centre) ** 2 * of_sp) / youden**2
    half = z * math.sqrt(variance)
    return centre + shift - half, centre + shift + half


def _shrunk(of: Share, added: float) -> tuple[float, float]:
    """A share with so many observations added, half of which count, and the number that there are then."""
    n = of.effective + added
    return (of.effective * of.value + added / 2) / n, n


def _within(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def effective_number(weights: Sequence[float]) -> float:
    """Kish's effective number of observations: the square of the weights' sum by the sum of their squares."""
    return math.fsum(weights) ** 2 / math.fsum(weight * weight for weight in weights) if weights else 0.0


def checked_weights(n: int, weights: Sequence[float] | None) -> Sequence[float]:
    """One weight for each of `n` observations.

    Raises:
        ValueError: When there are more or fewer, or one is not a positive number.
    """
    if weights is None:
        return [1.0] * n
    if len(weights) != n or not all(0 < weight < math.inf for weight in weights):
        raise ValueError(f"need one positive weight for each of {n} observations, got {list(weights)}")
    return weights
