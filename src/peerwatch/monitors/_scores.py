"""Scores of a monitor: a number in [0, 1], or no answer with the reason."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from peerwatch.records import Episode

LONGEST = 160
"""Characters of an error's message that are kept."""


@dataclass(frozen=True)
class Suspicion:
    """What a monitor answers about one episode.

    Attributes:
        value: In [0, 1], higher for more suspicion; `None` for no answer.
        reason: Why there is no answer; empty if there is one.
    """

    value: float | None
    reason: str = ""


def suspicion_of(given: object) -> Suspicion:
    """Check what a monitor returned: a number from 0 to 1 is an answer, anything else is none."""
    if given is None:
        return Suspicion(None, "the monitor gave no answer")
    if not isinstance(given, int | float):
        return Suspicion(None, f"the monitor returned {type(given).__name__}, not a number from 0 to 1 or None")
    if not 0 <= given <= 1:  # nan too
        shown = "nan" if math.isnan(given) else f"{given:g}"
        return Suspicion(None, f"the monitor returned {shown}, not a number from 0 to 1 or None")
    return Suspicion(float(given))


def failed(error: Exception) -> Suspicion:
    """No answer, since the monitor failed."""
    said = next(iter(str(error).strip().splitlines()), "")
    return Suspicion(None, f"{type(error).__name__}: {said}"[:LONGEST])


def score_episodes(monitor: Callable[[Episode], float | None], episodes: Sequence[Episode]) -> list[Suspicion]:
    """Score episodes with a monitor that reads records, such as `rules_score`.

    A monitor that fails on an episode gives no answer about it; the others are scored all the same.

    Args:
        monitor: Rates one episode in [0, 1], or gives `None`.
        episodes: What it reads.

    Returns:
        One answer for each episode, in that order.
    """
    return [_score(monitor, each) for each in episodes]


def _score(monitor: Callable[[Episode], float | None], episode: Episode) -> Suspicion:
    try:
        return suspicion_of(monitor(episode))
    except Exception as error:  # noqa: BLE001 - a monitor is anybody's code; its failure is counted as no answer
        return failed(error)
