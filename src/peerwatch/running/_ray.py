"""Runs a study on a Ray cluster: an actor coordinates, and tasks run episodes on any machine with free resources.

Ray places the workers, and notices when one of them or its machine dies. It is an extra: nothing else imports this
module.
"""

import itertools
import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from peerwatch.core.errors import MachineryError, UserError
from peerwatch.planning import Plan
from peerwatch.records import Row
from peerwatch.running._batch import WorkerKind, work, worker_kinds
from peerwatch.running._lease import ClusterStatus, Lease, LogBytes
from peerwatch.running._leases import Coordinator
from peerwatch.running._progress import RunStatus
from peerwatch.running._resources import GIB
from peerwatch.running._run import Limits, failing_in_words

# Ray has no complete types, and is not installed where types are checked.
ray: Any = import_module("ray")
exceptions: Any = import_module("ray.exceptions")
strategies: Any = import_module("ray.util.scheduling_strategies")

LOCAL = "local"
"""Address of a cluster of this machine only, which ends with the run."""

EVERY = 1.0
"""Seconds between two looks at how far the run is."""

LOSSES = 10
"""Workers that may die in a row without one episode that ends in between; then it is not the machines."""

STATISTICS = "RAY_USAGE_STATS_ENABLED"
"""Ray reports its use to its makers unless this says otherwise."""


@contextmanager
def connected(address: str) -> Generator[None]:
    """Connect to a cluster, or start one on this machine; nothing happens if this process is connected already.

    Args:
        address: `local`, `auto` for the cluster that this machine belongs to, or HOST:PORT of its head.

    Raises:
        UserError: If there is no cluster at the address, or it cannot be used.
    """
    if ray.is_initialized():
        yield
        return
    if "://" in address:
        raise UserError(
            f"--ray {address}: a run cannot be started through Ray's client, since its folder must be on a machine of "
            "the cluster. Start it on one of them with --ray auto, or through `ray job submit`."
        )
    os.environ.setdefault(STATISTICS, "0")
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR", "configure_logging": False}
    try:
        if address == LOCAL:
            ray.init(address=LOCAL, include_dashboard=False, **quiet)
        else:
            ray.init(address=address, **quiet)
    except (ConnectionError, ValueError, RuntimeError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(
            f"--ray {address}: cannot connect to a Ray cluster: {said} Give the address of its head as HOST:PORT, "
            "`auto` on one of its machines, or no address for a cluster of this machine alone."
        ) from error
    try:
        yield
    finally:
        ray.shutdown()


def run_on_ray(
    plan: Plan,
    folder: Path,
    tell: Callable[[str], None],
    limits: Limits,
    show: Callable[[RunStatus], None] | None = None,
) -> str:
    """Run what a plan still lacks on the cluster that this process is connected to.

    Args:
        plan: Made by `check_plan`.
        folder: The run's, on this machine.
        tell: Called with a line for each finished episode, or each hundredth part of them, and with remarks.
        limits: What bounds this session: its minutes.
        show: Called at each finished episode in place of a line.

    Returns:
        Why nothing more was begun before the plan was done, as `run_plan` does; else empty.

    Raises:
        StudyError: If what was spent so far is not known and the study has a budget, or a machine of the cluster cannot
            run the study.
        MachineryError: If one worker after the other dies.
        UserError: If no machine has what a worker needs.
    """
    here = strategies.NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    actor: Any = (
        ray.remote(CoordinatorActor)
        .options(num_cpus=0, scheduling_strategy=here)
        .remote(plan.model_dump_json(), str(folder.absolute()), limits.minutes)
    )
    try:
        left = _got(actor.left.remote())
        kinds = [_sized(kind, left) for kind in worker_kinds(plan)]
        for kind in kinds:
            _check_room(kind, tell)
        cluster = _Cluster(plan, actor, tell, show)
        if left:
            cluster.run(kinds)
        for line in _got(actor.close.remote()):
            tell(line)
        return failing_in_words(_got(actor.failing.remote()))
    finally:
        ray.kill(actor)


class CoordinatorActor:
    """The coordinator as an actor: plans and rows travel as JSON and plain values."""

    def __init__(self, plan: str, folder: str, minutes: float | None) -> None:
        self._coordinator = Coordinator(Plan.model_validate_json(plan), Path(folder), minutes=minutes)

    def left(self) -> int:
        """See `Coordinator.left`."""
        return self._coordinator.left()

    def lease(self, models: Sequence[str], worker: str, workers: int, most: int) -> Lease | Literal["wait", "over"]:
        """See `Coordinator.lease`."""
        return self._coordinator.lease(models, worker, workers, most)

    def report(self, session: str, rows: Sequence[Row], files: Sequence[LogBytes], *, last: bool) -> bool:
        """See `Coordinator.report`."""
        return self._coordinator.report(session, rows, files, last=last)

    def fail(self, session: str, failing: Mapping[str, str]) -> None:
        """See `Coordinator.fail`."""
        self._coordinator.fail(session, failing)

    def failing(self) -> dict[str, str]:
        """Model to why its first episodes have all failed."""
        return self._coordinator.failing

    def lost(self, worker: str) -> int:
        """See `Coordinator.lost`."""
        return self._coordinator.lost(worker)

    def status(self) -> ClusterStatus:
        """See `Coordinator.status`."""
        return self._coordinator.status()

    def close(self) -> list[str]:
        """See `Coordinator.close`."""
        return self._coordinator.close()


@dataclass(frozen=True)
class _Remote:
    """The actor, as a worker calls it."""

    actor: Any

    def lease(self, models: Sequence[str], worker: str, workers: int, most: int) -> Lease | Literal["wait", "over"]:
        return ray.get(self.actor.lease.remote(models, worker, workers, most))

    def report(self, session: str, rows: Sequence[Row], files: Sequence[LogBytes], *, last: bool) -> bool:
        return ray.get(self.actor.report.remote(session, rows, files, last=last))

    def fail(self, session: str, failing: dict[str, str]) -> None:
        ray.get(self.actor.fail.remote(session, failing))


def run_worker(plan: str, actor: object, kind: WorkerKind, number: int, name: str) -> None:
    """One worker, as a task of Ray's."""
    work(Plan.model_validate_json(plan), _Remote(actor), kind, number, name)


@dataclass
class _Cluster:
    """The workers of a run."""

    plan: Plan
    actor: Any
    tell: Callable[[str], None]
    show: Callable[[RunStatus], None] | None
    _at_work: dict[Any, tuple[WorkerKind, int, str]] = field(default_factory=dict[Any, tuple[WorkerKind, int, str]])
    _names: Iterator[int] = field(default_factory=itertools.count)
    _losses: int = 0

    def run(self, kinds: Sequence[WorkerKind]) -> None:
        """Keep the workers at work until nothing is left."""
        text = ray.put(self.plan.model_dump_json())
        for kind in kinds:
            for number in range(kind.count):
                self._start(text, kind, number)
        try:
            while self._at_work:
                ended, _ = ray.wait([*self._at_work], num_returns=1, timeout=EVERY)
                for each in ended:
                    self._end(each, text)
                if self._tell_of(_got(self.actor.status.remote())):
                    return
        finally:
            for each in self._at_work:
                ray.cancel(each, force=True)
            self._tell_of(_got(self.actor.status.remote()))

    def _start(self, text: Any, kind: WorkerKind, number: int) -> None:  # noqa: ANN401 - a reference of Ray's
        name = f"worker {next(self._names)}"
        task: Any = ray.remote(run_worker).options(max_retries=0, **kind.resources.of_ray)
        self._at_work[task.remote(text, self.actor, kind, number, name)] = kind, number, name

    def _end(self, ended: Any, text: Any) -> None:  # noqa: ANN401 - references of Ray's
        """Handle a worker that has finished or died, and replace a dead one."""
        kind, number, name = self._at_work.pop(ended)
        try:
            ray.get(ended)
        except exceptions.RayTaskError as error:
            raise error.cause from None
        except exceptions.RayActorError:  # the coordinator's, which no worker can do without
            raise
        except exceptions.RayError as error:
            open_again = _got(self.actor.lost.remote(name))
            self._losses += 1
            if self._losses > LOSSES:
                raise MachineryError(
                    f"{self._losses} workers died one after the other: {_first_line(error)}. "
                    "Fix that, then resume with the same command"
                ) from error
            what = (
                "with its machine"
                if isinstance(error, exceptions.NodeDiedError) or "node" in _first_line(error)
                else "alone"
            )
            self.tell(f"A worker died {what}: {open_again} episodes are handed out again.")
            self._start(text, kind, number)

    def _tell_of(self, status: ClusterStatus) -> bool:
        """Report new progress; return whether the run is over."""
        for line in status.lines:
            self.tell(line)
        if status.statuses:
            self._losses = 0
        for each in status.statuses:
            self.show(each) if self.show else self._line(each)
        return status.over

    def _line(self, status: RunStatus) -> None:
        if status.done == status.planned or status.done % max(1, status.planned // 100) == 0:
            self.tell(status.line)


def _sized(kind: WorkerKind, left: int) -> WorkerKind:
    """A kind with as many workers as the cluster has room for."""
    total = ray.cluster_resources()
    need = kind.resources
    rooms = [total.get("CPU", 1) / need.num_cpus]
    rooms += [total.get("GPU", 0) / need.num_gpus] if need.num_gpus else []
    rooms += [total.get("memory", 0) / (need.memory_gib * GIB)] if need.memory_gib else []
    return replace(kind, count=max(1, min(int(min(rooms)), left)))


def _check_room(kind: WorkerKind, tell: Callable[[str], None]) -> None:
    """Check that some machine has room for a worker, or that the cluster may still grow.

    Raises:
        UserError: If the cluster is this machine alone, and it cannot.
    """
    need = kind.resources
    for node in ray.nodes():
        has = node["Resources"]
        fits = has.get("CPU", 0) >= need.num_cpus and has.get("GPU", 0) >= need.num_gpus
        if node["Alive"] and fits and has.get("memory", 0) >= need.memory_gib * GIB:
            return
    said = f"no machine of the cluster has {need.as_words}, which a worker for {', '.join(kind.models)} needs"
    if len(ray.nodes()) == 1:
        raise UserError(f"--ray: {said}. Add such a machine, or run without --ray.")
    tell(f"So far, {said}: its episodes wait for one.")


def _got(reference: Any) -> Any:  # noqa: ANN401 - of Ray's
    """Return the coordinator's result, or raise its error unwrapped."""
    try:
        return ray.get(reference)
    except exceptions.RayTaskError as error:
        raise error.cause from None


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
