"""Which episode begins next: the first in the schedule that is neither ended, nor under way, nor needless."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from peerwatch._tasks import sample_id
from peerwatch.studies._episodes import Slot
from peerwatch.studies._ledger import Ledger, Row
from peerwatch.studies._results import Key


def key_of(slot: Slot) -> Key:
    """A slot as logs and the ledger name it."""
    return slot.model, sample_id(slot.scenario, slot.arm, slot.world_seed, slot.rubric), slot.epoch


@dataclass
class Schedule:
    """One process's view of what is still to be run.

    Attributes:
        lanes: Model to its slots in the order in which they begin.
        ledger: Where episodes are claimed.
        needed: Whether the study's rule still asks for a slot.
        done: Keys of the episodes that have ended.
    """

    lanes: Mapping[str, list[Slot]]
    ledger: Ledger
    needed: Callable[[Slot], bool]
    done: set[Key]
    _claims: dict[Key, str] = field(default_factory=dict[Key, str])
    _first: dict[str, int] = field(default_factory=dict[str, int])
    _keys: dict[str, list[Key]] = field(default_factory=dict[str, list[Key]])

    def take(self, rows: list[Row]) -> None:
        """Learn what any process has claimed or ended."""
        for row in rows:
            if row["kind"] in ("claim", "end"):
                key = (row["model"], row["id"], row["epoch"])
                if row["kind"] == "claim":
                    self._claims[key] = row["sitting"]
                else:
                    self._claims.pop(key, None)
                    self.done.add(key)

    def claim(self, model: str) -> Slot | None:
        """Take the next slot of a model for this process; `None` if there is none. Hold the ledger's lock meanwhile."""
        for slot, key in self._left(model):
            self.ledger.write("claim", model=model, id=key[1], epoch=key[2])
            self._claims[key] = self.ledger.sitting
            return slot
        return None

    def remaining(self) -> int:
        """How many episodes have not ended and are still asked for."""
        return sum(
            key not in self.done and self.needed(slot)
            for model, lane in self.lanes.items()
            for slot, key in zip(lane, self._keys_of(model), strict=True)
        )

    def _left(self, model: str) -> Iterator[tuple[Slot, Key]]:
        lane, keys = self.lanes[model], self._keys_of(model)
        start = self._first.get(model, 0)
        while start < len(lane) and keys[start] in self.done:
            start += 1
        self._first[model] = start
        for number in range(start, len(lane)):
            slot, key = lane[number], keys[number]
            if key not in self.done and not self._taken(key) and self.needed(slot):
                yield slot, key

    def _taken(self, key: Key) -> bool:
        sitting = self._claims.get(key)
        return sitting is not None and self.ledger.alive(sitting)

    def _keys_of(self, model: str) -> list[Key]:
        if model not in self._keys:
            self._keys[model] = [key_of(slot) for slot in self.lanes[model]]
        return self._keys[model]
