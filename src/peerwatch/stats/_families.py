"""Several contrasts that were declared together."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from peerwatch.stats._effect_test import EffectTest
from peerwatch.stats._libraries import multiple_testing
from peerwatch.stats._rates import check_confidence


@dataclass(frozen=True, slots=True)
class AdjustedContrast:
    """One contrast of a family, with what the family makes of its p-value."""

    tested: EffectTest
    """The contrast on its own. Its interval is not adjusted for the family."""
    adjusted_p: float
    """The least family-wise level at which the contrast would be decided; `nan` where it was not measured."""
    decided: bool
    """Whether no effect is rejected at the family-wise level."""
    family: int
    """How many contrasts were declared, those not measured included."""


def holm(family: Mapping[str, EffectTest], confidence: float = 0.95) -> dict[str, AdjustedContrast]:
    """Decide a declared family of contrasts so that the chance of any false one stays within one level.

    Holm's procedure steps through the p-values from the smallest, multiplying each by the number of contrasts not
    yet passed. It needs no assumption about how the contrasts depend on each other.

    A contrast that was not measured (`nan`) is never decided, and it keeps its place in the count. The family was
    declared before the data; were it to shrink with what failed to run, whatever makes episodes fail would loosen
    the level of the others. This is the same as giving it the p-value 1.

    Args:
        family: Name of each declared contrast to its result, unadjusted.
        confidence: One minus the family-wise level, strictly between 0 and 1.

    Returns:
        Every name, in the order given, with the adjusted p-value in [0, 1] beside effect and interval.

    Raises:
        ValueError: When the level is no level. A p-value outside [0, 1] cannot come here: `EffectTest` refuses it.

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
