"""Logs of bounded size: when the log of a model is full, Inspect begins the next one while the last episodes end.

Inspect keeps in memory what it will write to a log, and more for every sample of a running evaluation. Both are freed
only when the log is closed.
"""

import ctypes
import gc
import sys
import time
from collections.abc import Callable, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from inspect_ai import SampleSource, Task, TaskSource, enqueue_sample
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalLog, EvalSample

from peerwatch.inspect.internals import forget_functions, forget_samples, sample_active
from peerwatch.records import MODEL, UnsavedLog

if TYPE_CHECKING:
    from peerwatch.running._queue import ModelQueue

MOST_EPISODES = 64
"""Episodes in a log. Opening a log takes as much time as a scripted episode, and an open one keeps its episodes in
memory."""

MOST_BYTES = 64 * 2**20
"""JSON bytes of the episodes in a log, after which no more begin in it."""

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
"""Numbers of options in glibc's malloc.h: M_MMAP_THRESHOLD and M_ARENA_MAX."""

RELEASE_SHARE = 0.025
"""Of CPU time that releasing memory may take."""


class LogPart(SampleSource):
    """The episodes of one log, in Inspect's form of a source of samples.

    The model's queue hands them out. A log may be open beside the next one, for its last episodes.
    """

    def __init__(self, queue: "ModelQueue", unsaved: dict[str, UnsavedLog]) -> None:
        """Make the source of a log.

        Args:
            queue: The model's.
            unsaved: Location of an open log to its file of unsaved episodes.
        """
        self._queue, self._unsaved = queue, unsaved
        self._context: Context | None = None
        self.location = ""
        self._begun = self._bytes = self._under_way = 0

    @property
    def full(self) -> bool:
        """Whether no more episodes may begin in it."""
        return self._begun >= MOST_EPISODES or self._bytes >= MOST_BYTES

    @property
    def busy(self) -> bool:
        """Whether episodes of it are under way."""
        return self._under_way > 0

    def begin(self, sample: Sample, epoch: int) -> None:
        """Begin an episode in this log, wherever the call comes from."""
        if self._context is None:
            raise RuntimeError("Inspect has not begun this log")
        self._begun += 1
        self._under_way += 1
        self._context.run(enqueue_sample, sample, epoch=epoch)

    def initial_samples(self) -> list[Sample]:
        """None: the first are handed out like all others."""
        return []

    def close(self) -> None:
        """Let go of the evaluation, which is over: Inspect keeps its tasks, and so their sources, to the end."""
        self._context = None

    async def next_samples(self) -> list[Sample] | None:
        """Start the available episodes; end the log if it is full or nothing is left."""
        if self._context is None:
            self._context = copy_context()  # in it, Inspect knows which evaluation a new sample belongs to
        if self.full:
            return None
        return [] if await self._queue.begin_in(self) else None

    async def sample_complete(self, sample: EvalSample) -> list[Sample] | None:
        """Save what has ended, and begin what has room now."""
        self._under_way -= 1
        self._save(sample)
        await self._queue.complete(sample)
        return None

    def _save(self, sample: EvalSample) -> None:
        active = sample_active()
        if active is None:
            raise RuntimeError("Inspect reports the end of a sample outside of it")
        place = self.location = active.log_location
        if place not in self._unsaved:
            self._unsaved[place] = UnsavedLog(Path(place))
        self._bytes += self._unsaved[place].add(sample)


@dataclass
class LogParts(TaskSource):
    """The logs of a session, in Inspect's form of a source of tasks.

    Attributes:
        queues: One per model.
        make: Makes the Inspect task of a model's next log.
    """

    queues: Sequence["ModelQueue"]
    make: Callable[["ModelQueue", LogPart], Task]
    _unsaved: dict[str, UnsavedLog] = field(default_factory=dict[str, UnsavedLog])
    _parts: list[LogPart] = field(default_factory=list[LogPart])

    def initial_tasks(self) -> list[Task]:
        """The first log of each model."""
        return [self.next_log(queue) for queue in self.queues]

    def next_log(self, queue: "ModelQueue") -> Task:
        """The Inspect task of a model's next log."""
        part = LogPart(queue, self._unsaved)
        self._parts.append(part)
        return self.make(queue, part)

    async def task_complete(self, log: EvalLog) -> list[Task] | None:
        """Remove what was kept beside a log that is complete now; stop a model whose evaluation has failed."""
        if log.error is not None:
            model = (log.eval.metadata or {}).get(MODEL)
            for queue in self.queues:
                queue.stopped = queue.stopped or queue.model == model
        unsaved = self._unsaved.pop(log.location, None)
        if unsaved is not None:
            unsaved.close(remove=True)
        for part in [each for each in self._parts if each.location == log.location]:
            part.close()
            self._parts.remove(part)
        forget_samples(log.eval.eval_id)
        forget_functions()
        if log.results is not None:
            log.results.scores.clear()  # Inspect's metrics, which are in the log; nothing here reads them
        release_memory()
        return None

    def close(self) -> None:
        """Close the files of logs that were never completed; the next session reads them."""
        while self._unsaved:
            self._unsaved.popitem()[1].close(remove=False)


@dataclass
class _Release:
    """When memory was last released, in CPU seconds of this process, and how long that took."""

    at: float = 0.0
    took: float = 0.0


_last = _Release()


def release_memory() -> None:
    """Free what closed logs have held, and give it back to the system, unless that was done a moment ago.

    During a run Python searches rarely for garbage, and finds next to none among old objects. glibc keeps freed memory
    in pieces that the next log does not fit into: without this call, 0.3 MB for every scripted episode.
    """
    begun = time.process_time()
    if begun - _last.at < _last.took / RELEASE_SHARE:
        return
    gc.collect()
    trim = _of_glibc("malloc_trim")
    if trim is not None:
        trim(0)
    _last.at = time.process_time()
    _last.took = _last.at - begun


def keep_heap_small() -> None:
    """Have glibc return each large piece of memory when it is freed.

    By default it raises the size from which it does so up to 32 MiB when such pieces are freed, as the texts of whole
    episodes are, and its heaps, one per thread, fill up with gaps between small pieces.
    """
    option = _of_glibc("mallopt")
    if option is not None:
        option(_MMAP_THRESHOLD, 128 * 1024)
        option(_ARENA_MAX, 2)


def _of_glibc(name: str) -> Callable[..., int] | None:
    """A function of the C library; `None` where it has none by this name, as musl and macOS."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
