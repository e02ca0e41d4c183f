"""A judged difference, corrected for the judge's errors with labels of some of the episodes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from peerwatch.stats._bounds import PartialPair
from peerwatch.stats._effect_test import EffectTest, not_measured
from peerwatch.stats._libraries import scipy_special
from peerwatch.stats._weighted import effective_number
from peerwatch.stats._worlds_compared import Levels, Side, completions, differences_of

Numbers = NDArray[np.float64]
Moments = tuple[float, float, float]
"""Mean, its standard error, and degrees of freedom."""

LABELLED: Final = "t on worlds and labels, with two extreme ones added to each"


@dataclass(frozen=True, slots=True)
class LabeledEpisode:
    """An episode rated by both a judge and people."""

    judged: bool
    truth: bool
    """The label that people gave."""
    weight: float = 1.0
    """Inverse of the probability with which it was drawn."""


def compare_labelled(
    pairs: Sequence[tuple[float, float]],
    first: Sequence[LabeledEpisode],
    second: Sequence[LabeledEpisode],
    gaps: Sequence[PartialPair] = (),
    levels: Levels | None = None,
    *,
    side: Side = "two",
) -> EffectTest:
    """Estimate and test the mean difference of two sides as labelled by people, given ratings of all episodes.

    For each side, the mean of (label - judgement) over its labelled episodes is added to the judged difference: its
    expectation is exactly the judge's error on that side, for any kind of errors and however they differ between sides.
    Unlike a rate corrected by sensitivity and specificity it requires neither, and remains defined if positive cases
    are rare.

    The labelled episodes must be a probability sample of the same side's episodes. The interval is Student's. The
    variance is that of the worlds' differences plus those of the two corrections, as if labels were drawn independently
    of the worlds; each has two extreme units added, as in `compare_worlds`, so that a few labels without an error do
    not prove a judge right.

    Args:
        pairs: The judge's ratings, as for `compare_worlds`.
        first: Labelled episodes of the first side.
        second: Those of the second.
        gaps: Worlds with missing episodes.
        levels: Error levels of the two limits; 0.025 each by default.
        side: `more`: only "first above second" counts, and the p-value is one-sided.

    Returns:
        First minus second with limits; all `nan` if no world was observed on both sides, or a side has no labelled
        episode.

    Raises:
        ValueError: As for `compare_worlds`.

    Source: Särndal, C.-E., Swensson, B. and Wretman, J. (1992), Model Assisted Survey Sampling, section 6.3, for the
    difference estimator; Angelopoulos, A. N. et al. (2023), Science 382:669-674, for predictions of a model in its
    place; Satterthwaite, F. E. (1946), Biometrics Bulletin 2:110-114, for the degrees of freedom.
    """
    levels = levels or Levels.two_sided(0.05)
    halves = [gap for gap in gaps if not math.isnan(gap.first.value + gap.second.value)]
    observed = differences_of([*pairs, *((gap.first.value, gap.second.value) for gap in halves)])
    confidence = 1 - levels.low - levels.high
    if not (len(observed) and first and second):
        return not_measured(confidence, LABELLED, LABELLED)
    wrong = [_errors(labels) for labels in (first, second)]
    shifts = [_moments(*each) for each in wrong]
    # Corrected difference: judged difference plus the mean error on the first side, minus that on the second.
    value = float(observed.mean()) + wrong[0][0] - wrong[1][0]
    low, high, above, below = _limits(_of_worlds(observed), shifts, levels)
    if gaps:
        worst, best = completions(pairs, gaps)
        least, most = (_limits(_of_worlds(each), shifts, levels) for each in (worst, best))
        low, high = min(low, least[0]), max(high, most[1])
        above, below = max(above, least[2]), max(below, most[3])
    value = min(max(value, -1.0), 1.0)
    p = above if side == "more" else min(2 * min(above, below), 1.0)
    return EffectTest(value, min(low, value), max(high, value), p, len(observed), confidence, LABELLED, LABELLED)


def _of_worlds(differences: Numbers) -> Moments:
    return _moments(float(differences.mean()), float((differences**2).mean()), len(differences))


def _errors(labels: Sequence[LabeledEpisode]) -> tuple[float, float, float]:
    """Return the weighted mean of (label - judgement), the mean of its square, and the effective number of labels."""
    weights = np.array([each.weight for each in labels])
    errors = np.array([float(each.truth) - float(each.judged) for each in labels])
    weights = weights / weights.sum()
    return float(weights @ errors), float(weights @ errors**2), effective_number([each.weight for each in labels])


def _moments(mean: float, square: float, count: float) -> Moments:
    """Add one unit of 1 and one of -1 to `count` units with this mean and mean square."""
    whole = count + 2
    # The added units leave the sum unchanged and add 2 to the sum of squares.
    shrunk = count * mean / whole
    variance = max((count * square + 2) / whole - shrunk**2, 0.0)
    return shrunk, math.sqrt(variance / (whole - 1)), whole - 1


def _limits(worlds: Moments, shifts: Sequence[Moments], levels: Levels) -> tuple[float, float, float, float]:
    """Return the limits, and the one-sided p-values of "not more" and "not less"."""
    special = scipy_special()
    mean = worlds[0] + shifts[0][0] - shifts[1][0]
    parts = [(each[1] ** 2, each[2]) for each in (worlds, *shifts)]
    variance = math.fsum(part for part, _ in parts)
    # Satterthwaite: (sum v_i)^2 / sum(v_i^2 / f_i) for variances v_i with f_i degrees of freedom.
    freedom = variance**2 / math.fsum(part**2 / free for part, free in parts)
    error = math.sqrt(variance)
    low = max(mean + float(special.stdtrit(freedom, levels.low)) * error, -1.0)
    high = min(mean - float(special.stdtrit(freedom, levels.high)) * error, 1.0)
    return low, high, float(special.stdtr(freedom, -mean / error)), float(special.stdtr(freedom, mean / error))
