"""The coordinator of a run on many machines: hands out batches of worlds and stores their results.

It knows nothing of the cluster. Workers lease batches, and about once a second send what they have written: ledger
entries, and the bytes of their logs. What was sent is kept when a worker dies; the rest of its batch is handed out
again. What a worker sends after it was given up for dead is refused, except for the calls that it has paid for.
"""

import heapq
import json
import math
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from peerwatch.core.writing import append_lines, write_bytes
from peerwatch.planning import Budget, Plan, Spend, Usage, priced_call
from peerwatch.records import (
    LOGS,
    SESSIONS,
    UNSAVED,
    WHOLE_RUN,
    Ledger,
    Row,
    Slot,
    UnsavedFile,
    complete_logs,
    slot_key,
    so_far,
)
from peerwatch.running._lease import ClusterStatus, Lease, LogBytes
from peerwatch.running._partners import EXCHANGES, expected_usage
from peerwatch.running._progress import Progress, RunStatus, names_of
from peerwatch.running._schedule import Schedule, shard_queues
from peerwatch.running._stopping import Stopper

MOST = 64
"""Episodes in a batch, which are one log. Opening an evaluation takes as much time as three scripted episodes."""

ROUNDS = 2
"""How often each worker comes back for what is left: near the end, batches are smaller."""

FEWEST = 8
"""Episodes in a batch at least, where so many are left and the worker takes as many."""

MARGIN = 1.5
"""A batch may spend so many times what its episodes are expected to use, and `SPARE_EPISODES` more."""

SPARE_EPISODES = 2

ALONE = "told"
"""Level of `presence` at which there is no partner to talk to. At others, a world's arms run in one batch: they share
what the partner and the target said before the job, which the first of them records."""

CAPS = ("calls", "tokens", "dollars")


class LeaseLedger(Ledger):
    """A run's ledger in which the sessions of other machines are alive as long as their lease holds."""

    leased: frozenset[str] = frozenset()

    def alive(self, session: str) -> bool:
        """Return whether a session's lease holds, or its process on this machine is running."""
        return session in self.leased or super().alive(session)


@dataclass
class _Open:
    """A lease that holds."""

    worker: str
    lease: Lease
    spent: Usage = field(default_factory=Usage)
    files: dict[str, UnsavedFile] = field(default_factory=dict[str, UnsavedFile])


class Coordinator:
    """One run on many machines: its schedule, its budget, its stopping rule, and its folder."""

    def __init__(self, plan: Plan, folder: Path, *, minutes: float | None = None) -> None:
        """Read the run's progress.

        Raises:
            StudyError: If what was spent so far is not known, and the study has a budget.
            OSError: If the folder cannot be written.
        """
        self._plan, self._folder = plan, folder
        self._lines: list[str] = []
        self._statuses: list[RunStatus] = []
        self._ledger = LeaseLedger(folder)
        self._ledger.open()
        with self._ledger.alone():
            complete_logs(folder / LOGS, self._ledger.alive)
        earlier = self._ledger.news()
        known = so_far(folder / LOGS, self._lines.append)
        self._expected = expected_usage(plan)
        self._stopper = stopper = Stopper(plan, known.ended, earlier, known.failed)
        queues = shard_queues(plan, WHOLE_RUN)
        late_from = plan.design.seed + plan.design.worlds
        self._schedule = Schedule(queues, self._ledger, stopper.needs, late_from, known.ended, lambda: stopper.version)
        self._spend = Spend({model: plan.price(model) for model in plan.charged})
        self._spend.feed(earlier)
        self._open: dict[str, _Open] = {}
        self._withheld = Usage()
        self._deadline = None if minutes is None else time.monotonic() + minutes * 60
        self._progress = Progress(
            tell=self._lines.append,
            spend=self._spend,
            remaining=self._remaining,
            under_way=lambda: sum(len(each.lease.slots) for each in self._open.values()),
            done=len(known.ended),
            names=names_of(slot for queue in queues.values() for slot in queue),
            deadline=self._deadline,
            several=len(plan.models) > 1,
            show=self._statuses.append,
        )
        arms = [arm for model in plan.models for _, _, arm in plan.cells(model)]
        self._meets = any(arm.get("presence", ALONE) != ALONE for arm in arms)
        self.failing: dict[str, str] = {}
        self._broke = False
        self._ledger.write("begin", pid=os.getpid(), version=plan.version)

    def left(self) -> int:
        """Number of episodes that still have to run."""
        return self._remaining()

    def lease(
        self, models: Sequence[str], worker: str, workers: int, most: int = MOST
    ) -> Lease | Literal["wait", "over"]:
        """Hand out the next episodes of some models.

        Args:
            models: Models whose episodes the worker can run.
            worker: Who asks; it holds one lease at a time.
            workers: How many workers of its kind there are.
            most: Episodes in the batch.

        Returns:
            The batch; `wait` if there is none now but running batches may return work; `over` if there will be none.
        """
        # A worker that asks again while it holds a lease was restarted: its old batch is lost.
        for session in [name for name, each in self._open.items() if each.worker == worker]:
            self._give_up(session)
        self._learn()
        here = [model for model in models if model not in self.failing]
        if self._deadline is not None and time.monotonic() > self._deadline:
            return "over"
        left = sum(self._schedule.remaining(model) for model in here)
        under_way = sum(len(each.lease.slots) for each in self._open.values())
        # Batches shrink towards the end, so that no worker has hours of work left when the others have none.
        share = max(FEWEST, math.ceil((left - under_way) / (ROUNDS * workers)))
        size = max(1, min(most, share, self._stopper.not_ended))
        slots = self._next(here, size)
        budget, slots = self._granted(slots, workers)
        if not slots:
            return "wait" if self._open and left else "over"
        session = Ledger(self._folder).session
        (self._folder / SESSIONS / session).touch()  # what this machine uploads of a run is what has a file here
        minutes = None if self._deadline is None else max(0.0, self._deadline - time.monotonic()) / 60
        expected = {model: self._per_episode(model) for model in here}
        lease = Lease(session, tuple(slots), budget, expected, minutes, self._exchanges(slots))
        self._open[session] = _Open(worker, lease)
        self._ledger.leased = frozenset(self._open)
        for slot in slots:
            self._schedule.assign(slot, session)
        return lease

    def report(self, session: str, rows: Sequence[Row], files: Sequence[LogBytes], *, last: bool = False) -> bool:
        """Store what a worker has written since its last report.

        Args:
            session: Its lease's.
            rows: Entries of its ledger. Each episode that has ended by these is in `files`, or was in earlier ones.
            files: What is new of its logs.
            last: Whether the batch is over.

        Returns:
            Whether the lease holds; if not, the worker was given up for dead, and its batch runs elsewhere.
        """
        held = self._open.get(session)
        # The worker was given up for dead, and its batch runs elsewhere. Its calls were made and count against the
        # budget; its episodes must not count twice.
        if held is None:
            rows, files = [row for row in rows if row["kind"] == "call"], []
        else:
            self._keep(held, session, files)
            for row in rows:
                if row["kind"] == "call":
                    held.spent.add(priced_call(row["used"], self._spend.prices.get(row["model"])))
        append_lines(self._ledger.file, [json.dumps(row, separators=(",", ":"), ensure_ascii=False) for row in rows])
        if held is not None and last:
            self._close(session, complete=True)
        self._learn()
        return held is not None

    def fail(self, session: str, failing: Mapping[str, str]) -> None:
        """Note that the first episodes of models have all failed for one reason, so that no more of them begin."""
        if session in self._open:
            self.failing.update(failing)

    def lost(self, worker: str) -> int:
        """Give up a dead worker and queue its unreported episodes again.

        Returns:
            How many episodes of its batch had not ended.
        """
        return sum(self._give_up(name) for name, each in list(self._open.items()) if each.worker == worker)

    def status(self) -> ClusterStatus:
        """Progress of the run, and lines to print about it."""
        self._learn()
        lines, self._lines[:] = list(self._lines), []
        statuses, self._statuses[:] = list(self._statuses), []
        left = self._remaining()
        return ClusterStatus(lines, statuses, left, len(self._open), not self._open and not left)

    def close(self) -> list[str]:
        """End the run.

        Returns:
            Lines that explain why episodes are missing.
        """
        for session in list(self._open):
            self._give_up(session)
        self._learn()
        self._ledger.write("left")
        self._ledger.close()
        left = self._remaining()
        if left and self._deadline is not None and time.monotonic() > self._deadline:
            return [f"The time limit was reached: {left} episodes did not start and count as missing."]
        if left and self._broke:
            return [f"The budget is spent, or too small for another batch: {left} did not begin and count as missing."]
        return []

    def _remaining(self) -> int:
        return min(self._schedule.remaining(), self._stopper.not_ended)

    def _next(self, models: Sequence[str], size: int) -> list[Slot]:
        """The next slots in the order of worlds, whatever their model, from about as many worlds."""
        merged = heapq.merge(*map(self._schedule.available, models), key=lambda slot: slot.world_seed)
        found: list[Slot] = []
        for slot in merged:
            # Worlds that are far apart would leave gaps, and a stopping rule only reads worlds up to the first gap.
            full = len(found) >= size or (found and slot.world_seed >= found[0].world_seed + size)
            if full and not (self._meets and slot.world_seed == found[-1].world_seed):
                break
            found.append(slot)
        return found

    def _exchanges(self, slots: Sequence[Slot]) -> tuple[LogBytes, ...]:
        """The exchanges of a batch's worlds that are known: other arms of a world must have the same one."""
        seeds = {f".w{slot.world_seed:04d}." for slot in slots} if self._meets else set[str]()
        place = self._folder / EXCHANGES
        files = sorted(place.glob("*.json")) if seeds and place.is_dir() else []
        return tuple(
            LogBytes(file.name, file.read_bytes()) for file in files if any(each in file.name for each in seeds)
        )

    def _granted(self, slots: list[Slot], workers: int) -> tuple[Budget, list[Slot]]:
        """Budget of a batch, and how many of its episodes fit into it."""
        caps = self._plan.design.budget.caps
        if not caps or not slots:
            return Budget(reserve=0), slots
        share = 1 - self._plan.design.budget.reserve
        spent, promised = self._spend.total(), self._promised()
        wanted, kept = Usage(), list[Slot]()
        rooms = {
            name: caps[name] * share - getattr(spent, name) - getattr(promised, name) for name in CAPS if name in caps
        }
        grant: dict[str, float] = {}
        for slot in slots:
            wanted.add(self._per_episode(slot.model))
            # The grant exceeds the expectation, because an episode that runs out of budget is lost; it never exceeds
            # the room.
            most = {name: MARGIN * getattr(wanted, name) + self._spare(slots, name) for name in rooms}
            if any(getattr(wanted, name) > room or room < 1e-9 for name, room in rooms.items()):
                break
            grant = {name: min(most[name], room) for name, room in rooms.items()}
            kept.append(slot)
        if "hours" in caps:
            hours = caps["hours"] * share - self._spend.hours
            grant["hours"] = hours / max(1, workers)
            kept = kept if hours > 0 else []
        # Budgets of calls and tokens are whole numbers. Rounding down keeps the sum of all grants within the cap.
        grant = {name: math.floor(value) if name in ("calls", "tokens") else value for name, value in grant.items()}
        if any(value <= 0 for value in grant.values()):
            kept = []
        if not kept:
            self._broke = True
            return Budget(reserve=0), []
        return Budget.model_validate({**grant, "reserve": 0}), kept

    def _spare(self, slots: Sequence[Slot], name: str) -> float:
        each = [getattr(self._per_episode(model), name) for model in {slot.model for slot in slots}]
        return max(1.0 if name == "calls" else 0.0, SPARE_EPISODES * max(each))

    def _promised(self) -> Usage:
        """What open leases may still spend, plus what dead workers may have spent without reporting it."""
        total = Usage()
        total.add(self._withheld)
        for each in self._open.values():
            total.add(_rest(each))
        return total

    def _per_episode(self, model: str) -> Usage:
        count = self._spend.ended.get(model, 0)
        if not count:
            return self._expected.get(model, Usage())
        total = self._spend.by_model.get(model, Usage())
        return Usage(**{name: getattr(total, name) / count for name in Usage.__dataclass_fields__})

    def _keep(self, held: _Open, session: str, files: Sequence[LogBytes]) -> None:
        place = self._folder / LOGS / session
        place.mkdir(parents=True, exist_ok=True)
        # A log first, then its file of unsaved episodes, which is removed when the log is complete.
        for each in sorted(files, key=lambda file: file.name.endswith(UNSAVED)):
            if each.name.endswith(".json"):
                exchange = self._folder / EXCHANGES / each.name
                exchange.parent.mkdir(exist_ok=True)
                if not exchange.exists():
                    write_bytes(exchange, each.data)
            elif not each.name.endswith(UNSAVED):
                write_bytes(place / each.name, each.data)
            elif each.gone:
                if (unsaved := held.files.pop(each.name, None)) is not None:
                    unsaved.close(remove=True)
            else:
                if each.name not in held.files:
                    held.files[each.name] = UnsavedFile(place / each.name.removesuffix(UNSAVED))
                held.files[each.name].append(each.data)

    def _give_up(self, session: str) -> int:
        """End the lease of a dead worker. What it may have spent without reporting it stays reserved."""
        held = self._open[session]
        self._withheld.add(_rest(held))
        self._close(session, complete=False)
        with self._ledger.alone():
            complete_logs(self._folder / LOGS, self._ledger.alive)
        self._learn()
        # A log is sent before the entries that go with it: an episode in it has ended, whether or not its entry came.
        for (model, name, epoch), each in so_far(self._folder / LOGS / session, lambda _: None).ended.items():
            if not self._schedule.has_ended((model, name, epoch)):
                told = {"verdict": each.verdict, "axes": each.axes, "seconds": 0.0, "retries": 0, "again": False}
                self._ledger.write("end", session=session, model=model, id=name, epoch=epoch, **told)
        self._learn()
        return sum(not self._schedule.has_ended(slot_key(slot)) for slot in held.lease.slots)

    def _close(self, session: str, *, complete: bool) -> None:
        held = self._open.pop(session)
        for each in held.files.values():
            each.close(remove=complete)
        self._ledger.leased = frozenset(self._open)

    def _learn(self) -> None:
        """Pass on what is new in the ledger."""
        rows = self._ledger.news()
        self._spend.feed(rows)
        self._schedule.take(rows)
        self._stopper.take(rows)
        self._progress.take(rows)


def _rest(held: _Open) -> Usage:
    """What a lease may still spend."""
    caps = held.lease.budget.caps
    rest = {name: max(0.0, caps[name] - getattr(held.spent, name)) for name in CAPS if name in caps}
    tokens = rest.pop("tokens", 0.0)
    return Usage(**rest, fresh=tokens)
