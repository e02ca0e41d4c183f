"""A model's queue: passes episodes to Inspect, up to the model's limit of parallel ones."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import anyio
from inspect_ai.event import ModelEvent
from inspect_ai.log import EvalSample

from peerwatch.inspect import PEER, ROLE
from peerwatch.planning import TargetSetup
from peerwatch.records import SCORER, Slot, axes_of, failure_in, slot_key
from peerwatch.running._log_parts import LogPart
from peerwatch.running._meter import CUT, Meter
from peerwatch.running._schedule import Schedule

CATCHING_UP = 0.2
"""Seconds between checks of the other models' progress."""

FAILURES = 5
"""Number of a model's first episodes in a session: if all of them fail for the same reason, no more start."""

STARTING = 60
"""Seconds to wait for a model that Inspect has not started."""


@dataclass
class ModelQueue:
    """The episodes of one model, which its logs take one after the other.

    Inspect may finish them in any order; they start in the order of the schedule.

    Attributes:
        model: Its name in slots.
        at_once: Maximum number of parallel episodes.
        working: The target's setup, which makes the samples.
        schedule: The remaining work.
        meter: Decides whether the budget has headroom.
        open_until: Whether the session still starts episodes.
        ahead: Whether other models must catch up first.
        ended: Called after each end, when all news from the ledger is known.
        cut: Number of episodes cut off by the budget in this session.
        failing: The reason for which the first episodes of the session have all failed; otherwise empty.
        stopped: Whether one of its evaluations has failed, so that no more episodes start.
        open_log: Makes Inspect open the next log.
    """

    model: str
    at_once: int
    working: TargetSetup
    schedule: Schedule
    meter: Meter
    open_until: Callable[[], bool]
    ahead: Callable[[str], bool]
    ended: Callable[[], None]
    cut: int = 0
    failing: str = ""
    stopped: bool = False
    open_log: Callable[[], None] = lambda: None
    _log: LogPart | None = None
    _waiting: Slot | None = None
    """A claimed slot whose log Inspect is about to open."""
    _failures: list[str] = field(default_factory=list[str])
    _asked: bool = False
    _made: float = field(default_factory=time.monotonic)
    _under_way: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])

    @property
    def at_work(self) -> bool:
        """Whether others may wait for it: it has running episodes, or Inspect is about to request the first."""
        starting = not self._asked and time.monotonic() < self._made + STARTING
        return starting or bool(self._under_way)

    @property
    def busy(self) -> int:
        """Number of running episodes."""
        return len(self._under_way)

    async def begin_in(self, log: LogPart) -> bool:
        """Begin what there is in a log that Inspect has opened, once other models have caught up.

        Returns:
            Whether episodes are under way in it; if not, there is nothing left to begin.
        """
        self._asked, self._log = True, log
        if self._waiting is not None:
            slot, self._waiting = self._waiting, None
            self._start(slot)
        while True:
            while self._open() and self.ahead(self.model):
                await self._catch_up()
            self._begin()
            # Without room, wait for an episode of the log before: what comes of it may also ask for more.
            if log.busy or not self._under_way or self.stopped:
                return log.busy
            await self._catch_up()

    async def complete(self, sample: EvalSample) -> None:
        """Write down what has ended and begin what has room now."""
        place = (str(sample.id), sample.epoch)
        self._under_way.discard(place)
        self.meter.end(self._name(*place), str(sample.uuid))
        self._write(sample)
        self._note_failure(sample)
        self.meter.catch_up()
        self.ended()
        self._begin()

    async def _catch_up(self) -> None:
        await anyio.sleep(CATCHING_UP)
        self.meter.catch_up()
        self.ended()

    def _note_failure(self, sample: EvalSample) -> None:
        """Close the queue when the first episodes have all failed for the same reason."""
        if len(self._failures) >= FAILURES:
            return
        found = failure_in(sample, (sample.scores or {}).get(SCORER)) if sample.error else None
        self._failures.append(found.reason if found else "")
        if len(self._failures) == FAILURES and len(set(self._failures)) == 1:
            self.failing = self._failures[0]

    def _write(self, sample: EvalSample) -> None:
        score = (sample.scores or {}).get(SCORER)
        events = [event for event in sample.events if isinstance(event, ModelEvent) and event.role != ROLE]
        for event in events:
            if event.error is None and event.output.usage is None:  # Inspect's hooks are not called for such calls
                model = self.meter.peer_of(event.model, self.model) if event.role == PEER else self.model
                self.meter.ledger.write("call", model=model, used={})
        cut = sample.limit is not None and (sample.limit.reason or "").startswith(CUT)
        self.cut += cut
        self.meter.ledger.write(
            "end",
            model=self.model,
            id=str(sample.id),
            epoch=sample.epoch,
            verdict=(score.answer if score else None) or "invalid",
            axes=axes_of(score.value if score and isinstance(score.value, dict) else {}),
            seconds=round(sample.total_time or 0.0, 1),
            retries=sum(event.retries or 0 for event in events),
            again=cut or sample.error is not None,
        )

    def _open(self) -> bool:
        return not self.failing and not self.stopped and self.open_until()

    def _begin(self) -> None:
        """Begin as many episodes as there is room for."""
        while self._open() and not self._waiting and len(self._under_way) < self.at_once and not self.ahead(self.model):
            slot = self._claim()
            if slot is None:
                break
            _, name, epoch = slot_key(slot)
            self._under_way.add((name, epoch))
            self.meter.begin(self._name(name, epoch), self.model)
            self._start(slot)

    def _start(self, slot: Slot) -> None:
        """Begin a claimed episode in the open log, or have the next one opened for it."""
        if self._log is None or self._log.full:
            self._waiting = slot
            self.open_log()
        else:
            sample = self.working.sample(slot.scenario, slot.rubric, slot.arm, slot.world_seed)
            self._log.begin(sample, slot.epoch)

    def _claim(self) -> Slot | None:
        with self.meter.ledger.alone():
            if not self.meter.has_headroom(self.model):
                return None
            self.ended()  # updates the schedule with what other processes claimed and finished
            return self.schedule.claim(self.model)

    def _name(self, sample: str, epoch: int) -> str:
        """The name of an episode, unique among all models, which share the ids of samples."""
        return f"{self.model}#{sample}#{epoch}"
