"""Families of contrasts that were declared together."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from peerwatch.stats._effect_test import EffectTest
from peerwatch.stats._libraries import multiple_testing
from peerwatch.stats._rates import check_confidence


@dataclass(frozen=True, slots=True)
class AdjustedContrast:
    """One contrast of a family, with its adjusted p-value."""

    tested: EffectTest
    """The contrast by itself. Its interval is not adjusted for the family."""
    adjusted_p: float
    """The smallest family-wise level at which the contrast would be decided; `nan` if it was not measured."""
    decided: bool
    """Whether the null is rejected at the family-wise level."""
    family: int
    """Number of declared contrasts, including those not measured."""


def holm(family: Mapping[str, EffectTest], confidence: float = 0.95) -> dict[str, AdjustedContrast]:
    """Decide a declared family of contrasts with a bound on the probability of any false rejection.

    Holm's procedure steps through the p-values from the smallest, multiplying each by the number of contrasts not yet
    passed. It needs no assumption about the dependence between contrasts.

    A contrast that was not measured (`nan`) is never decided but still counts. The family was declared before the data;
    if it shrank with episodes that failed to run, failures would loosen the level of the other contrasts. This is
    equivalent to giving it the p-value 1.

    Args:
        family: Name of each declared contrast to its unadjusted result.
        confidence: One minus the family-wise level, strictly between 0 and 1.

    Returns:
        Every name, in the given order, with the adjusted p-value in [0, 1], effect and interval.

    Raises:
        ValueError: If the level is out of range. (`EffectTest` already refuses p-values outside [0, 1].)

    Source: Holm, S. (1979), Scand. J. Stat. 6:65-70, as computed by `statsmodels.stats.multitest.multipletests`.
    """
    check_confidence(confidence)
    if not family:
        return {}
    counted = [1.0 if math.isnan(tested.p) else tested.p for tested in family.values()]
    decided, adjusted = multiple_testing().multipletests(counted, alpha=1 - confidence, method="holm")[:2]
    return {
        name: AdjustedContrast(tested, math.nan, decided=False, family=len(family))
        if math.isnan(tested.p)
        else AdjustedContrast(tested, float(p), bool(sure), len(family))
        for (name, tested), p, sure in zip(family.items(), adjusted, decided, strict=True)
    }
