"""Corrects predictions by pilot episodes: the ratio of measured to predicted usage, with its uncertainty."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NamedTuple

from peerwatch.planning._amounts import QUANTITIES, Amounts, Move, total
from peerwatch.planning._episode_usage import EpisodeUsage
from peerwatch.planning._prices import Price

OWN = 3
"""Minimum number of pilot episodes for a scenario's own ratio; with fewer, all of the model's episodes are pooled."""

SPREAD = 3
"""Minimum number of pilot episodes for estimating their spread."""

LEVEL = 0.95
"""Level of the intervals from a pilot."""


class Prediction(NamedTuple):
    """Predicted usage of a number of episodes of a scenario; a scenario may be predicted in several parts."""

    scenario: str
    episodes: float
    amounts: Amounts


Pair = tuple[Amounts, Amounts]
"""The measured and the predicted usage of a pilot episode."""


@dataclass(frozen=True)
class Correction:
    """A model's corrected amounts, with their remaining uncertainty.

    Attributes:
        values: The amounts.
        moves: Name of each uncertain assumption, whether other models share it, and its effect.
    """

    values: Amounts
    moves: tuple[tuple[str, bool, Move], ...]


def corrected(
    predicted: Sequence[Prediction],
    pilot: Sequence[tuple[EpisodeUsage, Amounts]],
    assumed: Mapping[str, Move],
    price: Price | None,
) -> Correction:
    """Correct predictions by a pilot's measurements.

    A quantity is multiplied by the measured sum divided by the predicted sum, per scenario if that has three episodes,
    otherwise over all episodes of the model. The interval is that of the mean of a log-normal ratio, widened by the
    expected spread of the study's episodes: costs are skewed, and a symmetric interval would miss expensive studies. In
    simulations with 3 to 12 episodes and a standard deviation of the logarithm of 0.2 to 1.3 it covers 92.5 to 95 %, a
    t interval 74 to 95 %. If a quantity can be 0, the t interval of the ratio is used. One or two episodes carry almost
    no information about their spread; the assumed ends are then kept, in proportion.

    Source: the ratio estimator and its variance are those of Cochran, W. G. (1977), Sampling Techniques, 3rd edition,
    chapter 6; the interval of a log-normal mean is Cox's, in Land, C. E. (1972), Technometrics 14:145-158, with
    Student's quantile as in Olsson, U. (2005), J. Stat. Educ. 13(1).

    Args:
        predicted: Predicted usage of all episodes of the model, by scenario.
        pilot: Pilot episodes of the model, each with its prediction.
        assumed: Effects of the assumptions on the model's amounts.
        price: The model's price.
    """
    before = total(each.amounts for each in predicted)
    if not pilot:
        return Correction(before, tuple((name, True, move) for name, move in assumed.items()))
    parts = list(_parts(predicted, [(each.cell[1], (each.amounts(price), own)) for each, own in pilot]))
    values = total(part.values for part in parts)
    moves: list[tuple[str, bool, Move]] = []
    for part in parts:
        rest = {name: values[name] - part.values[name] for name in QUANTITIES}
        if len(part.pairs) < SPREAD:
            moves += [
                (name, True, Move(*(_in_proportion(end, before, values) for end in move)))
                for name, move in assumed.items()
            ]
        else:
            ends = [{name: rest[name] + end[name] for name in QUANTITIES} for end in part.ends()]
            moves.append((f"pilot {part.name}", False, Move(*ends)))
    return Correction(values, tuple(moves))


@dataclass(frozen=True)
class _Part:
    """Scenarios of a model that are corrected together."""

    name: str
    predicted: Amounts
    episodes: float
    pairs: Sequence[Pair]

    @property
    def values(self) -> Amounts:
        return {name: self._value(name) for name in QUANTITIES}

    def ends(self) -> tuple[Amounts, Amounts]:
        """The amounts at the low and the high end of the interval."""
        special: Any = import_module("scipy.special")  # without types, and needed by pilots alone
        quantile = float(special.stdtrit(len(self.pairs) - 1, (1 + LEVEL) / 2))
        both = {name: self._skewed(name, quantile) or self._even(name, quantile) for name in QUANTITIES}
        return {name: low for name, (low, _) in both.items()}, {name: high for name, (_, high) in both.items()}

    def _skewed(self, name: str, quantile: float) -> tuple[float, float] | None:
        """The limits of a log-normal ratio; `None` if not defined.

        For n ratios whose logarithms have mean m and variance v, the log of their mean is estimated by m + v / 2, with
        variance v / n + v^2 / (2 (n - 1)) (Cox). The mean of N further ratios adds (exp(v) - 1) / N.
        """
        if not all(one[name] > 0 and other[name] > 0 for one, other in self.pairs):
            return None
        logs = [math.log(one[name] / other[name]) for one, other in self.pairs]
        count = len(logs)
        mean = sum(logs) / count
        variance = sum((each - mean) ** 2 for each in logs) / (count - 1)
        ahead = math.expm1(variance) / max(self.episodes, 1)
        error = math.sqrt(variance / count + variance**2 / (2 * (count - 1)) + ahead)
        low, high = (self.predicted[name] * math.exp(mean + variance / 2 + side * quantile * error) for side in (-1, 1))
        value = self._value(name)
        return min(low, value), max(high, value)

    def _even(self, name: str, quantile: float) -> tuple[float, float]:
        """The limits of the t interval of the ratio."""
        reach = quantile * math.sqrt(1 / len(self.pairs) + 1 / max(self.episodes, 1))
        half = reach * self._spread(name) * self._size(name)
        return max(0.0, self._value(name) - half), self._value(name) + half

    def _sums(self, name: str) -> tuple[float, float]:
        return sum(one[name] for one, _ in self.pairs), sum(other[name] for _, other in self.pairs)

    def _value(self, name: str) -> float:
        measured, expected = self._sums(name)
        return self.predicted[name] * measured / expected if expected else measured / len(self.pairs) * self.episodes

    def _size(self, name: str) -> float:
        """The effect of a unit deviation in one episode on the total."""
        expected = self._sums(name)[1]
        return self.predicted[name] / (expected / len(self.pairs)) if expected else self.episodes

    def _spread(self, name: str) -> float:
        """Standard deviation of episodes around the ratio's prediction."""
        measured, expected = self._sums(name)
        if expected:
            off = [one[name] - other[name] * measured / expected for one, other in self.pairs]
        else:
            off = [one[name] - measured / len(self.pairs) for one, _ in self.pairs]
        return math.sqrt(sum(each**2 for each in off) / (len(off) - 1))


def _parts(predicted: Sequence[Prediction], pilot: Sequence[tuple[str, Pair]]) -> Iterator[_Part]:
    """Yield the scenarios with enough episodes separately, and all others together."""
    by_scenario: dict[str, list[Pair]] = {}
    for scenario, pair in pilot:
        by_scenario.setdefault(scenario, []).append(pair)
    own = {scenario for scenario, pairs in by_scenario.items() if len(pairs) >= OWN}
    for name in [*own, ""]:
        covered = [each for each in predicted if (each.scenario == name if name else each.scenario not in own)]
        if covered:
            pairs = by_scenario[name] if name else [pair for _, pair in pilot]
            yield _Part(name, total(each.amounts for each in covered), sum(each.episodes for each in covered), pairs)


def _in_proportion(end: Amounts, before: Amounts, now: Amounts) -> Amounts:
    return {name: now[name] * end[name] / before[name] if before[name] else now[name] for name in QUANTITIES}
