"""A difference over several scenarios: worlds are the units within each, and all scenarios have equal weight."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from peerwatch.stats._bounds import PartialPair
from peerwatch.stats._effect_test import EffectTest, not_measured
from peerwatch.stats._libraries import scipy_special
from peerwatch.stats._worlds_compared import Levels, Side, completions, differences_of

STRATIFIED: Final = "t on worlds within scenarios, with two extreme ones added"

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stratum:
    """The worlds of one scenario, as for `compare_worlds`."""

    pairs: Sequence[tuple[float, float]]
    gaps: Sequence[PartialPair] = ()

    @property
    def observed(self) -> Numbers:
        """Differences of the worlds with an episode on both sides."""
        halves = [gap for gap in self.gaps if not math.isnan(gap.first.value + gap.second.value)]
        return differences_of([*self.pairs, *((gap.first.value, gap.second.value) for gap in halves)])


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """How far scenarios differ beyond chance."""

    share: float
    """I squared: the share of the variation between scenarios that is not explained by chance, in [0, 1]."""
    p: float
    """p-value of Cochran's Q test of no difference between scenarios."""


def compare_strata(strata: Sequence[Stratum], levels: Levels | None = None, *, side: Side = "two") -> EffectTest:
    """Estimate and test the unweighted mean of the scenarios' mean differences.

    The standard error uses the spread of worlds within scenarios, so scenarios may differ arbitrarily: the result is
    about these scenarios, not about others. As in `compare_worlds` two worlds with differences 1 and -1 are added,
    which keeps the coverage if few worlds differ; with one scenario the two rules are identical. Simulated over 2 to 6
    scenarios with 3 to 40 worlds, alike and not alike, the coverage at 95 % is at least 0.945.

    Args:
        strata: One per scenario.
        levels: Error levels of the two limits; 0.025 each by default.
        side: `more`: only "first above second" counts, and the p-value is one-sided.

    Returns:
        First minus second, with `n` the number of worlds. All `nan` if a scenario has no world that was observed on
        both sides: a mean over fewer scenarios would be about other scenarios.

    Raises:
        ValueError: As `compare_worlds`; also if there is no scenario.

    Source: Cochran, W. G. (1977), Sampling Techniques, chapter 5, for means of strata; for the added worlds see
    `compare_worlds`.
    """
    if not strata:
        raise ValueError("need at least one scenario")
    levels = levels or Levels.two_sided(0.05)
    observed = [each.observed for each in strata]
    if not all(len(each) for each in observed):
        return not_measured(1 - levels.low - levels.high, STRATIFIED, STRATIFIED)
    low, high, above, below = _limits(observed, levels)
    if any(each.gaps for each in strata):
        both = [completions(each.pairs, each.gaps) for each in strata]
        least, most = (_limits([pair[which] for pair in both], levels) for which in (0, 1))
        low, high = min(low, least[0]), max(high, most[1])
        above, below = max(above, least[2]), max(below, most[3])
    value = float(np.mean([each.mean() for each in observed]))
    p = above if side == "more" else min(2 * min(above, below), 1.0)
    best = _limits([np.ones(len(each)) for each in observed], levels)[2]
    smallest = min(best if side == "more" else 2 * best, 1.0)
    worlds, confidence = sum(map(len, observed)), 1 - levels.low - levels.high
    limits = min(low, value), max(high, value)
    return EffectTest(value, *limits, p, worlds, confidence, STRATIFIED, STRATIFIED, smallest)


def heterogeneity(strata: Sequence[Stratum]) -> Heterogeneity:
    """Measure how far the differences of scenarios vary beyond chance.

    Args:
        strata: One per scenario.

    Returns:
        I squared and the p-value of Cochran's Q; `nan` with fewer than two observed scenarios. The variance of a
        scenario's mean includes the two added worlds of `compare_worlds`, so that a scenario whose worlds all agree
        does not get infinite weight.

    Source: Cochran, W. G. (1954), Biometrics 10:101-129; Higgins, J. P. T. and Thompson, S. G. (2002), Stat. Med.
    21:1539-1558.
    """
    observed = [found for each in strata if len(found := each.observed)]
    freedom = len(observed) - 1
    if freedom < 1:
        return Heterogeneity(math.nan, math.nan)
    moments = np.array([_moments([each]) for each in observed])
    means, weights = np.array([each.mean() for each in observed]), moments[:, 1] ** -2
    # Cochran's Q = sum w_s (d_s - d)^2 with weights 1 / SE^2 and the weighted mean d; I^2 = 1 - (S - 1) / Q.
    q = float(weights @ (means - weights @ means / weights.sum()) ** 2)
    return Heterogeneity(max(1 - freedom / q, 0.0) if q > 0 else 0.0, float(scipy_special().chdtrc(freedom, q)))


def _limits(observed: Sequence[Numbers], levels: Levels) -> tuple[float, float, float, float]:
    """Return the limits, and the one-sided p-values of "not more" and "not less"."""
    special = scipy_special()
    mean, error, freedom = _moments(observed)
    low = max(mean + float(special.stdtrit(freedom, levels.low)) * error, -1.0)
    high = min(mean - float(special.stdtrit(freedom, levels.high)) * error, 1.0)
    return low, high, float(special.stdtr(freedom, -mean / error)), float(special.stdtr(freedom, mean / error))


def _moments(observed: Sequence[Numbers]) -> tuple[float, float, int]:
    """Return the mean, its standard error and degrees of freedom, including the two extreme worlds.

    For S scenarios with n_s worlds each, the effective number of worlds is the number that would give the mean the same
    precision if all worlds had equal weight: 1 / sum over s of 1 / (S^2 n_s).
    """
    scenarios, sizes = len(observed), np.array([len(each) for each in observed])
    value = float(np.mean([each.mean() for each in observed]))
    worlds = float(scenarios**2 / (1 / sizes).sum())
    # A scenario with a single world has no spread: it uses that of the others, or else the maximum possible spread.
    spread = sum(float(((each - each.mean()) ** 2).sum()) for each in observed)
    degrees = int(sizes.sum()) - scenarios
    usual = spread / degrees if degrees else 1.0
    variances = np.array([float(each.var(ddof=1)) if len(each) > 1 else usual for each in observed])
    variance = worlds * float((variances / sizes).sum()) / scenarios**2
    # As in `compare_worlds`: the two added worlds shrink the mean and add 2 to the sum of squares. With one scenario
    # the result is the same.
    mean = value * worlds / (worlds + 2)
    squares = max(worlds - scenarios, 0.0) * variance + worlds * (value - mean) ** 2 + 2 + 2 * mean**2
    freedom = max(int(worlds) + 2 - scenarios, 1)
    return mean, math.sqrt(squares / (worlds + 2 - scenarios) / (worlds + 2)), freedom
