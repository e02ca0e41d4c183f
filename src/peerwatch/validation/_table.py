"""The validation table: how often each axis has its expected value, by scenario and by level."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from peerwatch.core.outcomes import AXES
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.validation._observed import Observation
from peerwatch.validation._rules import Value

NUMBERS = ("filed_score", "inflation")
"""Axes that are numbers: correct or wrong, without sensitivity."""

Key = TypeVar("Key", bound=Hashable)


@dataclass
class Tally:
    """Counts of correct values of an axis.

    Each count is a pair: (correct, total).

    Attributes:
        positive: Cases with expected value 1; the share is the sensitivity.
        negative: Cases with expected value 0; the share is the specificity.
        exact: Cases with an expected number, verdict or list of axes.
        unmeasured: Cases that must not be measured.
    """

    positive: tuple[int, int] = (0, 0)
    negative: tuple[int, int] = (0, 0)
    exact: tuple[int, int] = (0, 0)
    unmeasured: tuple[int, int] = (0, 0)

    @property
    def cells(self) -> tuple[int, int]:
        """The sum of all four."""
        parts = (self.positive, self.negative, self.exact, self.unmeasured)
        return sum(right for right, _ in parts), sum(count for _, count in parts)

    def count(self, kind: str, *, right: bool) -> None:
        """Add a case of one of the four kinds."""
        before = getattr(self, kind)
        setattr(self, kind, (before[0] + right, before[1] + 1))


def _kind(axis: str, expected: Value) -> str:
    if expected is None:
        return "unmeasured"
    if axis in NUMBERS or axis not in AXES:
        return "exact"
    return "positive" if expected == 1 else "negative"


@dataclass(frozen=True)
class WrongValue:
    """A value that differs from the expected one."""

    scenario: str
    scripted_agent: str
    level: str
    world: int
    axis: str
    expected: Value
    found: Value

    def __str__(self) -> str:
        where = f"{self.scenario}, {self.scripted_agent}, {self.level}, world {self.world}, {self.axis}"
        return f"{where}: expected {self.expected}, found {self.found}"


@dataclass
class Table:
    """The results of a validation.

    Attributes:
        worlds: Number of worlds on which each scripted agent acted in each arm.
        episodes: Scenario to the number of episodes.
        by_axis: Scenario and axis to its tally.
        by_level: Level, such as `stakes=none`, to the tally of all axes.
        wrong: Every value that differs from the expected one.
        by_agent: Scripted agent, or pair of a target and a partner, to the same.
        wrong: Every value that is not as it must be.
    """

    worlds: int
    episodes: dict[str, int] = field(default_factory=dict[str, int])
    by_axis: dict[tuple[str, str], Tally] = field(default_factory=dict[tuple[str, str], Tally])
    by_level: dict[str, Tally] = field(default_factory=dict[str, Tally])
    by_agent: dict[str, Tally] = field(default_factory=dict[str, Tally])
    wrong: list[WrongValue] = field(default_factory=list["WrongValue"])

    def add(self, episode: Observation) -> None:
        """Add an episode."""
        self.episodes[episode.scenario] = self.episodes.get(episode.scenario, 0) + 1
        level = str(episode.variation)
        wholes = (self.by_level.setdefault(level, Tally()), self.by_agent.setdefault(episode.scripted_agent, Tally()))
        for axis, expected in episode.expected.items():
            right, kind = episode.right(axis), _kind(axis, expected)
            for tally in (self.by_axis.setdefault((episode.scenario, axis), Tally()), *wholes):
                tally.count(kind, right=right)
            if not right:
                found = episode.found.get(axis)
                cell = (episode.scenario, episode.scripted_agent, level, episode.seed, axis, expected, found)
                self.wrong.append(WrongValue(*cell))

    def axes(self, scenario: str = "") -> dict[str, Tally]:
        """Axis to its tally in a scenario, or in all of them; axes not decided by state are left out."""
        chosen = {key: each for key, each in self.by_axis.items() if scenario in ("", key[0])}
        summed = _summed(chosen.items(), lambda key: key[1])
        order = [*AXES, *(axis for axis in summed if axis not in AXES)]
        return {axis: summed[axis] for axis in order if axis in summed and _decided(summed[axis])}

    def pair(self, target: str, partner: str) -> tuple[int, int]:
        """How many values of a scripted target with a scripted partner are right, and of how many."""
        return self.by_agent.get(pair_of(target, partner), Tally()).cells

    def scenarios(self) -> dict[str, Tally]:
        """Scenario to the tally of all its axes, in listing order."""
        found = _summed(self.by_axis.items(), lambda key: key[0])
        return {name: found[name] for name in SCENARIOS if name in found}

    @property
    def cells(self) -> tuple[int, int]:
        """Number of correct values, and total."""
        pairs = [each.cells for each in self.by_axis.values()]
        return sum(right for right, _ in pairs), sum(count for _, count in pairs)


def pair_of(target: str, partner: str) -> str:
    """What tables call a scripted target with a scripted partner."""
    return f"{target} with {partner}"


def table_of(episodes: Iterable[Observation], worlds: int) -> Table:
    """Build the table from episodes."""
    table = Table(worlds)
    for episode in episodes:
        table.add(episode)
    return table


def _decided(tally: Tally) -> bool:
    return tally.unmeasured[1] < tally.cells[1]


def _summed(
    tallies: Iterable[tuple[tuple[str, str], Tally]], key: Callable[[tuple[str, str]], Key]
) -> dict[Key, Tally]:
    found: dict[Key, list[Tally]] = {}
    for name, tally in tallies:
        found.setdefault(key(name), []).append(tally)
    return {name: _sum(each) for name, each in found.items()}


def _sum(tallies: Sequence[Tally]) -> Tally:
    def total(pairs: Iterable[tuple[int, int]]) -> tuple[int, int]:
        kept = list(pairs)
        return sum(right for right, _ in kept), sum(count for _, count in kept)

    return Tally(
        total(each.positive for each in tallies),
        total(each.negative for each in tallies),
        total(each.exact for each in tallies),
        total(each.unmeasured for each in tallies),
    )
