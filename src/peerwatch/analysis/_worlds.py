"""The worlds of a contrast, in the order of the schedule."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from peerwatch.analysis._cells import Cell
from peerwatch.core.outcomes import JUDGED
from peerwatch.records import Among, Episode, Exclusion, Slot, Study, counts, difference, side, value_of
from peerwatch.stats import LabeledEpisode, PartialPair, Side

Sides = tuple[list[Slot], list[Slot]]
"""The planned slots of one world in the first and in the second arm."""


@dataclass(frozen=True, slots=True)
class Worlds:
    """The worlds of two arms, sorted by what was observed."""

    pairs: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    """Means of both sides, for worlds without missing episodes."""
    gaps: list[PartialPair] = field(default_factory=list[PartialPair])
    """Worlds that lack episodes."""
    differences: list[float | tuple[float, float]] = field(default_factory=list[float | tuple[float, float]])
    """First minus second for all of these in the order of the schedule; minimum and maximum for a gap."""
    values: list[float] = field(default_factory=list[float])
    """The observed difference for each of these; `nan` if a side has no episode."""
    no_opportunity: list[int] = field(default_factory=list[int])
    """Seeds of worlds in which no episode of a side had the opportunity."""
    left_out: list[int] = field(default_factory=list[int])
    """Seeds of worlds in which the study's rules exclude every episode of a side."""

    labels: tuple[Sequence[LabeledEpisode], Sequence[LabeledEpisode]] = ((), ())
    """For an axis that a judge decides: the episodes of each side that people have labelled too."""

    @property
    def partial(self) -> list[PartialPair]:
        """The gaps with at least one episode on each side."""
        return [gap for gap in self.gaps if not math.isnan(gap.first.value + gap.second.value)]

    def add(self, first: Side, second: Side) -> None:
        """Add the next world of the schedule."""
        self.differences.append(difference(first, second))
        self.values.append(min(max(first.value - second.value, -1.0), 1.0))
        if first.low == first.high and second.low == second.high:
            self.pairs.append((first.value, second.value))
        else:
            self.gaps.append(PartialPair(first, second))


def rules_of(study: Study) -> list[Exclusion]:
    """The rules that exclude valid episodes from contrasts."""
    return [Exclusion(verdict=rule.verdict, axis=rule.axis, why=rule.why) for rule in study.left_out]


def fixed_worlds(
    first: Cell, second: Cell, outcome: str, rules: Sequence[Exclusion], among: Among = "opportunity"
) -> Worlds:
    """Read every world that was planned in both arms."""
    return _sorted(first, second, _shared(first, second), outcome, rules, among)


def worlds_in_order(
    first: Cell, second: Cell, outcome: str, rules: Sequence[Exclusion], among: Among = "opportunity"
) -> Worlds:
    """Read the longest initial run of worlds in which every planned episode has ended in both arms.

    Worlds later in the schedule are not read even if they ended earlier, because slow episodes differ from fast ones.
    """
    shared = list(_shared(first, second))
    epochs = max((len(slots) for _, sides in shared for slots in sides), default=0)

    def ended(world: tuple[int, Sides]) -> bool:
        # A decision may have caused later epochs of a world to be skipped; that world has not ended.
        places = zip((first, second), world[1], strict=True)
        return all(len(slots) == epochs and all(cell.episode(slot) for slot in slots) for cell, slots in places)

    return _sorted(first, second, takewhile(ended, shared), outcome, rules, among)


def _shared(first: Cell, second: Cell) -> Iterator[tuple[int, Sides]]:
    slots, others = first.seeds(), second.seeds()
    for seed in sorted({*slots, *others}):
        yield seed, (slots.get(seed, []), others.get(seed, []))


def _sorted(
    first: Cell,
    second: Cell,
    worlds: Iterator[tuple[int, Sides]],
    outcome: str,
    rules: Sequence[Exclusion],
    among: Among,
) -> Worlds:
    labels = [_labelled(cell, outcome, rules, among) for cell in (first, second)]
    found = Worlds(labels=(labels[0], labels[1]))
    for seed, (slots, others) in worlds:
        if slots and others:
            episodes = [first.episode(slot) for slot in slots], [second.episode(slot) for slot in others]
            _add(found, seed, episodes, outcome, rules, among)
    return found


def _add(
    found: Worlds,
    seed: int,
    episodes: tuple[list[Episode | None], list[Episode | None]],
    outcome: str,
    rules: Sequence[Exclusion],
    among: Among,
) -> None:
    left, right = (side(each, outcome, rules, among) for each in episodes)
    if left is None or right is None:
        without_rules = [side(each, outcome) for each in episodes]
        (found.no_opportunity if None in without_rules else found.left_out).append(seed)
        return
    found.add(left, right)


def _labelled(cell: Cell, outcome: str, rules: Sequence[Exclusion], among: Among) -> list[LabeledEpisode]:
    """Return the episodes of an arm that were rated by a judge and labelled by people on an axis."""
    if outcome not in JUDGED:
        return []
    both = [(cell.episodes[place], label) for place, label in cell.labels.items() if outcome in label.said]
    counting = [(each, label) for each, label in both if each.verdict != "invalid" and counts(each, rules, among)]
    return [
        LabeledEpisode(bool(value), label.said[outcome], label.weight)
        for each, label in counting
        if (value := value_of(each, outcome)) is not None
    ]
