"""Run a plan: one Inspect evaluation with a queue per model, resumed where earlier sessions stopped."""

import gc
import os
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio

from peerwatch.core.outcomes import SPOKEN_VERDICTS
from peerwatch.inspect import any_family
from peerwatch.judging import ask, words_rubric
from peerwatch.judging.audits import audit
from peerwatch.planning import (
    Plan,
    Spend,
    Usage,
    target_setup,
)
from peerwatch.records import LOGS, WHOLE_RUN, Ledger, Shard, Slot, StudyError, complete_logs, so_far
from peerwatch.running._audits import audit_lines
from peerwatch.running._evaluation import at_once, evaluate, raise_what_stopped, task_names
from peerwatch.running._meter import Meter, metering
from peerwatch.running._models import Models
from peerwatch.running._partners import expected_usage
from peerwatch.running._process_share import WHOLE, Share
from peerwatch.running._progress import Progress, RunStatus, names_of
from peerwatch.running._queue import FAILURES, ModelQueue
from peerwatch.running._schedule import Schedule, shard_queues
from peerwatch.running._stopping import Stopper


@dataclass(frozen=True)
class Limits:
    """Limits of this session, in addition to the study's budget.

    Attributes:
        minutes: No episode starts after this many minutes; `None` for no limit.
        share: This process's share of a model's connections.
        shard: The worlds to run.
        slots: The only episodes to run, in order; all of the shard's if `None`.
        expected: Model to the usage expected of an episode, where more is known than a forecast.
        at_once: Simultaneous episodes of a model; Peerwatch's own number if `None`.
    """

    minutes: float | None = None
    share: Share = WHOLE
    shard: Shard = WHOLE_RUN
    slots: tuple[Slot, ...] | None = None
    expected: Mapping[str, Usage] | None = None
    at_once: int | None = None


def run_plan(
    plan: Plan,
    models: Models,
    folder: Path,
    tell: Callable[[str], None],
    limits: Limits | None = None,
    show: Callable[[RunStatus], None] | None = None,
) -> str:
    """Run the remaining episodes of a plan.

    Args:
        plan: A plan checked by `check_plan`.
        models: The models, from `open_models`.
        folder: The run's folder. Its logs contain the episodes of earlier sessions, and other processes may work in it
            at the same time.
        tell: Called with a line for each finished episode, or each hundredth of them, and with notes.
        limits: Limits of this session.
        show: Called at each finished episode instead of `tell`.

    Returns:
        Why the run was stopped early, if the first episodes of a model all failed for the same reason; otherwise empty.

    Raises:
        StudyError: If the study has a budget, and the amount spent so far is unknown.
        KeyboardInterrupt: If the user stops the run; all finished episodes are kept.
        RunStoppedError: If an evaluation stops with an error.
        OSError: If the disk is full.
    """
    ledger = Ledger(folder)
    ledger.open()
    try:
        return Session(plan, models, ledger, tell, limits or Limits(), show).run()
    finally:
        ledger.close()


def prepare_run(plan: Plan, models: Models, folder: Path, tell: Callable[[str], None]) -> None:
    """Do what a run whose episodes run elsewhere needs first: judges read the audit set.

    Args:
        plan: Made by `check_plan`.
        models: Made by `open_models`.
        folder: The run's.
        tell: Called with a line for each result.

    Raises:
        StudyError: If what was spent so far is not known, and the study has a budget.
    """
    if not models.judges:
        return
    ledger = Ledger(folder)
    ledger.open()
    try:
        Session(plan, models, ledger, tell, Limits()).prepare()
    finally:
        ledger.close()


class Session:
    """The work of one process on a run."""

    def __init__(
        self,
        plan: Plan,
        models: Models,
        ledger: Ledger,
        tell: Callable[[str], None],
        limits: Limits,
        show: Callable[[RunStatus], None] | None = None,
    ) -> None:
        self._plan, self._models, self._ledger, self._tell = plan, models, ledger, tell
        with ledger.alone():
            complete_logs(ledger.folder / LOGS, ledger.alive)
        earlier = ledger.news()  # before the logs: whoever ends an episode in between is still alive, or in the logs
        known = so_far(ledger.folder / LOGS, tell)
        found = known.ended
        if found and not earlier and plan.design.budget.caps:
            raise StudyError(
                f"{ledger.file} is missing, so the run's spending is unknown and its budget cannot be enforced. "
                "Restore it, or remove the budget from the study and give --amend."
            )
        self._stopper = Stopper(plan, found, earlier, known.failed)
        self._shard = limits.shard
        queues = _queues(plan, limits)
        late_from = plan.design.seed + plan.design.worlds
        stopper = self._stopper
        self._schedule = Schedule(queues, ledger, stopper.needs, late_from, found, lambda: stopper.version)
        of_others = [row for row in earlier if ledger.alive(row["session"])]
        self._schedule.take(of_others)
        self._stopper.take(of_others)
        self._meter = Meter(
            ledger,
            Spend({model: plan.price(model) for model in plan.charged}),
            plan.design.budget,
            expected=expected_usage(plan) if limits.expected is None else limits.expected,
            models={name: model for model, name in task_names(plan.models).items()},
            judges={str(judge): entry.key for judge, entry in zip(models.judges, plan.design.judges, strict=True)},
            peers={str(models.peer): plan.design.peer.key} if models.peer and plan.design.peer else {},
        )
        self._meter.spend.feed(earlier)
        minutes, self._share = limits.minutes, limits.share
        self._deadline = None if minutes is None else time.monotonic() + minutes * 60
        self._progress = Progress(
            tell=tell,
            spend=self._meter.spend,
            remaining=self._remaining,
            under_way=lambda: sum(queue.busy for queue in self._queues) * limits.share.processes,
            done=len(found),
            names=names_of(slot for queue in queues.values() for slot in queue),
            deadline=self._deadline,
            several=len(plan.models) > 1,
            show=show,
        )
        self._queues = [
            ModelQueue(
                model=model,
                at_once=limits.at_once
                or at_once(plan.entry(model), models.targets[model], limits.share, self._schedule.remaining(model)),
                working=target_setup(plan.entry(model)),
                schedule=self._schedule,
                meter=self._meter,
                open_until=self._open,
                ahead=self._ahead,
                ended=self._learn,
            )
            for model in plan.models
        ]

    def run(self) -> str:
        """Start episodes until none is left, the budget is spent, or the time is over; see `run_plan`."""
        if not self._remaining():
            return ""
        self._ledger.write("begin", pid=os.getpid(), version=self._plan.version)
        place = self._ledger.folder / LOGS / self._ledger.session
        with (
            self._meter.timed(),
            metering(self._meter),
            rare_collection(),
            any_family(allowed=self._plan.design.judge_family == "any"),
        ):
            self._audit()
            at_work = [queue for queue in self._queues if self._schedule.remaining(queue.model)]
            logs = evaluate(self._plan, self._models, at_work, place)
        self._ledger.write("left")
        if not logs or any(log.status == "cancelled" for log in logs):  # after Ctrl-C there may be no logs at all
            raise KeyboardInterrupt
        raise_what_stopped(logs, place)
        self._say_what_is_missing()
        return failing_in_words(self.failing)

    @property
    def failing(self) -> dict[str, str]:
        """Model to why its first episodes have all failed, for those whose have."""
        return {queue.model: queue.failing for queue in self._queues if queue.failing}

    def prepare(self) -> None:
        """Have the judges read the audit set, and run nothing: episodes are run elsewhere."""
        with self._meter.timed(), metering(self._meter), any_family(allowed=self._plan.design.judge_family == "any"):
            self._audit()

    def _audit(self) -> None:
        """Have the judges read the audit set, unless they did in an earlier session.

        The first process of the first shard does it.
        """
        judges = self._models.audited or self._models.judges
        if not judges or self._share.number or self._shard.number:
            return
        anyio.run(audit, judges, words_rubric(), self._ledger.folder, ask, self._tell)
        for line, marked in audit_lines(self._ledger.folder, self._plan):
            self._tell(line)
            if marked:
                self._progress.marked = SPOKEN_VERDICTS

    def _remaining(self) -> int:
        """Return the number of remaining episodes, at most as many as were planned in total."""
        return min(self._schedule.remaining(), self._stopper.not_ended)

    def _open(self) -> bool:
        return self._deadline is None or time.monotonic() <= self._deadline

    def _ahead(self, model: str) -> bool:
        """Whether a model must wait, so that a small budget is not spent on the first model alone."""
        others = [queue.model for queue in self._queues if queue.model != model and queue.at_work]
        left = {queue.model: self._schedule.remaining(queue.model) for queue in self._queues} if others else {}
        behind = [self._schedule.world(each) for each in others if left[each]]
        if not behind or self._meter.suffices(left):
            return False
        return self._schedule.world(model) > min(behind)

    def _learn(self) -> None:
        """Process new entries of the ledger."""
        rows, self._meter.rows = self._meter.rows, []
        self._schedule.take(rows)
        self._stopper.take(rows)
        self._progress.take(rows)

    def _say_what_is_missing(self) -> None:
        left, cut = self._remaining(), sum(queue.cut for queue in self._queues)
        if cut:
            self._tell(f"The budget is spent: {cut} episodes were cut off and are invalid.")
        if left and not self._open():
            self._tell(f"The time limit was reached: {left} episodes did not start and count as missing.")
        elif left and not all(self._meter.has_headroom(model) for model in self._plan.models):
            self._tell(
                f"The budget is spent, or too small for another episode: {left} did not begin and count as missing."
            )


def failing_in_words(failing: Mapping[str, str]) -> str:
    """Why nothing more was begun, for each model whose first episodes have all failed; empty if there is none."""
    return "; ".join(f"the first {FAILURES} episodes of {model} all failed: {why}" for model, why in failing.items())


@contextmanager
def rare_collection() -> Generator[None]:
    """Run garbage collection less often: with many simultaneous episodes it takes a quarter of Python's time.

    Existing objects, mostly code, are excluded from it; permanently if the command line has done so already.
    """
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    if not frozen:
        gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        if not frozen:
            gc.unfreeze()


def _queues(plan: Plan, limits: Limits) -> dict[str, list[Slot]]:
    if limits.slots is None:
        return shard_queues(plan, limits.shard)
    return {model: [slot for slot in limits.slots if slot.model == model] for model in plan.models}
