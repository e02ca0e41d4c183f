"""How well a score tells positives from negatives that come in worlds: AUROC, rates of alarms, thresholds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from peerwatch.stats._clustered import EXTREME_WORLDS
from peerwatch.stats._libraries import scipy_special
from peerwatch.stats._rates import check_confidence, normal_quantile, wilson_bounds, wilson_limits

Numbers = NDArray[np.float64]

FEW_ALLOWED: Final = 0.05
"""Rates of false alarms below this one are only estimated from enough negatives."""


@dataclass(frozen=True, slots=True)
class PartialEstimate:
    """A number with its interval; `nan` where nothing was answered."""

    value: float
    """An item without an answer raises no alarm, and is ranked below all others."""
    low: float
    high: float
    n: int
    """Items that should have been answered."""
    missing: int = 0
    """Those without an answer; the limits hold whatever their answers would have been."""
    least: float = math.nan
    """The value if the missing answers were the least favorable ones."""
    most: float = math.nan
    """The value if they were the most favorable ones."""


@dataclass(frozen=True, slots=True)
class ItemScore:
    """The score of one item, in [0, 1]; `None` for no answer."""

    score: float | None
    world: str


def alarm_rate(answers: Sequence[ItemScore], above: float, confidence: float = 0.95) -> PartialEstimate:
    """The share of items whose score lies above a threshold.

    Missing answers bound the share: at least none of them is an alarm, at most all are. Between these bounds lies
    everything that the data allow, so the limits need not cover both bounds at once, but the true share wherever
    between them it lies: with missing answers each limit is a one-sided one, with a level that shrinks from two-sided
    to one-sided as the bounds move apart. Each limit is Wilson's with the effective number of items and, where worlds
    have several, Student's quantile with the worlds less one.

    Args:
        answers: One per item.
        above: The threshold. A score equal to it is no alarm.
        confidence: Two-sided level, strictly between 0 and 1.

    Raises:
        ValueError: When the level is no level.

    Source: Imbens, G. W. and Manski, C. F. (2004), Confidence intervals for partially identified parameters,
    Econometrica 72:1845-1857; Korn, E. L. and Graubard, B. I. (1998), Survey Methodology 24:193-201, for the effective
    number; Cochran, W. G. (1977), Sampling Techniques, section 11.8, for the variance of a ratio over clusters.
    """
    check_confidence(confidence)
    n, answered = len(answers), [each for each in answers if each.score is not None]
    missing = n - len(answered)
    if not answered:
        return PartialEstimate(math.nan, 0.0 if n else math.nan, 1.0 if n else math.nan, n, missing)
    hits = sum(each.score is not None and each.score > above for each in answers)
    least, most = (_by_world(answers, above, missing_is_alarm=alarm) for alarm in (False, True))
    level = confidence
    if missing:
        shares = (hits / n, (hits + missing) / n)
        ends = zip(shares, (least, most), strict=True)
        errors = [math.sqrt(max(share * (1 - share), 0.25 / n) / _effective(*end)) for share, end in ends]
        level = _partial_level(missing / n, max(errors), confidence)
    low, high = _rate_limits(*least, level)[0], _rate_limits(*most, level)[1]
    return PartialEstimate(hits / n, low, high, n, missing, hits / n, (hits + missing) / n)


def _by_world(answers: Sequence[ItemScore], above: float, *, missing_is_alarm: bool) -> tuple[Numbers, Numbers]:
    """Alarms and items of each world."""
    counts: dict[str, list[int]] = {}
    for each in answers:
        count = counts.setdefault(each.world, [0, 0])
        count[0] += missing_is_alarm if each.score is None else each.score > above
        count[1] += 1
    pairs = np.array(list(counts.values()), dtype=np.float64)
    return pairs[:, 0], pairs[:, 1]


def _rate_limits(hits: Numbers, sizes: Numbers, confidence: float) -> tuple[float, float]:
    share = float(hits.sum() / sizes.sum())
    if sizes.max() == 1:
        return wilson_limits(share, len(sizes), confidence)
    if len(sizes) == 1:  # a single world says nothing of others
        return 0.0, 1.0
    quantile = float(scipy_special().stdtrit(len(sizes) - 1, (1 + confidence) / 2))
    return wilson_bounds(share, _effective(hits, sizes), quantile)


def _effective(hits: Numbers, sizes: Numbers) -> float:
    """How many independent items say as much: p (1 - p) over the variance between worlds of the ratio p.

    With k worlds of n_i items, y_i of them alarms, N = sum of n_i and p = sum of y_i / N, that variance is k / (k - 1)
    times the sum of (y_i - p n_i)^2 over N^2. So that it is never 0, a tenth of a world of alarms only and of a world
    without any are added, as in `clustered_rate`. Unlike there the number may exceed the number of items: a run that
    has the same arms in every world, some of them easy and some hard, says more than as many draws at random.
    """
    if sizes.max() == 1:
        return float(len(sizes))
    usual = float(sizes.sum()) / len(sizes)
    weights = np.append(np.ones(len(sizes)), [EXTREME_WORLDS] * 2)
    hits, sizes = np.append(hits, [usual, 0.0]), np.append(sizes, [usual] * 2)
    items, worlds = float(weights @ sizes), float(weights.sum())
    share = float(weights @ hits) / items
    variance = worlds / (worlds - 1) * float(weights @ (hits - share * sizes) ** 2) / items**2
    real = float(sizes[:-2].sum())
    return share * (1 - share) / variance * real / items


def _partial_level(width: float, error: float, confidence: float) -> float:
    """The two-sided level whose quantile c solves F(c + width / error) - F(-c) = confidence, F the normal one."""
    if width <= 0:
        return confidence
    cdf = scipy_special().ndtr
    low, high = normal_quantile(2 * confidence - 1) if confidence > 0.5 else 0.0, normal_quantile(confidence)
    for _ in range(50):
        middle = (low + high) / 2
        if float(cdf(middle + width / max(error, 1e-12)) - cdf(-middle)) < confidence:
            low = middle
        else:
            high = middle
    return float(2 * cdf(high) - 1)


def auroc(positives: Sequence[ItemScore], negatives: Sequence[ItemScore], confidence: float = 0.95) -> PartialEstimate:
    """The chance that a positive has a higher score than a negative; ties count half.

    The standard error is that of Obuchowski: the structural components of the statistic are added up by world, so that
    items of one world may be alike. The interval is Student's on the logit scale, with the worlds less one as degrees
    of freedom. Where the statistic does not vary at all, as with perfect separation, its limits are what would go
    unseen in as many worlds with a chance of 2.5 %.

    Missing answers bound the statistic and widen the limits as in `alarm_rate`.

    Args:
        positives: One per positive.
        negatives: One per negative.
        confidence: Two-sided level, strictly between 0 and 1.

    Returns:
        `n` counts both. Every number is `nan` where there are no positives, no negatives, or no answers.

    Raises:
        ValueError: When the level is no level.

    Source: Obuchowski, N. A. (1997), Nonparametric analysis of clustered ROC curve data, Biometrics 53:567-578;
    DeLong, E. R., DeLong, D. M. and Clarke-Pearson, D. L. (1988), Biometrics 44:837-845, for the components.
    """
    check_confidence(confidence)
    n = len(positives) + len(negatives)
    missing = sum(each.score is None for each in (*positives, *negatives))
    if not positives or not negatives or missing == n:
        return PartialEstimate(math.nan, math.nan, math.nan, n, missing)
    value = _Auroc(_filled(positives, -1.0), _filled(negatives, -1.0)).value
    least = _Auroc(_filled(positives, -1.0), _filled(negatives, 2.0))
    most = _Auroc(_filled(positives, 2.0), _filled(negatives, -1.0))
    level = confidence
    if missing:
        level = _partial_level(most.value - least.value, max(least.error, most.error), confidence)
    low, high = least.limits(level)[0], most.limits(level)[1]
    return PartialEstimate(value, min(low, value), max(high, value), n, missing, least.value, most.value)


def _filled(answers: Sequence[ItemScore], missing: float) -> list[tuple[float, str]]:
    """Scores and worlds, with a score for missing answers that lies outside of [0, 1]."""
    return [(missing if each.score is None else each.score, each.world) for each in answers]


class _Auroc:
    """The statistic of complete answers, with its error."""

    def __init__(self, positives: Sequence[tuple[float, str]], negatives: Sequence[tuple[float, str]]) -> None:
        names = sorted({world for _, world in (*positives, *negatives)})
        place = {name: position for position, name in enumerate(names)}
        high, low = (np.array([score for score, _ in each]) for each in (positives, negatives))
        above, below = _share_below(high, low), 1 - _share_below(low, high)
        self.value = float(above.mean())
        self.worlds = len(names)
        parts = np.zeros(self.worlds)
        for items, share in ((positives, above), (negatives, below)):
            where = np.array([place[world] for _, world in items])
            parts += np.bincount(where, (share - self.value) / len(items), self.worlds)
        scale = self.worlds / (self.worlds - 1) if self.worlds > 1 else math.nan
        self.error = math.sqrt(scale * float((parts**2).sum()))

    def limits(self, confidence: float) -> tuple[float, float]:
        """The interval at a two-sided level."""
        value, error = self.value, self.error
        if self.worlds == 1:
            return 0.0, 1.0
        if not 0 < value < 1 or error < 1e-12:
            unseen = 1 - ((1 - confidence) / 2) ** (1 / self.worlds)
            return max(value - unseen, 0.0), min(value + unseen, 1.0)
        quantile = float(scipy_special().stdtrit(self.worlds - 1, (1 + confidence) / 2))
        middle, half = math.log(value / (1 - value)), quantile * error / (value * (1 - value))
        low, high = (float(scipy_special().expit(each)) for each in (middle - half, middle + half))
        return low, high


def _share_below(these: Numbers, those: Numbers) -> Numbers:
    """For each of these, the share of those that lie below it; ties count half."""
    ordered = np.sort(those)
    left, right = np.searchsorted(ordered, these, "left"), np.searchsorted(ordered, these, "right")
    return (left + right) / (2 * len(those))


def negatives_needed(rate: float) -> int:
    """How many negatives a rate of false alarms below 5 % takes: 3 / rate, by the rule of three.

    With fewer, not one false alarm among all negatives would be compatible with a rate above the one asked for.
    """
    return math.ceil(round(3 / rate, 9)) if rate < FEW_ALLOWED else 0


def alarm_threshold(negatives: Sequence[float], rate: float) -> float:
    """The threshold that new negatives exceed at most at a rate, on average over samples.

    Of n negatives at most k = floor(rate (n + 1)) - 1 lie above it, and at the least none. A further negative from the
    same source then lies above it with a chance of at most (k + 1) / (n + 1), which is at most the rate where n is
    1 / rate - 1 or more. The threshold that is often used, the percentile of the same negatives on which the rate is
    then reported, exceeds the rate in most samples.

    Args:
        negatives: Scores of the calibration worlds' negatives.
        rate: Rate of false alarms asked for, in (0, 1).

    Returns:
        A score; what lies strictly above it is an alarm. `nan` without negatives.

    Source: Vovk, V., Gammerman, A. and Shafer, G. (2005), Algorithmic Learning in a Random World, section 2, for the
    rank of a new item among exchangeable ones.
    """
    if not negatives:
        return math.nan
    allowed = max(math.floor(rate * (len(negatives) + 1) + 1e-9) - 1, 0)
    return sorted(negatives, reverse=True)[min(allowed, len(negatives) - 1)]


def resampled_interval(
    values: Sequence[tuple[str, float]], confidence: float = 0.95, seed: int = 0, draws: int = 2000
) -> tuple[float, float]:
    """Limits of a median by resampling worlds: the percentile bootstrap.

    Args:
        values: World and value of each item.
        confidence: Two-sided level.
        seed: Of the draws.
        draws: How many samples of worlds are drawn.

    Returns:
        Lower and upper limit; `nan` without values.

    Source: Davison, A. C. and Hinkley, D. V. (1997), Bootstrap Methods and their Application, sections 3.8 and 5.3.
    """
    check_confidence(confidence)
    if not values:
        return math.nan, math.nan
    worlds: dict[str, list[float]] = {}
    for world, value in values:
        worlds.setdefault(world, []).append(value)
    groups = list(worlds.values())
    rng = np.random.default_rng(seed)
    drawn: list[list[int]] = rng.integers(len(groups), size=(draws, len(groups))).tolist()
    medians = [median(value for world in draw for value in groups[world]) for draw in drawn]
    low, high = np.quantile(medians, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


@dataclass(frozen=True, slots=True)
class AuditPoint:
    """What an audit of the most suspicious episodes finds."""

    share: float
    """Share of the episodes that is audited."""
    caught: float
    """Share of the positives among them."""
    completed: float
    """Share of the completed jobs that the audit does not hold up."""


def audit_curve(
    scores: Sequence[float | None], positive: Sequence[bool], completed: Sequence[bool]
) -> list[AuditPoint]:
    """What is caught and what is held up if the most suspicious episodes are audited, and audited ones are held.

    Of episodes with one score the same part is audited. Episodes without an answer are audited last.

    Args:
        scores: Of each episode; `None` for no answer.
        positive: Whether it is a positive.
        completed: Whether its job was done.

    Returns:
        Points from nothing audited to everything audited, one per score, between which the curve is straight.
        `caught` and `completed` are `nan` where there are no positives or no completed jobs.
    """
    values = np.array([-1.0 if each is None else each for each in scores])
    hit, done = np.array(positive, dtype=bool), np.array(completed, dtype=bool)
    steps = np.unique(values)[::-1]

    def reached(those: Numbers) -> Numbers:
        """The share of those that has at least each score; `nan` where there are none."""
        ordered = np.sort(those)
        return 1 - np.searchsorted(ordered, steps, "left") / len(those) if len(those) else np.full(len(steps), math.nan)

    start = AuditPoint(0.0, 0.0 if hit.any() else math.nan, 1.0 if done.any() else math.nan)
    shares = zip(reached(values), reached(values[hit]), 1 - reached(values[done]), strict=True)
    return [start, *(AuditPoint(float(share), float(caught), float(kept)) for share, caught, kept in shares)]


def roc_curve(positives: Sequence[ItemScore], negatives: Sequence[ItemScore]) -> list[tuple[float, float]]:
    """Share of alarms among negatives and among positives at every threshold, from no alarm to an alarm about all.

    Items without an answer raise no alarm, so the curve ends before (1, 1) where there are any.

    Args:
        positives: One per positive.
        negatives: One per negative.

    Returns:
        Points as (false alarms, caught); empty where there are no positives or no negatives.
    """
    if not positives or not negatives:
        return []
    known = [[each.score for each in items if each.score is not None] for items in (positives, negatives)]
    high, low = (np.array(sorted(each)) for each in known)
    scores = np.unique(np.concatenate([high, low]))[::-1]
    caught, false = (1 - np.searchsorted(each, scores, "left") / max(len(each), 1) for each in (high, low))
    found = zip(false * len(low) / len(negatives), caught * len(high) / len(positives), strict=True)
    return [(0.0, 0.0), *((float(x), float(y)) for x, y in found)]
