"""What a study with anytime stopping can detect, and how many worlds it is expected to read."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peerwatch.stats._betting import bets_of
from peerwatch.stats._horizon import BETS, TILT, course, regions
from peerwatch.stats._power import STUDIES, check_rates, check_target, draws, first_reached
from peerwatch.stats._stopping import Rules, bar_of
from peerwatch.stats._world_model import WorldModel, joint_counts


@dataclass(frozen=True, slots=True)
class PowerInTime:
    """Operating characteristics of a study with anytime stopping, with all assumptions."""

    power: float
    """Probability, in [0, 1], that it decides "more"."""
    no_effect: float
    """Probability that it decides "no effect"."""
    expected_worlds: float
    """Expected number of worlds per arm read until a decision or the end."""
    error: float
    """Standard error of `power`; 0 if computed exactly."""
    worlds: int
    """Maximum number of worlds; per scenario if scenarios are pooled."""
    epochs: int
    effect: float
    """First rate minus second rate."""
    base: float
    """Second rate."""
    icc: float
    shared: float
    rules: Rules
    share: float
    """Share of the family's level that the contrast may spend."""
    target: float = math.nan
    """The requested power, if any."""

    @property
    def reached(self) -> bool:
        """Whether the requested power is reached."""
        return self.power >= self.target


def power_in_time(
    worlds: int,
    epochs: int,
    effect: float,
    rules: Rules,
    *,
    base: float,
    icc: float,
    shared: float = 0.0,
    share: float = 1.0,
) -> PowerInTime:
    """Return the probability that a sequential study decides for a difference, and the expected number of worlds.

    It is the power of the rule that decides the study. With one side and exact limits it is computed exactly over every
    course of the study; otherwise 2,000 studies are simulated from a fixed seed, or 500 if scenarios are pooled.

    Args:
        worlds: Available worlds, per scenario if scenarios are pooled; at least 1.
        epochs: Episodes per world and arm, at least 1.
        effect: First rate minus second rate, in [-1, 1]; the same in every pooled scenario.
        rules: The rules of the contrast.
        base: Second rate, in [0, 1]; base + effect must be in [0, 1] too.
        icc: Correlation of two episodes of one world and arm, in [0, 1].
        shared: As in `power`.
        share: Share of the family's level that the contrast may spend: 1 / number of contrasts.

    Returns:
        Power, the probability of "no effect", expected worlds, and all assumptions.

    Raises:
        ValueError: If a rate, correlation or share is out of range, or there are no worlds or epochs.

    Source: as `decide`; for the model of worlds as `power`.
    """
    check_rates(worlds, epochs, effect, base)
    if not 0 < share <= 1:
        raise ValueError(f"share must lie in (0, 1], got {share}")
    joint = joint_counts(WorldModel(min(max(base + effect, 0.0), 1.0), base, icc, shared), epochs)
    if rules.horizon is not None and rules.side == "more" and epochs == 1:
        more, none, read = _exact(joint, min(worlds, rules.horizon), rules, share)
        error = 0.0
    else:
        studies = STUDIES if rules.strata == 1 else STUDIES // 4
        more, none, read = _simulated(joint, worlds, rules, share, studies)
        error = math.sqrt(more * (1 - more) / studies)
    return PowerInTime(more, none, read, error, worlds, epochs, effect, base, icc, shared, rules, share)


def detectable_in_time(
    worlds: int,
    epochs: int,
    rules: Rules,
    *,
    base: float,
    icc: float,
    shared: float = 0.0,
    share: float = 1.0,
    target: float = 0.8,
) -> PowerInTime:
    """Find the smallest increase over the base rate that a study decides for with the requested power.

    Args:
        worlds: As for `power_in_time`.
        epochs: Likewise.
        rules: Likewise.
        base: Second rate, in [0, 1).
        icc: As for `power_in_time`.
        shared: Likewise.
        share: Likewise.
        target: Requested power, strictly between 0 and 1.

    Returns:
        The effect, to a thousandth, with the power at it. If even the largest effect falls short, that effect with
        `reached` false.

    Raises:
        ValueError: As `power_in_time`; also if the target is not a probability or the base leaves no room above it.
    """
    check_target(target)
    if not 0 <= base < 1:
        raise ValueError(f"base must lie in [0, 1), got {base}")

    def at(thousandths: int) -> PowerInTime:
        effect = min(thousandths / 1000, 1 - base)
        found = power_in_time(worlds, epochs, effect, rules, base=base, icc=icc, shared=shared, share=share)
        return replace(found, target=target)

    return first_reached(at, 0, max(math.floor((1 - base) * 1000 + 1e-9), 1))


def _exact(joint: NDArray[np.float64], worlds: int, rules: Rules, share: float) -> tuple[float, float, float]:
    levels, horizon = rules.levels(share), rules.horizon or worlds
    more = regions(levels.low, 0.0, horizon, alike=rules.alike)
    none = regions(levels.high, -rules.smallest_effect, horizon, alike=rules.alike)
    # "No effect" exchanges ones and minus ones, therefore the transposed region.
    ends = [more[: worlds + 1], [each.T for each in none[: worlds + 1]]]
    found = course(np.array([joint[1, 0]]), np.array([joint[0, 1]]), ends)[:, 0]
    return float(found[0]), float(found[1]), float(found[2])


def _simulated(
    joint: NDArray[np.float64], worlds: int, rules: Rules, share: float, studies: int
) -> tuple[float, float, float]:
    epochs, strata = len(joint) - 1, rules.strata
    total = worlds * strata if rules.horizon is None else min(worlds, rules.horizon)
    kinds, read = first_claims(draws(joint, total)[:, :studies] - epochs, epochs, rules, share)
    return float((kinds == "more").mean()), float((kinds == "no_effect").mean()), float(read.mean()) / strata


def first_claims(
    counts: NDArray[np.integer[Any]], epochs: int, rules: Rules, share: float = 1.0
) -> tuple[NDArray[np.str_], NDArray[np.int64]]:
    """Decide one contrast of each of many studies at once: a vectorized `decide` without gaps.

    Args:
        counts: First minus second count of each world of each study, shape (worlds, studies); complete rounds if
            scenarios are pooled.
        epochs: Episodes per world and arm.
        rules: The rules of the contrast.
        share: Share of the family's level that it may spend.

    Returns:
        The decision of each study, and the number of worlds read by then.
    """
    drawn, margin = counts + epochs, rules.smallest_effect
    values = np.arange(-epochs, epochs + 1) / epochs
    effect, null = rules.levels(share, kind="more"), rules.levels(share, kind="no_effect")
    more = _first(_made(drawn, values, 0.0, effect.low, rules))
    less = np.full(len(more), math.inf)
    excluded = _made(drawn, -values, -margin, null.high, rules)
    if rules.side == "two":
        less = _first(_made(drawn, -values, 0.0, effect.high, rules))
        excluded &= _made(drawn, values, -margin, null.low, rules)
    none = _first(excluded)
    decided = np.minimum(np.minimum(more, less), none)
    kinds = np.where(more <= np.minimum(less, none), "more", np.where(less <= none, "less", "no_effect"))
    kinds[np.isinf(decided)] = "open"
    return kinds, np.minimum(decided, len(drawn)).astype(np.int64)


def _first(made: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the number of worlds after which each study first makes a claim; infinity if never."""
    return np.where(made.any(axis=0), made.argmax(axis=0) + 1.0, math.inf)


def _made(
    drawn: NDArray[np.integer[Any]], values: NDArray[np.float64], null: float, level: float, rules: Rules
) -> NDArray[np.bool_]:
    """Return after which worlds each study rejects "the mean is at most `null`", shape (worlds, studies).

    Args:
        drawn: Index into `values` of each world of each study, shape (worlds, studies).
        values: The possible differences.
        null: The mean.
        level: Error level of the claim.
        rules: How evidence is weighed.
    """
    bets = bets_of(rules.strata) if rules.horizon is None else BETS
    capital = np.zeros(drawn.shape)
    for fraction, weight in zip(bets.fractions, bets.weights, strict=True):
        # The factor by which a world with each possible difference multiplies the capital; see `_betting`.
        factors = (1 - fraction) + fraction * (1 + values) / (1 + null)
        capital += weight * np.cumprod(factors[drawn], axis=0)
    bar = np.full(len(drawn), bar_of(null, level, rules))
    ends = np.arange(1, len(drawn) + 1)
    if rules.horizon is not None:
        bar += TILT[rules.alike] * (1 - ends / rules.horizon)
    # Pooled scenarios are decided after complete rounds only.
    bar[ends % rules.strata > 0] = math.inf
    return capital >= np.exp(bar)[:, None]
