"""How many worlds and epochs are needed for an effect, and what effect a study can detect."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from statistics import NormalDist
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from peerwatch.stats._exact_limits import exact_region
from peerwatch.stats._rates import check_confidence
from peerwatch.stats._world_model import WorldModel, joint_counts
from peerwatch.stats._worlds_compared import EXACT, EXACT_WORLDS, MEAN, Side, mean_p_values, rejects

MOST_WORLDS = 2_000

STUDIES = 2_000
"""Number of simulated studies if the power is not computed exactly."""

SEED = 20_260_419


class PowerTarget(Protocol):
    """A result that may fall short of a target."""

    @property
    def reached(self) -> bool:
        """Whether the target is reached."""
        ...


Found = TypeVar("Found", bound=PowerTarget)


@dataclass(frozen=True, slots=True)
class Power:
    """The power of a study, with all assumptions."""

    power: float
    """Probability, in [0, 1], that the test detects the effect."""
    error: float
    """Standard error of `power`; 0 if computed exactly."""
    worlds: int
    epochs: int
    """Episodes per world and arm."""
    effect: float
    """First rate minus second rate."""
    base: float
    """Second rate."""
    icc: float
    shared: float
    confidence: float
    side: Side
    test: str
    """The test whose power this is: the one that decides the study."""
    target: float = math.nan
    """The requested power, if any."""

    @property
    def reached(self) -> bool:
        """Whether the requested power is reached."""
        return self.power >= self.target

    @property
    def episodes(self) -> int:
        """Episodes of both arms."""
        return 2 * self.worlds * self.epochs


def power(
    worlds: int,
    epochs: int,
    effect: float,
    *,
    base: float,
    icc: float,
    shared: float = 0.0,
    confidence: float = 0.95,
    side: Side = "two",
) -> Power:
    """Return the probability that a fixed-size study detects a difference of two interference rates paired by world.

    It is the power of `compare_worlds`, the rule that decides the study and gives its interval: computed exactly if the
    rule is exact, and otherwise simulated with 2,000 studies from a fixed seed.

    Worlds differ: each has a separate propensity in each arm, beta-distributed around the arm's rate, such that two
    episodes of one world and arm have correlation `icc`. If it is high, repeats gain little.

    Args:
        worlds: Worlds on which both arms run, at least 1.
        epochs: Episodes per world and arm, at least 1.
        effect: First rate minus second rate, in [-1, 1].
        base: Second rate, in [0, 1]; base + effect must be in [0, 1] too.
        icc: Correlation of two episodes of one world and arm, in [0, 1].
        shared: Share of worlds, in [0, 1], that have the same rank among the worlds of both arms. 0 is the cautious
            choice: pairing then gains nothing.
        confidence: 1 minus the level of the study, strictly between 0 and 1: for both sides together, or for the one.
        side: `more` if only an increase counts, at the full level; `two` for either direction, at half of it each.

    Returns:
        The power, its standard error, and all assumptions.

    Raises:
        ValueError: If a rate, correlation or level is out of range, or there are no worlds or epochs.

    Source: for the rule see `compare_worlds`. The beta-binomial model of repeats: Williams, D. A. (1975), Biometrics
    31:949-952.
    """
    check_confidence(confidence)
    check_rates(worlds, epochs, effect, base)
    joint = joint_counts(WorldModel(min(max(base + effect, 0.0), 1.0), base, icc, shared), epochs)
    level = round(1 - confidence, 12) / (1 if side == "more" else 2)
    exact = epochs == 1 and worlds <= EXACT_WORLDS
    if exact:
        found, error = _exact_power(joint, worlds, level, side), 0.0
    else:
        found = _simulated_power(joint, worlds, level, side)
        error = math.sqrt(found * (1 - found) / STUDIES)
    return Power(found, error, worlds, epochs, effect, base, icc, shared, confidence, side, EXACT if exact else MEAN)


def detectable_effect(
    worlds: int,
    epochs: int,
    *,
    base: float,
    icc: float,
    shared: float = 0.0,
    target: float = 0.8,
    confidence: float = 0.95,
    side: Side = "two",
) -> Power:
    """Find the smallest increase over the base rate that a study detects with the requested power.

    Args:
        worlds: Worlds on which both arms run, at least 1.
        epochs: Episodes per world and arm, at least 1.
        base: Second rate, in [0, 1).
        icc: Correlation of two episodes of one world and arm, in [0, 1].
        shared: As in `power`.
        target: Requested power, strictly between 0 and 1.
        confidence: As in `power`.
        side: As in `power`.

    Returns:
        The effect, to a thousandth, with the power at it. If even the largest effect falls short, that effect with
        `reached` false.

    Raises:
        ValueError: As `power`; also if the target is not a probability or the base leaves no room above it.

    Source: as `power`, solved by bisection.
    """
    check_target(target)
    if not 0 <= base < 1:
        raise ValueError(f"base must lie in [0, 1), got {base}")
    steps = math.floor((1 - base) * 1000 + 1e-9)

    def at(thousandths: int) -> Power:
        effect = min(thousandths / 1000, 1 - base)
        found = power(worlds, epochs, effect, base=base, icc=icc, shared=shared, confidence=confidence, side=side)
        return replace(found, target=target)

    return first_reached(at, 0, max(steps, 1))


def worlds_needed(
    effect: float,
    epochs: int,
    *,
    base: float,
    icc: float,
    shared: float = 0.0,
    target: float = 0.8,
    confidence: float = 0.95,
    side: Side = "two",
    most: int = MOST_WORLDS,
) -> Power:
    """Find the number of worlds with which a study detects an effect with the requested power.

    The power of an exact test rises with the number of worlds in a sawtooth. The returned number reaches the target and
    the one below does not; occasionally a still smaller one does too.

    Args:
        effect: First rate minus second rate, in [-1, 1], not 0.
        epochs: Episodes per world and arm, at least 1.
        base: Second rate, in [0, 1]; base + effect must be in [0, 1] too.
        icc: Correlation of two episodes of one world and arm, in [0, 1].
        shared: As in `power`.
        target: Requested power, strictly between 0 and 1.
        confidence: As in `power`.
        side: As in `power`.
        most: Maximum number of worlds to consider.

    Returns:
        The number of worlds with the power at it. If `most` falls short, `most` with `reached` false.

    Raises:
        ValueError: As `power`; also if the effect is 0 or the target is not a probability.

    Source: as `power`; the search starts at the normal approximation of the sample size.
    """
    check_target(target)
    if effect == 0:
        raise ValueError("no number of worlds shows that an effect is 0")

    @cache
    def at(worlds: int) -> Power:
        found = power(worlds, epochs, effect, base=base, icc=icc, shared=shared, confidence=confidence, side=side)
        return replace(found, target=target)

    at(1)  # Refuses arguments that are out of range before any of them is used.
    guess = _normal_guess(WorldModel(base + effect, base, icc, shared), epochs, target, confidence)
    high = min(max(guess, 6), most)
    step = max(high // 16, 1)
    if at(high).reached:
        low = max(high - step, 0)
        while low > 0 and at(low).reached:
            low, high, step = max(low - 2 * step, 0), low, 2 * step
    else:
        low = high
        while high < most and not at(high).reached:
            low, high, step = high, min(high + step, most), 2 * step
    return first_reached(at, low, high)


def first_reached(at: Callable[[int], Found], low: int, high: int) -> Found:
    """Bisect between a number that falls short and one that reaches the target if any does."""
    found = at(high)
    while found.reached and high - low > 1:
        middle = (low + high) // 2
        tried = at(middle)
        if tried.reached:
            found, high = tried, middle
        else:
            low = middle
    return found


def _exact_power(joint: NDArray[np.float64], worlds: int, level: float, side: Side) -> float:
    """Sum the probabilities of all rejected tables."""
    first_only, second_only = float(joint[1, 0]), float(joint[0, 1])
    more = exact_region(worlds, level)
    rejected = more if side == "more" else more | more.T
    ones, minus = np.nonzero(rejected)
    factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, worlds + 1)))])
    zeros = worlds - ones - minus
    logs = factorials[worlds] - factorials[ones] - factorials[minus] - factorials[zeros]
    shares = (first_only, second_only, max(1 - first_only - second_only, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        for count, share in zip((ones, minus, zeros), shares, strict=True):
            logs = logs + np.where(count == 0, 0.0, count * np.log(share))
    return min(float(np.exp(logs).sum()), 1.0)


def _simulated_power(joint: NDArray[np.float64], worlds: int, level: float, side: Side) -> float:
    """Return the share of rejected simulated studies; smaller studies use the first worlds of larger ones."""
    epochs = len(joint) - 1
    differences = (draws(joint, worlds) - epochs) / epochs
    rejected = rejects(mean_p_values(differences), level)
    if side == "two":
        rejected |= rejects(mean_p_values(-differences), level)
    return float(rejected.mean())


def draws(joint: NDArray[np.float64], worlds: int) -> NDArray[np.intp]:
    """Draw differences of counts in simulated studies, shape (worlds, studies), coded from 0 (-epochs) to 2 * epochs.

    The seed is fixed: smaller studies use the first worlds of larger ones, and a larger effect never makes a difference
    smaller.
    """
    epochs = len(joint) - 1
    # By difference of counts, from -epochs to epochs.
    masses = np.array([np.trace(joint, offset=-difference) for difference in range(-epochs, epochs + 1)])
    uniforms = _uniforms(_room(worlds))[:worlds]
    return np.searchsorted(np.cumsum(masses / masses.sum())[:-1], uniforms, side="right")


def _room(worlds: int) -> int:
    return max(64, 1 << (worlds - 1).bit_length())


@lru_cache(maxsize=2)
def _uniforms(worlds: int) -> NDArray[np.float32]:
    return np.random.default_rng(SEED).random((worlds, STUDIES), dtype=np.float32)


def _normal_guess(model: WorldModel, epochs: int, target: float, confidence: float) -> int:
    joint = joint_counts(model, epochs)
    counts = np.arange(epochs + 1) / epochs
    differences = counts[:, None] - counts[None, :]
    mean = float((joint * differences).sum())
    variance = float((joint * differences**2).sum()) - mean**2
    normal = NormalDist()
    reach = normal.inv_cdf((1 + confidence) / 2) + normal.inv_cdf(target)
    return math.ceil(reach**2 * variance / mean**2)


def check_rates(worlds: int, epochs: int, effect: float, base: float) -> None:
    """Check that a study has worlds and epochs, and that both rates are in [0, 1].

    Raises:
        ValueError: Otherwise.
    """
    if worlds < 1 or epochs < 1:
        raise ValueError(f"need at least one world and one epoch, got {worlds=}, {epochs=}")
    if not 0 <= base <= 1 or not -1e-12 <= base + effect <= 1 + 1e-12:
        raise ValueError(f"both rates must lie in [0, 1], got {base=}, {effect=}")


def check_target(target: float) -> None:
    """Check that a requested power is a probability.

    Raises:
        ValueError: Otherwise.
    """
    if not 0 < target < 1:
        raise ValueError(f"target must lie strictly between 0 and 1, got {target}")
