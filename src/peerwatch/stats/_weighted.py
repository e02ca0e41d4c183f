"""Shares of weighted observations, and rates corrected for a test's errors."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from peerwatch.stats._rates import check_confidence, normal_quantile, wilson_limits


@dataclass(frozen=True, slots=True)
class Share:
    """A weighted share in [0, 1]; value and limits are `nan` if nothing was observed."""

    value: float
    low: float
    high: float
    n: int
    """Number of observations."""
    effective: float
    """Effective number of equally weighted observations; at most `n`."""


@dataclass(frozen=True, slots=True)
class CorrectedRate:
    """A rate in [0, 1], corrected for a test's errors; all `nan` if the test is uninformative."""

    value: float
    low: float
    high: float


def share(hits: Sequence[bool], weights: Sequence[float] | None = None, confidence: float = 0.95) -> Share:
    """Estimate a share from weighted observations.

    With equal weights this equals `rate` with Wilson's interval. Otherwise the interval is computed at the effective
    number of observations. The gain from stratification is not credited.

    Args:
        hits: Whether each observation counts.
        weights: Inverse inclusion probabilities, each above 0; equal by default.
        confidence: Two-sided level, strictly between 0 and 1.

    Raises:
        ValueError: If there is not one positive weight for each observation, or the level is out of range.

    Source: Kish, L. (1965), Survey Sampling, section 8.2, for the effective number; Franco, C. et al. (2019), J. Surv.
    Stat. Methodol. 7:334-364, for Wilson's interval with it.
    """
    check_confidence(confidence)
    given = checked_weights(len(hits), weights)
    if not hits:
        return Share(math.nan, math.nan, math.nan, 0, 0.0)
    effective = effective_number(given)
    # The weighted mean of the hits: sum of the weights of hits divided by the sum of all weights.
    value = math.fsum(weight for hit, weight in zip(hits, given, strict=True) if hit) / math.fsum(given)
    low, high = wilson_limits(value, effective, confidence)
    return Share(value, low, high, len(hits), effective)


def corrected_rate(raw: Share, sensitivity: Share, specificity: Share, confidence: float = 0.95) -> CorrectedRate:
    """Correct the rate of positive test results for the test's measured errors.

    The interval allows for the uncertainty of all three shares, assumed independent. If the adjusted sensitivity and
    specificity add up to at most 1 it is [0, 1].

    Args:
        raw: Share of units with a positive test.
        sensitivity: Share of true units with a positive test.
        specificity: Share of false units with a negative test.
        confidence: Two-sided level, strictly between 0 and 1.

    Returns:
        Rate and limits, clipped to [0, 1], with the rate between the limits. `nan` if one of the shares is, or if
        sensitivity and specificity add up to at most 1, so that the test is no better than chance.

    Raises:
        ValueError: If the level is out of range.

    Source: Rogan, W. J. and Gladen, B. (1978), Am. J. Epidemiol. 107:71-76, for the rate; Lang, Z. and Reiczigel, J.
    (2014), Prev. Vet. Med. 113:13-22, for the interval, with effective numbers of observations.
    """
    check_confidence(confidence)
    youden = sensitivity.value + specificity.value - 1
    if not youden > 0 or math.isnan(raw.value):
        return CorrectedRate(math.nan, math.nan, math.nan)
    # Rogan and Gladen: (raw + specificity - 1) / (sensitivity + specificity - 1).
    value = _within((raw.value + specificity.value - 1) / youden)
    low, high = _lang_reiczigel(raw, sensitivity, specificity, normal_quantile(confidence))
    return CorrectedRate(value, min(_within(low), value), max(_within(high), value))


def _lang_reiczigel(raw: Share, sensitivity: Share, specificity: Share, z: float) -> tuple[float, float]:
    """Return the limits before clipping; 0 and 1 if nothing is known."""
    # Lang and Reiczigel: add z^2 observations to the raw share and 2 to each of the others, half of them hits.
    p, p_n = _shrunk(raw, z * z)
    se, se_n = _shrunk(sensitivity, 2)
    sp, sp_n = _shrunk(specificity, 2)
    youden = se + sp - 1
    if youden <= 0:
        return 0.0, 1.0
    centre = (p + sp - 1) / youden
    of_se, of_sp = se * (1 - se) / se_n, sp * (1 - sp) / sp_n
    # Their correction of the center is 2 z^2 (c Var(se) - (1 - c) Var(sp)); the variance of the ratio is by the delta
    # method.
    shift = 2 * z * z * (centre * of_se - (1 - centre) * of_sp)
    variance = (p * (1 - p) / p_n + centre**2 * of_se + (1 - centre) ** 2 * of_sp) / youden**2
    half = z * math.sqrt(variance)
    return centre + shift - half, centre + shift + half


def _shrunk(of: Share, added: float) -> tuple[float, float]:
    """Add a number of observations to a share, half of which count; return the share and the new number."""
    n = of.effective + added
    return (of.effective * of.value + added / 2) / n, n


def _within(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def effective_number(weights: Sequence[float]) -> float:
    """Kish's effective number of observations: the squared sum of the weights divided by the sum of their squares."""
    return math.fsum(weights) ** 2 / math.fsum(weight * weight for weight in weights) if weights else 0.0


def checked_weights(n: int, weights: Sequence[float] | None) -> Sequence[float]:
    """Return one weight for each of `n` observations.

    Raises:
        ValueError: If the number of weights differs from `n`, or one is not a positive number.
    """
    if weights is None:
        return [1.0] * n
    if len(weights) != n or not all(0 < weight < math.inf for weight in weights):
        raise ValueError(f"need one positive weight for each of {n} observations, got {list(weights)}")
    return weights
