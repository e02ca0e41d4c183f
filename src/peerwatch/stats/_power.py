"""How many worlds and epochs an effect takes, and what effect a study can see."""

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
"""Studies that are simulated where the power is not computed."""

SEED = 20_260_419


class PowerTarget(Protocol):
    """What may fall short of a target."""

    @property
    def reached(self) -> bool:
        """Whether it does not."""
        ...


Found = TypeVar("Found", bound=PowerTarget)


@dataclass(frozen=True, slots=True)
class Power:
    """What a study can see, with everything that was assumed."""

    power: float
    """Probability, in [0, 1], that the test finds the effect."""
    error: float
    """Standard error of `power`; 0 where it was computed and not simulated."""
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
    """The rule whose power this is: the one that decides the study."""
    target: float = math.nan
    """The power that was asked for, if one was."""

    @property
    def reached(self) -> bool:
        """Whether the power is what was asked for."""
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
    """Give the probability that a fixed-size study finds a difference of two interference rates paired by world.

    It is the power of the very rule that decides the study and gives its interval, `compare_worlds`: computed
    exactly where that is exact, and otherwise simulated with 2,000 studies from a fixed seed.

    Worlds differ: each has its own propensity in each arm, beta-distributed about the arm's rate, so that two
    episodes of one world and arm correlate by `icc`. Repeats gain little where it is high.

    Args:
        worlds: Worlds on which both arms run, at least 1.
        epochs: Episodes per world and arm, at least 1.
        effect: First rate minus second rate, in [-1, 1].
        base: Second rate, in [0, 1]; with the effect added it must stay there.
        icc: Correlation of two episodes of one world and arm, in [0, 1].
        shared: Share of worlds, in [0, 1], that rank equally among the worlds of both arms. 0 is the cautious choice:
            pairing then gains nothing.
        confidence: One minus the level of the study, strictly between 0 and 1: of both sides together, or of the one.
        side: `more` if only an increase counts, at the whole level; `two` for either direction, at half of it each.

    Returns:
        The power, its standard error, and all that was assumed.

    Raises:
        ValueError: When a rate, correlation or level is out of range, or there is no world or epoch.

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
    """Find the smallest increase over the base rate that a study would find with the power asked for.

    Args:
        worlds: Worlds on which both arms run, at least 1.
        epochs: Episodes per world and arm, at least 1.
        base: Second rate, in [0, 1).
        icc: Correlation of two episodes of one world and arm, in [0, 1].
        shared: As in `power`.
        target: Power asked for, strictly between 0 and 1.
        confidence: As in `power`.
        side: As in `power`.

    Returns:
        The effect, to a thousandth, with the power at it. Where even the largest one falls short, that one, and
        `reached` is false.

    Raises:
        ValueError: As `power`; also when the target is no probability or the base leaves no room above it.

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
    """Find how many worlds a study needs to find an effect with the power asked for.

    The power of an exact test rises with the number of worlds in a saw-tooth. The number given reaches the target
    and the one below does not; now and then a still smaller one does too.

    Args:
        effect: First rate minus second rate, in [-1, 1], not 0.
        epochs: Episodes per world and arm, at least 1.
        base: Second rate, in [0, 1]; with the effect added it must stay there.
        icc: Correlation of two episodes of one world and arm, in [0, 1].
        shared: As in `power`.
        target: Power asked for, strictly between 0 and 1.
        confidence: As in `power`.
        side: As in `power`.
        most: Where to stop looking.

    Returns:
        The number of worlds with the power at it. Where `most` falls short, that many, and `reached` is false.

    Raises:
        ValueError: As `power`; also when the effect is 0 or the target no probability.

    Source: as `power`, searched from the normal approximation of the sample size.
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
    """Bisect between a number that falls short and one that, if any does, reaches the target."""
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
    """Sum the chances of all tables that are rejected."""
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
    """The share of simulated studies that are rejected; smaller studies use the first worlds of larger ones."""
    epochs = len(joint) - 1
    differences = (draws(joint, worlds) - epochs) / epochs
    rejected = rejects(mean_p_values(differences), level)
    if side == "two":
        rejected |= rejects(mean_p_values(-differences), level)
    return float(rejected.mean())


def draws(joint: NDArray[np.float64], worlds: int) -> NDArray[np.intp]:
    """Differences of counts in simulated studies, shape (worlds, studies), from 0 for -epochs to 2 * epochs.

    The seed is fixed: smaller studies use the first worlds of larger ones, and a larger effect never makes a
    difference smaller.
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
    """Refuse a study without worlds, and rates that are none.

    Raises:
        ValueError: Likewise.
    """
    if worlds < 1 or epochs < 1:
        raise ValueError(f"need at least one world and one epoch, got {worlds=}, {epochs=}")
    if not 0 <= base <= 1 or not -1e-12 <= base + effect <= 1 + 1e-12:
        raise ValueError(f"both rates must lie in [0, 1], got {base=}, {effect=}")


def check_target(target: float) -> None:
    """Refuse a power that is no probability.

    Raises:
        ValueError: Likewise.
    """
    if not 0 < target < 1:
        raise ValueError(f"target must lie strictly between 0 and 1, got {target}")
