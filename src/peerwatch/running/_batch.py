"""A worker on some machine of a cluster: leases batches of episodes, runs them, and sends what it has written."""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from typing import Literal, Protocol

from peerwatch.core.log_places import ARCHIVE
from peerwatch.planning import Plan, Stopping
from peerwatch.records import LOGS, UNSAVED, Ledger, Row, StudyError
from peerwatch.running._lease import Lease, LogBytes
from peerwatch.running._leases import MOST
from peerwatch.running._models import open_models
from peerwatch.running._partners import EXCHANGES
from peerwatch.running._process_share import Share
from peerwatch.running._resources import Resources, resources_of
from peerwatch.running._run import Limits, Session

EVERY = 1.0
"""Seconds between two reports to the coordinator: what a dead worker has done since its last one runs again."""

PAUSE = 0.5
"""Seconds until a worker without work asks again."""


class Reports(Protocol):
    """The coordinator, as a worker reaches it."""

    def lease(self, models: Sequence[str], worker: str, workers: int, most: int) -> Lease | Literal["wait", "over"]:
        """See `Coordinator.lease`."""
        ...

    def report(self, session: str, rows: Sequence[Row], files: Sequence[LogBytes], *, last: bool) -> bool:
        """See `Coordinator.report`."""
        ...

    def fail(self, session: str, failing: dict[str, str]) -> None:
        """See `Coordinator.fail`."""
        ...


@dataclass(frozen=True)
class WorkerKind:
    """Workers that need the same of a machine.

    Attributes:
        models: Models whose episodes they run.
        resources: What each one needs.
        count: How many there are.
    """

    models: tuple[str, ...]
    resources: Resources
    count: int


def worker_kinds(plan: Plan) -> list[WorkerKind]:
    """The kinds of workers that a study needs: models that need the same share one."""
    found: dict[Resources, list[str]] = {}
    for model in plan.models:
        found.setdefault(resources_of(plan.entry(model)), []).append(model)
    return [WorkerKind(tuple(models), resources, 1) for resources, models in found.items()]


class LeaseLostError(Exception):
    """The coordinator has given this worker up for dead, and its batch runs elsewhere."""


def work(plan: Plan, coordinator: Reports, kind: WorkerKind, number: int, name: str) -> None:
    """Run batches until there are no more.

    Args:
        plan: The study.
        coordinator: Hands out batches, and takes what comes of them.
        kind: What this worker can run.
        number: Which one of its kind it is, from 0.
        name: What the coordinator knows it by; a worker that takes the place of a dead one has a name of its own.

    Raises:
        StudyError: If this machine has another version of Peerwatch, or a model cannot be used here.
    """
    if plan.version != version("peerwatch"):
        raise StudyError(
            f"a machine of the cluster has Peerwatch {version('peerwatch')}, and the run was started with "
            f"{plan.version}. Install the same version on all machines."
        )
    most = min(MOST, kind.resources.at_once) if kind.resources.at_once else MOST
    while True:
        lease = coordinator.lease(kind.models, name, kind.count, most)
        if lease == "over":
            return
        if lease == "wait":
            time.sleep(PAUSE)
            continue
        with suppress(LeaseLostError), tempfile.TemporaryDirectory(prefix="peerwatch-batch-") as place:
            run_batch(plan, lease, coordinator, kind, number, Path(place))


def run_batch(plan: Plan, lease: Lease, coordinator: Reports, kind: WorkerKind, number: int, folder: Path) -> None:
    """Run a batch in a separate folder.

    Raises:
        LeaseLostError: If the coordinator has given this worker up for dead.
        RunStoppedError: If an evaluation stops with an error.
    """
    share = Share(kind.count, number + 1)  # not the first process of the run, which does more
    for each in lease.exchanges:
        (folder / EXCHANGES).mkdir(exist_ok=True)
        (folder / EXCHANGES / each.name).write_bytes(each.data)
    models = open_models(plan, share)
    ledger = Ledger(folder, session=lease.session)
    ledger.open()
    limits = Limits(
        minutes=lease.minutes,
        share=share,
        slots=lease.slots,
        expected=lease.expected,
        at_once=kind.resources.at_once,
    )
    sender = Sender(lease.session, ledger, coordinator.report)
    try:
        with redirect_stdout(StringIO()), sender.at_work():
            session = Session(part_of(plan, lease), models, ledger, lambda _: None, limits)
            session.run()
    finally:
        ledger.close()
    if session.failing:
        coordinator.fail(lease.session, session.failing)
    sender.send(last=True)


def part_of(plan: Plan, lease: Lease) -> Plan:
    """Return a study as a batch runs it: a few worlds, a part of the budget, and no contrast to decide."""
    seeds = [slot.world_seed for slot in lease.slots]
    changed = {
        "seed": min(seeds),
        "worlds": max(seeds) - min(seeds) + 1,
        "budget": lease.budget,
        "stopping": Stopping(),
    }
    return plan.model_copy(update={"design": plan.design.model_copy(update=changed)})


@dataclass
class Sender:
    """Sends what a batch has written, about once a second.

    Attributes:
        session: The lease's.
        ledger: The batch's own.
        report: Takes what is new.
    """

    session: str
    ledger: Ledger
    report: Callable[..., bool]
    held: bool = True
    _reader: Ledger = field(init=False)
    _sent: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])

    def __post_init__(self) -> None:
        """Read the ledger from its beginning, beside the session that writes it."""
        self._reader = Ledger(self.ledger.folder, session=self.session)

    def at_work(self) -> "Beside":
        """Send now and then while a block runs."""
        return Beside(self)

    def send(self, *, last: bool = False) -> None:
        """Send what is new.

        Raises:
            LeaseLostError: If the lease does not hold any more.
        """
        rows = self._reader.news()  # before the logs, so that these hold every episode that has ended
        files = list(self._new_bytes())
        if rows or files or last:
            self.held = self.report(self.session, rows, files, last=last)
        if not self.held:
            raise LeaseLostError(self.session)

    def _new_bytes(self) -> Iterator[LogBytes]:
        place, exchanges = self.ledger.folder / LOGS / self.session, self.ledger.folder / EXCHANGES
        found = {file.name: file for file in place.glob(f"*{ARCHIVE}*")} if place.is_dir() else {}
        found |= {file.name: file for file in exchanges.glob("*.json")} if exchanges.is_dir() else {}
        # Files of unsaved episodes before logs: one that disappears in between is in its log by then.
        for name in sorted({*found, *self._sent}, key=lambda name: not name.endswith(UNSAVED)):
            size, changed = self._sent.get(name, (0, 0))
            if name.endswith(UNSAVED):
                data = _from(found.get(name), size)
                if data is None and name in self._sent:
                    del self._sent[name]
                    yield LogBytes(name, gone=True)
                elif data:
                    self._sent[name] = size + len(data), 0
                    yield LogBytes(name, data)
            else:
                state = found[name].stat()
                if (state.st_size, state.st_mtime_ns) != (size, changed):
                    self._sent[name] = state.st_size, state.st_mtime_ns
                    yield LogBytes(name, found[name].read_bytes())


def _from(file: Path | None, start: int) -> bytes | None:
    """The bytes of a file from a place on; `None` if it is gone."""
    if file is None:
        return None
    try:
        with file.open("rb") as opened:
            opened.seek(start)
            return opened.read()
    except FileNotFoundError:
        return None


class Beside(threading.Thread):
    """The thread that sends while a batch runs."""

    def __init__(self, sender: Sender) -> None:
        super().__init__(daemon=True, name="reports")
        self._sender, self._over = sender, threading.Event()

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        """Send until the batch is over, or the lease lost; its end is noticed when the batch has ended."""
        with suppress(LeaseLostError):
            while not self._over.wait(EVERY):
                self._sender.send()
