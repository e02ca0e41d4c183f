"""How many worlds are needed for a shift of a score, and what shift a study can detect."""

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from peerwatch.stats._power import check_target, first_reached
from peerwatch.stats._rates import check_confidence
from peerwatch.stats._worlds_compared import MEAN, SLACK, Side, mean_p_values, rejects

SCORE_WORLDS: Final = 2_000
"""Maximum number of worlds in the search."""

_STUDIES: Final = 2_000
"""Simulated studies; the standard error of a power of 0.8 is 0.009."""

_SEED: Final = 20_261_130

_STEP: Final = 0.1
"""Precision of the smallest shift, in points."""

_WHOLE: Final = 100.0
"""Range of a score, in points."""


@dataclass(frozen=True, slots=True)
class ScorePower:
    """The power of a study of a score, with all assumptions."""

    power: float
    """Share of simulated studies, in [0, 1], in which the test detects the shift."""
    error: float
    """Standard error of `power`."""
    worlds: int
    epochs: int
    """Episodes per world and arm."""
    shift: float
    """Mean difference, in points."""
    spread: float
    """Standard deviation of the difference of two episodes of a world, one in each arm, in points."""
    icc: float
    extreme: float
    confidence: float
    side: Side
    test: str = MEAN
    reached: bool = False
    """Whether the requested power is reached, if one was requested."""


def score_power(
    worlds: int,
    epochs: int,
    shift: float,
    *,
    spread: float,
    extreme: float,
    icc: float = 0.3,
    confidence: float = 0.95,
    side: Side = "two",
) -> ScorePower:
    """Return the probability that a study of fixed size detects a shift of a score paired by world.

    It is the power of `compare_worlds` with amounts, the rule that decides the study: Student's t on the worlds'
    differences, to which one world is added with each of the extreme differences. Differences are assumed normal around
    the shift. Repeats of a world are correlated, so they gain less precision than new worlds would.

    Args:
        worlds: Worlds on which both arms run, at least 1.
        epochs: Episodes per world and arm, at least 1.
        shift: Mean difference, first minus second, in points of a score from 0 to 100.
        spread: Standard deviation of the difference of two episodes of a world, in points, at least 0.
        extreme: Difference of the two added worlds, in points, above 0; the same as in the report.
        icc: Correlation of such differences within a world, in [0, 1].
        confidence: 1 minus the level of the study, strictly between 0 and 1.
        side: `more` if only an increase counts, at the full level; `two` for either direction, at half of it each.

    Returns:
        The power, its standard error, and all assumptions.

    Raises:
        ValueError: If an argument is out of range.

    Source: for the rule see `compare_worlds`. Variance of a world's mean over n epochs, s^2 (icc + (1 - icc) / n):
    Donner, A. and Klar, N. (2000), Design and Analysis of Cluster Randomization Trials, chapter 5.
    """
    check_confidence(confidence)
    if worlds < 1 or epochs < 1:
        raise ValueError(f"need at least one world and one epoch, got {worlds=}, {epochs=}")
    if spread < 0 or extreme <= 0 or not 0 <= icc <= 1:
        raise ValueError(f"need spread >= 0, extreme > 0 and icc in [0, 1], got {spread=}, {extreme=}, {icc=}")
    narrowed = spread * math.sqrt(icc + (1 - icc) / epochs)
    drawn = _normals(max(64, 1 << (worlds - 1).bit_length()))[:worlds]
    differences: NDArray[np.float64] = np.clip((shift + narrowed * drawn.astype(np.float64)) / _WHOLE, -1.0, 1.0)
    level = round(1 - confidence, 12) / (1 if side == "more" else 2)
    rejected = rejects(mean_p_values(differences, extreme / _WHOLE), level)
    if side == "two":
        rejected |= rejects(mean_p_values(-differences, extreme / _WHOLE), level)
    found = float(rejected.mean())
    error = math.sqrt(found * (1 - found) / _STUDIES)
    return ScorePower(found, error, worlds, epochs, shift, spread, icc, extreme, confidence, side)


def detectable_shift(
    worlds: int,
    epochs: int,
    *,
    spread: float,
    extreme: float,
    icc: float = 0.3,
    target: float = 0.8,
    confidence: float = 0.95,
    side: Side = "two",
) -> ScorePower:
    """Find the smallest increase of a score that a study detects with the requested power, to a tenth of a point.

    Args:
        worlds: As in `score_power`.
        epochs: As in `score_power`.
        spread: As in `score_power`.
        extreme: As in `score_power`.
        icc: As in `score_power`.
        target: Requested power, strictly between 0 and 1.
        confidence: As in `score_power`.
        side: As in `score_power`.

    Returns:
        The shift with the power at it. If even 100 points fall short, 100 with `reached` false.

    Raises:
        ValueError: As `score_power`; also if the target is not a probability.
    """
    check_target(target)

    def at(steps: int) -> ScorePower:
        found = score_power(
            worlds, epochs, steps * _STEP, spread=spread, extreme=extreme, icc=icc, confidence=confidence, side=side
        )
        return replace(found, reached=found.power >= target - SLACK)

    return first_reached(at, 0, round(_WHOLE / _STEP))


def worlds_for_shift(
    shift: float,
    epochs: int,
    *,
    spread: float,
    extreme: float,
    icc: float = 0.3,
    target: float = 0.8,
    confidence: float = 0.95,
    side: Side = "two",
    most: int = SCORE_WORLDS,
) -> ScorePower:
    """Find the number of worlds with which a study detects a shift of a score with the requested power.

    Args:
        shift: Mean difference in points, not 0.
        epochs: As in `score_power`.
        spread: As in `score_power`.
        extreme: As in `score_power`.
        icc: As in `score_power`.
        target: Requested power, strictly between 0 and 1.
        confidence: As in `score_power`.
        side: As in `score_power`.
        most: Maximum number of worlds to consider.

    Returns:
        The number of worlds with the power at it. If `most` falls short, `most` with `reached` false.

    Raises:
        ValueError: As `score_power`; also if the shift is 0 or the target is not a probability.
    """
    check_target(target)
    if shift == 0:
        raise ValueError("no number of worlds shows that a shift is 0")

    def at(worlds: int) -> ScorePower:
        found = score_power(
            worlds, epochs, shift, spread=spread, extreme=extreme, icc=icc, confidence=confidence, side=side
        )
        return replace(found, reached=found.power >= target - SLACK)

    return first_reached(at, 0, most)


def reachable_level(worlds: int, extreme: float, side: Side = "two") -> float:
    """Return the smallest p-value possible with this number of worlds, all differing by the whole range of a score.

    Args:
        worlds: At least 1.
        extreme: As in `score_power`.
        side: As in `score_power`.
    """
    one = float(mean_p_values(np.ones((worlds, 1)), extreme / _WHOLE)[0])
    return min(one * (1 if side == "more" else 2), 1.0)


@lru_cache(maxsize=4)
def _normals(worlds: int) -> NDArray[np.float32]:
    """Normal draws, shape (worlds, studies): smaller studies use the first worlds of larger ones."""
    return np.random.default_rng(_SEED).standard_normal((worlds, _STUDIES), dtype=np.float32)
