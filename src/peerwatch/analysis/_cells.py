"""Sorts a study into cells: the planned slots of one model, scenario, rubric and arm, and their episodes."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from peerwatch.records import Episode, Labels, Slot, Study, heading

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

    @property
    def group(self) -> tuple[str, str, str]:
        """What two arms must share to be compared: model, scenario and rubric."""
        return self.model, self.scenario, self.rubric

    @property
    def valid(self) -> list[Episode]:
        """Episodes whose verdict is not `invalid`."""
        return [episode for episode in self.episodes.values() if episode.verdict != "invalid"]

    @property
    def with_opportunity(self) -> list[Episode]:
        """Valid episodes in which the target could have interfered."""
        return [episode for episode in self.valid if episode.verdict != "no_opportunity"]

    def seeds(self) -> dict[int, list[Slot]]:
        """Planned slots by world seed, in the order of the plan."""
        found: dict[int, list[Slot]] = {}
        for slot in self.slots:
            found.setdefault(slot.world_seed, []).append(slot)
        return found

    def episode(self, slot: Slot) -> Episode | None:
        """Return the episode of a slot, if there is one."""
        return self.episodes.get((slot.world_seed, slot.epoch))


def cells(study: Study) -> list[Cell]:
    """Sort a study into cells, in the order of its plan.

    Episodes without a planned slot are left out: they were not specified before the run.

    Raises:
        ValueError: If two episodes or two planned slots have the same place; counting both would be wrong.
    """
    found: dict[ArmKey, Cell] = {}
    for slot in study.planned:
        cell = found.setdefault(_arm_key(slot), Cell(slot.model, slot.scenario, slot.rubric, slot.arm))
        cell.slots.append(slot)
    _refuse_doubles("planned slots", study.planned)
    _refuse_doubles("episodes", (episode.slot for episode in study.episodes))
    labels = {(each.model, each.sample_id, each.epoch): each for each in study.labels}
    for episode in counted(study):
        place = (episode.slot.world_seed, episode.slot.epoch)
        cell = found[_arm_key(episode.slot)]
        cell.episodes[place] = episode
        if label := labels.get((episode.slot.model, episode.sample_id, episode.slot.epoch)):
            cell.labels[place] = label
    return list(found.values())


def counted(study: Study) -> list[Episode]:
    """Return the episodes that belong to a planned slot."""
    planned = {_slot_key(slot) for slot in study.planned}
    return [episode for episode in study.episodes if _slot_key(episode.slot) in planned]


def varying(arms: Sequence[dict[str, str]]) -> list[str]:
    """Name the factors that differ among arms, in the order of the arms."""
    factors = dict.fromkeys(factor for arm in arms for factor in arm)
    return [factor for factor in factors if len({arm.get(factor) for arm in arms}) > 1]


def _arm_key(slot: Slot) -> ArmKey:
    return slot.model, slot.scenario, slot.rubric, frozenset(slot.arm.items())


def _slot_key(slot: Slot) -> tuple[ArmKey, int, int]:
    return _arm_key(slot), slot.world_seed, slot.epoch


def _refuse_doubles(what: str, slots: Iterable[Slot]) -> None:
    counts = Counter(_slot_key(slot) for slot in slots)
    for ((model, scenario, rubric, arm), seed, epoch), count in counts.items():
        if count > 1:
            raise ValueError(
                f"{count} {what} for {model}, {heading(scenario, rubric)}, {dict(sorted(arm))}, world {seed}, "
                f"epoch {epoch}; keep the one that counts"
            )
