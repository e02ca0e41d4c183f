"""Selects the next episode: the first in the schedule that is not finished, running or skipped."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from peerwatch.planning import Plan, cell_of
from peerwatch.records import Key, Ledger, Row, Shard, Slot, slot_key


@dataclass
class Group:
    """Slots of which the study's rule requires all or none: one arm's, in the planned worlds or beyond them."""

    example: Slot
    left: int = 0
    wanted: bool = False


class Schedule:
    """One process's view of the remaining work."""

    def __init__(
        self,
        queues: Mapping[str, list[Slot]],
        ledger: Ledger,
        needed: Callable[[Slot], bool],
        late_from: int,
        done: Iterable[Key],
        version: Callable[[], object] = object,
    ) -> None:
        """Build the schedule.

        Args:
            queues: Model to its slots in starting order.
            ledger: The ledger, for claims on episodes.
            needed: Whether the study's rule still requires a slot.
            late_from: The first world seed beyond the planned ones.
            done: Keys of the finished episodes.
            version: Returns an equal value as long as `needed` is unchanged; by default it always counts as changed.
        """
        self._queues, self._ledger, self._needed = queues, ledger, needed
        self._keys = {model: [slot_key(slot) for slot in queue] for model, queue in queues.items()}
        self._groups: dict[Key, Group] = {}
        self._number: dict[Key, int] = {}
        groups: dict[object, Group] = {}
        for model, queue in queues.items():
            for slot, key in zip(queue, self._keys[model], strict=True):
                cell = cell_of(model, slot.scenario, slot.rubric, slot.arm)
                group = groups.setdefault((cell, slot.world_seed >= late_from), Group(slot))
                group.left += 1
                self._groups[key] = group
                self._number[key] = slot.world_seed - queue[0].world_seed + 1
        self._distinct = list(groups.values())
        self._done: set[Key] = set()
        self._claims: dict[Key, str] = {}
        self._first = dict.fromkeys(queues, 0)
        self._worlds = dict.fromkeys(queues, 0)
        self._version, self._counted_at = version, object()
        self._remaining = dict.fromkeys(queues, 0)
        for key in done:
            self._end(key)

    def take(self, rows: Iterable[Row]) -> None:
        """Process claims and ends of any process."""
        for row in rows:
            if row["kind"] in ("claim", "end"):
                key = (row["model"], row["id"], row["epoch"])
                if row["kind"] == "claim":
                    self._claim(key, row["session"])
                else:
                    self._end(key)

    def claim(self, model: str) -> Slot | None:
        """Claim the next slot of a model for this process, or return `None`. Callers must hold the ledger's lock."""
        for slot, key in self._left(model):
            self._ledger.write("claim", model=model, id=key[1], epoch=key[2])
            self._claim(key, self._ledger.session)
            return slot
        return None

    def available(self, model: str) -> Iterator[Slot]:
        """The slots of a model that may begin now, in order."""
        return (slot for slot, _ in self._left(model))

    def assign(self, slot: Slot, session: str) -> None:
        """Note that a session has a slot to run; it is free again when the session is no longer alive."""
        self._claim(slot_key(slot), session)

    def has_ended(self, key: Key) -> bool:
        """Whether an episode has ended."""
        return key in self._done

    def remaining(self, model: str = "") -> int:
        """Number of episodes, of all models or of one, that are required but not finished."""
        self._count()
        return self._remaining[model] if model else sum(self._remaining.values())

    def _count(self) -> None:
        """Recount the required episodes, if they may have changed: with thousands of arms this takes milliseconds."""
        version = self._version()
        if version == self._counted_at:
            return
        self._counted_at = version
        self._remaining = dict.fromkeys(self._queues, 0)
        for group in self._distinct:
            group.wanted = bool(group.left) and self._needed(group.example)
            self._remaining[group.example.model] += group.left * group.wanted

    def world(self, model: str) -> int:
        """Number of worlds of a model's queue that have started, the last one perhaps in part."""
        return self._worlds[model]

    def _claim(self, key: Key, session: str) -> None:
        self._claims[key] = session
        self._reach(key)

    def _reach(self, key: Key) -> None:
        if key in self._number:
            self._worlds[key[0]] = max(self._worlds[key[0]], self._number[key])

    def _end(self, key: Key) -> None:
        self._claims.pop(key, None)
        self._reach(key)
        if key not in self._done and key in self._groups:
            group = self._groups[key]
            group.left -= 1
            self._remaining[key[0]] -= group.wanted
        self._done.add(key)

    def _left(self, model: str) -> Iterator[tuple[Slot, Key]]:
        queue, keys = self._queues[model], self._keys[model]
        start = self._first[model]
        while start < len(queue) and keys[start] in self._done:
            start += 1
        self._first[model] = start
        for number in range(start, len(queue)):
            slot, key = queue[number], keys[number]
            if key not in self._done and not self._taken(key) and self._needed(slot):
                yield slot, key

    def _taken(self, key: Key) -> bool:
        session = self._claims.get(key)
        return session is not None and self._ledger.alive(session)


def shard_queues(plan: Plan, shard: Shard) -> dict[str, list[Slot]]:
    """Return every model's episodes in a shard, in the order of the study."""
    worlds, first = plan.design.most_worlds, plan.design.seed
    return {
        model: [slot for slot in plan.queue(model, worlds) if shard.holds(slot.world_seed - first)]
        for model in plan.models
    }
