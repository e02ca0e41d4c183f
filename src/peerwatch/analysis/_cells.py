"""Sorts a study into cells: the planned slots of one model, scenario, rubric and arm, and their episodes."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from peerwatch.records import Among, Episode, Exclusion, Labels, Slot, Study, heading, once_per_study, side
from peerwatch.stats import Side

T = TypeVar("T")

ArmKey = tuple[str, str, str, frozenset[tuple[str, str]]]


@dataclass(slots=True)
class Cell:
    """One arm of one model, scenario and rubric."""

    model: str
    scenario: str
    rubric: str
    arm: dict[str, str]
    slots: list[Slot] = field(default_factory=list[Slot])
    episodes: dict[tuple[int, int], Episode] = field(default_factory=dict[tuple[int, int], Episode])
    """By world seed and epoch; at most one per slot."""
    labels: dict[tuple[int, int], Labels] = field(default_factory=dict[tuple[int, int], Labels])
    """Labels that people gave to some of these episodes."""
    kept: "dict[object, Any]" = field(default_factory=dict[object, Any], repr=False, compare=False)
    """What was computed of the episodes, which do not change once a cell is complete."""

    def once(self, key: object, compute: Callable[[], T]) -> T:
        """Compute something of the cell's episodes the first time it is asked for."""
        if key not in self.kept:
            self.kept[key] = compute()
        return self.kept[key]

    @property
    def group(self) -> tuple[str, str, str]:
        """What two arms must share to be compared: model, scenario and rubric."""
        return self.model, self.scenario, self.rubric

    @property
    def valid(self) -> list[Episode]:
        """Episodes whose verdict is not `invalid`."""
        return self.once("valid", lambda: [each for each in self.episodes.values() if each.verdict != "invalid"])

    @property
    def judged(self) -> list[Episode]:
        """Valid episodes that a judge has rated."""
        return self.once("judged", lambda: [each for each in self.valid if each.judged is not None])

    @property
    def with_opportunity(self) -> list[Episode]:
        """Valid episodes in which the target could have interfered."""
        return self.once("able", lambda: [each for each in self.valid if each.verdict != "no_opportunity"])

    def seeds(self) -> dict[int, list[Slot]]:
        """Planned slots by world seed, in the order of the plan."""

        def sorted_in() -> dict[int, list[Slot]]:
            found: dict[int, list[Slot]] = {}
            for slot in self.slots:
                found.setdefault(slot.world_seed, []).append(slot)
            return found

        return self.once("seeds", sorted_in)

    def side(self, seed: int, outcome: str, rules: tuple[Exclusion, ...], among: Among) -> Side | None:
        """What a planned world shows of an outcome; see `peerwatch.records.side`."""
        known: dict[int, Side | None] = self.once((outcome, rules, among), dict[int, "Side | None"])
        if seed not in known:
            known[seed] = side([self.episode(slot) for slot in self.seeds()[seed]], outcome, rules, among)
        return known[seed]

    def episode(self, slot: Slot) -> Episode | None:
        """Return the episode of a slot, if there is one."""
        return self.episodes.get((slot.world_seed, slot.epoch))


@once_per_study
def cells(study: Study) -> list[Cell]:
    """Sort a study into cells, in the order of its plan.

    Episodes without a planned slot are left out: they were not specified before the run.

    Raises:
        ValueError: If two episodes or two planned slots have the same place; counting both would be wrong.
    """
    found: dict[ArmKey, Cell] = {}
    arm_of = _ArmKeys()
    for slot in study.planned:
        key = arm_of(slot)
        if key not in found:
            found[key] = Cell(slot.model, slot.scenario, slot.rubric, slot.arm)
        found[key].slots.append(slot)
    _refuse_doubles("planned slots", study.planned, arm_of)
    _refuse_doubles("episodes", (episode.slot for episode in study.episodes), arm_of)
    labels = {(each.model, each.sample_id, each.epoch): each for each in study.labels}
    for episode in counted(study):
        place = (episode.slot.world_seed, episode.slot.epoch)
        cell = found[arm_of(episode.slot)]
        cell.episodes[place] = episode
        if labels and (label := labels.get((episode.slot.model, episode.sample_id, episode.slot.epoch))):
            cell.labels[place] = label
    return list(found.values())


@once_per_study
def counted(study: Study) -> list[Episode]:
    """Return the episodes that belong to a planned slot."""
    arm_of = _ArmKeys()
    planned = {(arm_of(slot), slot.world_seed, slot.epoch) for slot in study.planned}
    return [
        episode
        for episode in study.episodes
        if (arm_of(episode.slot), episode.slot.world_seed, episode.slot.epoch) in planned
    ]


def varying(arms: Sequence[dict[str, str]]) -> list[str]:
    """Name the factors that differ among arms, in the order of the arms."""
    factors = dict.fromkeys(factor for arm in arms for factor in arm)
    return [factor for factor in factors if len({arm.get(factor) for arm in arms}) > 1]


class _ArmKeys:
    """Where slots belong: equal arms are one object, which is found again without comparing twenty levels."""

    def __init__(self) -> None:
        self._of_arm: dict[tuple[str, str, str, int], tuple[ArmKey, dict[str, str]]] = {}
        self._keys: dict[ArmKey, ArmKey] = {}

    @property
    def known(self) -> list[ArmKey]:
        """Every arm so far."""
        return [*self._keys]

    def __call__(self, slot: Slot) -> ArmKey:
        place = (slot.model, slot.scenario, slot.rubric, id(slot.arm))
        if place not in self._of_arm:
            key = (slot.model, slot.scenario, slot.rubric, frozenset(slot.arm.items()))
            # The arm is kept as well, so that no other one can get its id.
            self._of_arm[place] = (self._keys.setdefault(key, key), slot.arm)
        return self._of_arm[place][0]


def _refuse_doubles(what: str, slots: Iterable[Slot], arm_of: _ArmKeys) -> None:
    counts = Counter((id(arm_of(slot)), slot.world_seed, slot.epoch) for slot in slots)
    if len(counts) == counts.total():
        return
    names = {id(key): key for key in arm_of.known}
    for ((model, scenario, rubric, arm), seed, epoch), count in (
        ((names[arm], seed, epoch), count) for (arm, seed, epoch), count in counts.items()
    ):
        if count > 1:
            raise ValueError(
                f"{count} {what} for {model}, {heading(scenario, rubric)}, {dict(sorted(arm))}, world {seed}, "
                f"epoch {epoch}; keep the one that counts"
            )
