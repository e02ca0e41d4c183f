"""One rule for a difference paired by world: interval, p-value and decision come from the same procedure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from peerwatch.stats._bounds import PartialPair
from peerwatch.stats._effect_test import EffectTest, not_measured
from peerwatch.stats._exact_limits import exact_lower, exact_p
from peerwatch.stats._libraries import scipy_special
from peerwatch.stats._worlds import world_differences

EXACT: Final = "unconditional exact, inverted"
MEAN: Final = "t on worlds, with two extreme ones added"

EXACT_WORLDS: Final = 150
"""Up to this many worlds the exact rule is fast; beyond it, the other rule holds its level too."""

BOUNDS: Final = (-1.0, 1.0)

SLACK: Final = 1e-12

Side = Literal["two", "more"]


@dataclass(frozen=True, slots=True)
class Levels:
    """Error levels of the two limits: `low` for claims that the mean is higher, `high` for claims that it is lower."""

    low: float
    high: float

    @classmethod
    def two_sided(cls, alpha: float) -> "Levels":
        """Half the level for each limit."""
        return cls(alpha / 2, alpha / 2)

    def __post_init__(self) -> None:
        """Check that both levels are in range.

        Raises:
            ValueError: If a level does not lie strictly between 0 and 0.5.
        """
        for level in (self.low, self.high):
            if not 0 < level < 0.5:
                raise ValueError(f"a level must lie strictly between 0 and 0.5, got {level}")


def compare_worlds(
    pairs: Sequence[tuple[float, float]],
    gaps: Sequence[PartialPair] = (),
    levels: Levels | None = None,
    *,
    side: Side = "two",
    binary: bool = False,
    extreme: float = 1.0,
) -> EffectTest:
    """Estimate and test the mean difference of two sides measured on the same worlds.

    Worlds are the units: several episodes of a world make its mean, and repeats never count as worlds.

    With one binary episode on each side and at most 150 worlds the rule is exact: an unconditional test, inverted.
    Otherwise it is Student's t on the worlds' differences, to which two worlds are added, one with each of the extreme
    differences. For one binary episode that is the interval of Bonett and Price. The added worlds keep the coverage if
    few worlds or none differ: fifty equal worlds give about five and a half points on either side, rather than zero
    width or the full range. Simulated over rates from 0 to 0.9, 1 to 10 episodes, correlations of 0 to 0.5 and 10 to
    100 worlds, the coverage at 95 % is at least 0.94.

    Missing episodes widen the limits to the least and the most favorable completion, and the p-value is that of the
    least favorable one: 1 if they could reverse the sign.

    Args:
        pairs: One pair per complete world: mean of the first and of the second side, in units of the whole range,
            so that a difference lies in [-1, 1].
        gaps: Worlds with missing episodes.
        levels: Error levels of the two limits; 0.025 each by default.
        side: `more`: only "first above second" counts, and the p-value is one-sided.
        binary: Whether every side is a single episode with a binary outcome.
        extreme: Absolute difference of the two added worlds. 1 is right for rates. A score that never moves by its
            whole range takes less, which makes small shifts detectable.

    Returns:
        First minus second. `low` lies above 0 if and only if "more" holds at `levels.low`, and `high` below 0 if and
        only if "less" holds at `levels.high`. All `nan` if no world was observed on both sides.

    Raises:
        ValueError: If a value is not finite or a difference lies outside [-1, 1].

    Source: see `exact_lower`; Bonett, D. G. and Price, R. M. (2012), J. Educ. Behav. Stat. 37:479-488, for the
    added worlds; Donner, A. and Klar, N. (2000), Design and Analysis of Cluster Randomization Trials, chapter 7,
    for means of clusters; Manski, C. F. (2003), Partial Identification of Probability Distributions, chapter 1, for
    completions.
    """
    levels = levels or Levels.two_sided(0.05)
    halves = [gap for gap in gaps if not math.isnan(gap.first.value + gap.second.value)]
    observed = differences_of([*pairs, *((gap.first.value, gap.second.value) for gap in halves)])
    worlds = len(observed)
    exact = binary and worlds + len(gaps) - len(halves) <= EXACT_WORLDS and not any(_fraction(observed))
    name = EXACT if exact else MEAN
    if worlds == 0:
        return not_measured(1 - levels.low - levels.high, name, name)
    rule = _exact if exact else partial(_mean, extreme=extreme)
    low, high, above, below = rule(observed, levels)
    if gaps:
        worst, best = completions(pairs, gaps)
        least, most = rule(worst, levels), rule(best, levels)
        low, high = min(low, least[0]), max(high, most[1])
        above, below = max(above, least[2]), max(below, most[3])
    value = float(observed.mean())
    p = above if side == "more" else min(2 * min(above, below), 1.0)
    smallest = _smallest(worlds, extreme, exact=exact) * (1 if side == "more" else 2)
    confidence = 1 - levels.low - levels.high
    return EffectTest(value, min(low, value), max(high, value), p, worlds, confidence, name, name, min(smallest, 1.0))


def excludes_zero(
    pairs: Sequence[tuple[float, float]], levels: Levels, *, binary: bool = False, extreme: float = 1.0
) -> tuple[bool, bool]:
    """Return whether the lower limit of `compare_worlds` lies above zero, and the upper one below, with far less work.

    Args:
        pairs: As for `compare_worlds`, no world missing.
        levels: Error levels of the two limits.
        binary: As for `compare_worlds`.
        extreme: Likewise.
    """
    observed = differences_of(pairs)
    worlds = len(observed)
    if not worlds:
        return False, False
    if binary and worlds <= EXACT_WORLDS and not any(_fraction(observed)):
        ones, minus = int((observed > SLACK).sum()), int((observed < -SLACK).sum())
        above, below = exact_p(ones, minus, worlds), exact_p(minus, ones, worlds)
    else:
        above, below = (float(mean_p_values(each[:, None], extreme)[0]) for each in (observed, -observed))
    return above <= levels.low * (1 + SLACK), below <= levels.high * (1 + SLACK)


def smallest_p(worlds: int, epochs: int, side: Side = "two") -> float:
    """Return the smallest p-value possible with this number of worlds; a level below it cannot be reached.

    Args:
        worlds: At least 1.
        epochs: Episodes per world and arm.
        side: As for `compare_worlds`.
    """
    one = _smallest(worlds, 1.0, exact=epochs == 1 and worlds <= EXACT_WORLDS)
    return one if side == "more" else min(2 * one, 1.0)


def rejects(p_values: NDArray[np.float64], level: float) -> NDArray[np.bool_]:
    """Return which p-values reach a level, allowing for rounding."""
    found: NDArray[np.bool_] = p_values <= level * (1 + SLACK)
    return found


def mean_p_values(differences: NDArray[np.float64], extreme: float = 1.0) -> NDArray[np.float64]:
    """Return the one-sided p-values of "the mean is at most 0" for many studies at once.

    Args:
        differences: Difference of each world of each study, shape (worlds, studies), in [-1, 1].
        extreme: As for `compare_worlds`.
    """
    # The two added worlds, +extreme and -extreme, leave the sum unchanged and add 2 extreme^2 to the sum of squares.
    worlds = len(differences) + 2
    mean = differences.sum(axis=0) / worlds
    squares = ((differences**2).sum(axis=0) + 2 * extreme**2) / worlds
    # Standard error of a mean of n values: sqrt((mean of squares - mean^2) / (n - 1)). The p-value is P(T <= -mean /
    # error) with n - 1 degrees of freedom.
    error = np.sqrt((squares - mean**2) / (worlds - 1))
    found: NDArray[np.float64] = scipy_special().stdtr(worlds - 1, -mean / error)
    return found


def differences_of(pairs: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    return world_differences(pairs, 0.95, BOUNDS)


def _fraction(differences: NDArray[np.float64]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.abs(differences - np.rint(differences)) > SLACK
    return found


def completions(
    pairs: Sequence[tuple[float, float]], gaps: Sequence[PartialPair]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The least and the most favorable completion, with differences clipped to their bounds."""
    known = list(differences_of(pairs))
    worst = [*known, *(max(gap.first.low - gap.second.high, -1.0) for gap in gaps)]
    best = [*known, *(min(gap.first.high - gap.second.low, 1.0) for gap in gaps)]
    return np.asarray(worst), np.asarray(best)


def _exact(differences: NDArray[np.float64], levels: Levels) -> tuple[float, float, float, float]:
    """Return the limits, and the one-sided p-values of "not more" and "not less"."""
    worlds = len(differences)
    ones, minus = int((differences > SLACK).sum()), int((differences < -SLACK).sum())
    low, high = exact_lower(ones, minus, worlds, levels.low), -exact_lower(minus, ones, worlds, levels.high)
    return low, high, exact_p(ones, minus, worlds), exact_p(minus, ones, worlds)


def _mean(differences: NDArray[np.float64], levels: Levels, extreme: float) -> tuple[float, float, float, float]:
    # Student's distribution via low-level functions: `scipy.stats.t` takes fifty times as long for one number.
    special = scipy_special()
    freedom = len(differences) + 1
    mean = float(differences.sum()) / (freedom + 1)
    # As in `mean_p_values`, with n + 2 worlds and therefore n + 1 degrees of freedom.
    squares = float(differences @ differences) + 2 * extreme**2
    error = math.sqrt(max(squares / (freedom + 1) - mean**2, 0.0) / freedom)
    # Quantiles at levels below 0.5 are negative: this subtracts for the lower limit and adds for the upper one.
    low = max(mean + float(special.stdtrit(freedom, levels.low)) * error, -1.0)
    high = min(mean - float(special.stdtrit(freedom, levels.high)) * error, 1.0)
    return low, high, float(special.stdtr(freedom, -mean / error)), float(special.stdtr(freedom, mean / error))


def _smallest(worlds: int, extreme: float, *, exact: bool) -> float:
    """Return the smallest possible one-sided p-value: every world has the maximum difference."""
    if exact:
        # Under the null hypothesis ones are at most as likely as minus ones, so all worlds are 1 with probability at
        # most 1 / 2^n.
        return 2.0**-worlds
    return float(mean_p_values(np.ones((worlds, 1)), extreme)[0])
