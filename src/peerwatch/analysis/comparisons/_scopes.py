"""The scope of a comparison, such as one arm or all arms of a scenario, and the differences of its worlds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from peerwatch.analysis._rows import INTERFERED
from peerwatch.analysis._worlds import Worlds
from peerwatch.analysis.comparisons._pairing import Cell, Pairing
from peerwatch.core.outcomes import JUDGED
from peerwatch.records import Among, Episode, Exclusion, counts, side, value_of
from peerwatch.stats import LabeledEpisode, Side


@dataclass(frozen=True, slots=True)
class Scope:
    """Some arms on some worlds, with an outcome for B and A in each world."""

    cells: tuple[Cell, ...]
    """Cells in which the outcome was measured."""
    unmeasured: tuple[Cell, ...]
    """Cells whose scenario lacks the outcome."""
    outcome: str
    worlds: Worlds
    """B is first, A is second; a world is one seed, over all arms."""
    sides: tuple[tuple[Side, Side], ...]
    """The same sides, unsorted."""
    unread: int
    """Worlds after the first that has not ended; only for anytime validity."""

    @property
    def again(self) -> tuple[int, int]:
        """Valid episodes of A and of B that failed at first and ran again."""
        pairs = [pair for cell in self.cells for pair in cell.episodes()]
        a, b = (sum(_again(pair[which]) for pair in pairs) for which in (0, 1))
        return a, b

    @property
    def single(self) -> bool:
        """Whether a world is one episode on each side."""
        return len(self.cells) == 1 and all(len(first) == 1 for first, _ in self.cells[0].worlds.values())


def scope_of(
    pairing: Pairing, cells: Sequence[Cell], outcome: str, *, anytime: bool, among: Among = "opportunity"
) -> Scope:
    """Read the worlds of some arms.

    A world's side is the mean over the arms in which both versions have episodes that count.

    Args:
        pairing: The two versions.
        cells: The arms.
        outcome: An axis.
        anytime: Whether to stop at the first world that has not ended in both versions.
        among: Which valid episodes count.
    """
    kept = tuple(cell for cell in cells if not _unmeasured(cell, outcome))
    seeds = sorted({seed for cell in kept for seed in cell.worlds})
    read = list(takewhile(lambda seed: _ended(kept, seed), seeds)) if anytime else seeds
    labels = _labelled(pairing, kept, outcome, among)
    worlds, sides = Worlds(labels=labels), list[tuple[Side, Side]]()
    for seed in read:
        of_cells = [_sides(cell, seed, outcome, pairing.rules, among) for cell in kept if seed in cell.worlds]
        found = [each for each in of_cells if each is not None]
        if found:
            both = _mean([first for first, _ in found]), _mean([second for _, second in found])
            worlds.add(*both)
            sides.append(both)
        else:
            without = any(_sides(cell, seed, outcome, (), among) for cell in kept if seed in cell.worlds)
            (worlds.left_out if without else worlds.no_opportunity).append(seed)
    unmeasured = tuple(cell for cell in cells if _unmeasured(cell, outcome))
    return Scope(kept, unmeasured, outcome, worlds, tuple(sides), len(seeds) - len(read))


def _again(episode: Episode | None) -> bool:
    return episode is not None and episode.verdict != "invalid" and episode.failed_before > 0


def _labelled(
    pairing: Pairing, cells: Sequence[Cell], outcome: str, among: Among
) -> tuple[list[LabeledEpisode], list[LabeledEpisode]]:
    """Return the episodes of B and A that were rated by a judge and labelled by people on an axis."""
    found: dict[str, list[LabeledEpisode]] = {"a": [], "b": []}
    for cell in cells if outcome in JUDGED else ():
        for name, version, episodes in zip("ab", (pairing.a, pairing.b), _columns(cell), strict=True):
            for each in episodes:
                label = version.labels.get((each.sample_id, each.slot.epoch)) if each else None
                if each is None or label is None or outcome not in label.said or each.verdict == "invalid":
                    continue
                value = value_of(each, outcome)
                if value is not None and counts(each, pairing.rules, among):
                    found[name].append(LabeledEpisode(bool(value), label.said[outcome], label.weight))
    return found["b"], found["a"]


def _unmeasured(cell: Cell, outcome: str) -> bool:
    """Whether a scenario lacks a state axis; axes about words can be judged in any scenario."""
    if outcome == INTERFERED or outcome in JUDGED:
        return False
    valid = [[each for each in episodes if each and each.verdict != "invalid"] for episodes in _columns(cell)]
    known = any(value_of(each, outcome) is not None for episodes in valid for each in episodes)
    return all(valid) and not known


def _columns(cell: Cell) -> tuple[list[Episode | None], list[Episode | None]]:
    pairs = list(cell.episodes())
    return [first for first, _ in pairs], [second for _, second in pairs]


def _ended(cells: Sequence[Cell], seed: int) -> bool:
    return all(cell.ended(seed) for cell in cells if seed in cell.worlds)


def _sides(cell: Cell, seed: int, outcome: str, rules: Sequence[Exclusion], among: Among) -> tuple[Side, Side] | None:
    """Return a world's sides for B and A in one arm; `None` if no episode of one of them counts."""
    first, second = cell.worlds[seed]
    a, b = (side(each, outcome, rules, among) for each in (first, second))
    return None if a is None or b is None else (b, a)


def _mean(sides: Sequence[Side]) -> Side:
    """The mean of several arms in one world: of the observed value and of its bounds."""
    if len(sides) == 1:
        return sides[0]
    count = len(sides)
    low, high = math.fsum(each.low for each in sides) / count, math.fsum(each.high for each in sides) / count
    known = [each.value for each in sides if not math.isnan(each.value)]
    missing = sum(each.uncertain for each in sides)
    if len(known) < count:
        # If an arm has no value, the world's value is unknown: a mean over fewer arms would be about other arms.
        return Side(math.nan, low, high, missing)
    return Side(min(max(math.fsum(known) / count, low), high), low, high, missing)
