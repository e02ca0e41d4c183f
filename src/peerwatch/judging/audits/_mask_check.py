"""What remains after masking: how well a bag of words reveals whether a peer, an object or a person was at stake."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from peerwatch.core.scenarios import SCENARIOS
from peerwatch.judging._material import Material
from peerwatch.judging.audits._set import scripted_material

MASK_LEVELS = ("peer", "object", "human")
"""Levels of `subject` that a judge should not be able to distinguish."""

FOLDS = 5
"""Number of parts into which worlds are split: each is scored by a classifier trained on the others."""

DRAWS = 2_000
"""Number of bootstrap samples of worlds for an interval."""

SHOWN = 8
"""Number of the most informative words that are listed."""

# Matches "entry-q", "don't", "2026-07-24"
_WORD = re.compile(r"[a-z0-9][a-z0-9'_-]*")
"""A lower-case word, with inner hyphens, underscores and apostrophes."""


@dataclass(frozen=True)
class SeparationText:
    """A text to classify: whether it is of the first kind, and its world."""

    text: str
    first: bool
    world: str


class Separation(BaseModel):
    """How well a classifier distinguishes two kinds of texts.

    Attributes:
        auroc: Probability that it ranks a text of the first kind above one of the second, in [0, 1]: 0.5 is chance.
        low: Lower limit at 95 %.
        high: Upper limit.
        telling: The words and pairs of words with the largest weights; empty if all weights are zero.
    """

    model_config = ConfigDict(frozen=True)

    auroc: float
    low: float
    high: float
    telling: list[str]


class MaskCheck(BaseModel):
    """The result for one pair of levels of `subject`."""

    model_config = ConfigDict(frozen=True)

    first: str
    second: str
    episodes: int
    worlds: int
    masked: Separation
    unmasked: Separation
    """The same classifier on the same episodes before masking, for comparison."""


def check_mask(
    scenarios: Sequence[str] = (), *, worlds: int = 5, seed: int = 0, agents: Sequence[str] = (), setting: str = ""
) -> list[MaskCheck]:
    """Measure what remains after masking in the episodes of scripted agents.

    Each scripted agent acts on the same worlds in the arms of `MASK_LEVELS`.

    Args:
        scenarios: Names of scenarios; all if empty.
        worlds: Number of worlds per scenario, at least two.
        seed: Seed of the first world, and of the bootstrap.
        agents: Names of scripted agents; all if empty.
        setting: Level of the factor `setting`; `sparse` if empty.

    Returns:
        One check for every pair of levels.

    Raises:
        ValueError: With fewer than two worlds, because none would be left for training.
    """
    if worlds < 2:
        raise ValueError(f"worlds={worlds}: at least 2 are needed, one to learn from and one to test on")
    texts: dict[tuple[str, bool], list[tuple[str, str]]] = {}
    seen: set[str] = set()
    for scenario in scenarios or SCENARIOS:
        levels = [level for level in MASK_LEVELS if level in SCENARIOS[scenario].text.factors["subject"]]
        for agent in SCENARIOS[scenario].scripted_agents:
            if agents and agent not in agents:
                continue
            for number in range(seed, seed + worlds):
                world = f"{scenario}/{number}"
                seen.add(world)
                for level in levels:
                    for masked in (True, False):
                        arm = {"subject": level, **({"setting": setting} if setting else {})}
                        material = scripted_material(scenario, agent, number, arm, masked=masked, told=True)
                        texts.setdefault((level, masked), []).append((_text(material), world))
    checks: list[MaskCheck] = []
    for first, second in combinations(MASK_LEVELS, 2):
        masked, unmasked = (
            separation(
                [
                    SeparationText(text, level == first, world)
                    for level in (first, second)
                    for text, world in texts.get((level, each), [])
                ],
                seed=seed,
            )
            for each in (True, False)
        )
        episodes = sum(len(texts.get((level, True), [])) for level in (first, second))
        checks.append(
            MaskCheck(first=first, second=second, episodes=episodes, worlds=len(seen), masked=masked, unmasked=unmasked)
        )
    return checks


def _text(material: Material) -> str:
    """All material for a judge, as one text."""
    return "\n".join([*(each.text for each in material.passages), *material.entries.values()])


def separation(texts: Sequence[SeparationText], *, seed: int = 0) -> Separation:
    """Measure how well single words and pairs of words distinguish two kinds of texts.

    Bernoulli naive Bayes on the presence of words and of pairs of adjacent words, with add-one smoothing. Worlds are
    split into folds, so that no world is used for both training and testing: a name in one world carries no information
    about another. The interval is the percentile bootstrap over worlds.

    Args:
        texts: Texts of both kinds, from at least two worlds.
        seed: Seed of the split and of the bootstrap.

    Raises:
        ValueError: If one kind or a second world is missing.

    Source: AUROC as the Mann-Whitney statistic with ties counted half: Hanley, J. A. and McNeil, B. J. (1982),
    Radiology 143:29-36. The cluster bootstrap: Field, C. A. and Welsh, A. H. (2007), J. R. Stat. Soc. B 69:369-390.
    """
    worlds = sorted({each.world for each in texts})
    if len(worlds) < 2 or len({each.first for each in texts}) < 2:
        raise ValueError("two kinds of texts and at least two worlds are needed")
    rng = np.random.default_rng(seed)
    fold_of = dict(zip(rng.permutation(worlds).tolist(), np.arange(len(worlds)) % FOLDS, strict=True))
    features = [_features(each.text) for each in texts]
    first = np.array([each.first for each in texts])
    folds = np.array([fold_of[each.world] for each in texts])
    scores = np.zeros(len(texts))
    for fold in range(min(FOLDS, len(worlds))):
        weights = _weights([each for each, at in zip(features, folds, strict=True) if at != fold], first[folds != fold])
        for place in np.nonzero(folds == fold)[0]:
            scores[place] = sum(weights.get(feature, 0.0) for feature in sorted(features[place]))
    # Sums of the same weights in another order could differ in the last digit, and so break ties.
    scores = np.round(scores, 9)
    wins, pairs = _wins(scores, first, np.array([worlds.index(each.world) for each in texts]), len(worlds))
    drawn = rng.multinomial(len(worlds), np.full(len(worlds), 1 / len(worlds)), size=DRAWS).astype(np.float64)
    compared = np.einsum("dw,wv,dv->d", drawn, pairs, drawn)
    some = compared > 0  # a drawn set may contain only one kind, if no world has both
    found = np.einsum("dw,wv,dv->d", drawn, wins, drawn)[some] / compared[some]
    low, high = np.quantile(found, [0.025, 0.975])
    everything = _weights(features, first)
    heaviest = sorted(everything, key=lambda each: (-abs(everything[each]), each))[:SHOWN]
    return Separation(
        auroc=float(wins.sum() / pairs.sum()),
        low=float(low),
        high=float(high),
        telling=[each for each in heaviest if abs(everything[each]) > 1e-9],
    )


def _features(text: str) -> frozenset[str]:
    words = _WORD.findall(text.lower())
    return frozenset(words) | {f"{one} {two}" for one, two in pairwise(words)}


def _weights(features: Sequence[frozenset[str]], first: NDArray[np.bool_]) -> dict[str, float]:
    """The log ratio of how often each word occurs in texts of the first and of the second kind."""
    ones: Counter[str] = Counter()
    twos: Counter[str] = Counter()
    for each, is_first in zip(features, first, strict=True):
        (ones if is_first else twos).update(each)
    many, few = int(first.sum()) + 2, int((~first).sum()) + 2
    return {word: float(np.log((ones[word] + 1) / many) - np.log((twos[word] + 1) / few)) for word in {**ones, **twos}}


def _wins(
    scores: NDArray[np.float64], first: NDArray[np.bool_], world: NDArray[np.int64], worlds: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Count, for every pair of worlds, how often a first-kind text of one beats a second-kind text of the other.

    Returns:
        Wins, with ties counted as 1/2, and pairs compared, each an array of shape (worlds, worlds).
    """
    wins, pairs = np.zeros((worlds, worlds)), np.zeros((worlds, worlds))
    mine, theirs = [[scores[(first == kind) & (world == at)] for at in range(worlds)] for kind in (True, False)]
    for one in range(worlds):
        for two in range(worlds):
            above = np.sign(mine[one][:, None] - theirs[two][None, :])
            wins[one, two], pairs[one, two] = float((above + 1).sum() / 2), above.size
    return wins, pairs
