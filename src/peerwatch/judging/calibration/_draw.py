"""Draws a set from the frame: a stratified random sample, determined by the seed."""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass

from peerwatch.judging.calibration._error import LabelError
from peerwatch.judging.calibration._frame import Candidate
from peerwatch.stats import allocate

_LETTERS = str.maketrans("0123456789abcdef", "bcdfghjkmnpqrstv")
"""Maps hexadecimal digits to letters, because a spreadsheet would parse some hashes as numbers."""


@dataclass(frozen=True)
class DrawnEpisode:
    """An episode of the frame after the draw.

    Attributes:
        episode: The episode.
        stratum: Its stratum.
        probability: Its inclusion probability, above 0.
        item: Its id in the set, which reveals nothing about it; empty if it was not drawn.
    """

    episode: Candidate
    stratum: str
    probability: float
    item: str = ""


def draw(frame: Sequence[Candidate], n: int, seed: int, by: tuple[str, ...]) -> list[DrawnEpisode]:
    """Draw a stratified set.

    With at least as many items as strata, each stratum contributes at least one, and large ones more. With fewer, every
    episode has the same probability, and the draw steps through the strata at equal intervals.

    Args:
        frame: The episodes, in a fixed order.
        n: Items to draw; if it exceeds the number of episodes, all are drawn.
        seed: The same seed draws the same items from the same frame.
        by: The variables that define the strata.

    Returns:
        The whole frame, stratum by stratum.

    Raises:
        LabelError: If `n` is less than 1.
    """
    if n < 1:
        raise LabelError(f"--n {n}: give a whole number of at least 1.")
    rng = random.Random(seed)  # noqa: S311 - a reproducible draw, not a secret
    strata: dict[str, list[Candidate]] = {}
    for each in frame:
        strata.setdefault(each.stratum(by), []).append(each)
    shuffled = {name: rng.sample(strata[name], len(strata[name])) for name in sorted(strata)}
    chosen = _by_stratum(shuffled, n) if n >= len(strata) else _at_even_distances(shuffled, n, rng.random())
    return [
        DrawnEpisode(each, name, probability, item_id(seed, each) if is_drawn else "")
        for name, each, probability, is_drawn in chosen
    ]


_Chosen = list[tuple[str, Candidate, float, bool]]
"""Stratum, episode, its probability, and whether it was drawn."""


def _by_stratum(strata: dict[str, list[Candidate]], n: int) -> _Chosen:
    takes = allocate([len(each) for each in strata.values()], n)
    return [
        (name, episode, take / len(episodes), number < take)
        for (name, episodes), take in zip(strata.items(), takes, strict=True)
        for number, episode in enumerate(episodes)
    ]


def _at_even_distances(strata: dict[str, list[Candidate]], n: int, start: float) -> _Chosen:
    """Systematic sampling: at equal intervals through the strata, from a random start."""
    flat = [(name, episode) for name, episodes in strata.items() for episode in episodes]
    step = len(flat) / n
    hit = {int((start + number) * step) for number in range(n)}
    return [(name, episode, n / len(flat), place in hit) for place, (name, episode) in enumerate(flat)]


def item_id(seed: int, episode: Candidate) -> str:
    """Eight letters derived from a hash: sorted by them, items are in random order."""
    return hashlib.sha256(f"{seed} {episode.sample}".encode()).hexdigest()[:8].translate(_LETTERS)
