"""Attending a run: telling of each finished episode and of the time left, and beginning none after the cap."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from inspect_ai.dataset import Sample
from inspect_ai.log import EvalSpec
from inspect_ai.scorer import SampleScore
from inspect_ai.util import EarlyStop
from pydantic import JsonValue


@dataclass
class Progress:
    """Counts the episodes of a run, in the form of Inspect's early-stopping protocol.

    Its only rule for stopping is the clock; it never looks at a score. Episodes under way run to their end.

    Attributes:
        total: How many episodes the plan has.
        tell: Called with a line for each finished episode.
        deadline: Seconds of the monotonic clock at which the run's time is over; `None` for no cap.
        no_more_after: The same for the job under way, which has a share of that time.
    """

    total: int
    tell: Callable[[str], None]
    deadline: float | None = None
    no_more_after: float | None = None
    done: int = 0
    skipped: int = 0
    _run_here: int = 0
    _started: float = field(default_factory=time.monotonic)
    _under_way: dict[tuple[str | int, int], float] = field(default_factory=dict[tuple[str | int, int], float])

    async def start_task(self, task: EvalSpec, samples: list[Sample], epochs: int) -> str:
        """Name the rule for the log."""
        del task, samples, epochs
        return "time cap" if self.deadline is not None else "none"

    async def schedule_sample(self, id: str | int, epoch: int) -> EarlyStop | None:  # noqa: A002 - Inspect's name
        """Let an episode begin, unless the cap is reached."""
        if self.no_more_after is not None and time.monotonic() > self.no_more_after:
            self.skipped += 1
            return EarlyStop(id=id, epoch=epoch, reason="the time cap was reached")
        self._under_way[id, epoch] = time.monotonic()
        return None

    async def complete_sample(self, id: str | int, epoch: int, scores: dict[str, SampleScore]) -> None:  # noqa: A002 - as above
        """Count an episode; one that an earlier sitting has finished is counted without a word."""
        self.done += 1
        began = self._under_way.pop((id, epoch), None)
        if began is None:
            return
        self._run_here += 1
        score = scores.get("peerwatch")
        verdict = score.score.answer if score else "invalid"
        seconds = time.monotonic() - began
        self.tell(f"[{self.done:>3}/{self.total}] {id}  {verdict}, {seconds:.0f} s{self._left()}")

    async def complete_task(self) -> dict[str, JsonValue]:
        """How many episodes were skipped so far."""
        return {"skipped": self.skipped}

    def _left(self) -> str:
        remaining = max(0, self.total - self.done)
        if not remaining:
            return ""
        seconds = (time.monotonic() - self._started) / self._run_here * remaining
        if self.deadline is not None:
            seconds = min(seconds, max(0.0, self.deadline - time.monotonic()))
        return f"; about {_in_words(seconds)} left"


def _in_words(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
