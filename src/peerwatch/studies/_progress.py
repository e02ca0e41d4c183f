"""Telling how a run gets on: a line for each episode that ended, by whichever process."""

import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from peerwatch.studies._ledger import Row
from peerwatch.studies._spend import Spend

DAGGER = "\N{DAGGER}"
"""Stands behind a verdict that rests on a judge which is not validated, here and in reports."""


@dataclass
class Progress:
    """Counts the episodes of a run.

    Attributes:
        tell: Called with each line.
        spend: What has been spent so far.
        remaining: How many episodes the study's rule still asks for.
        done: How many had ended before this sitting, and have since.
        deadline: Seconds of the monotonic clock at which the sitting's time is over; `None` for no cap.
        several: Whether there are several models, so that each line names its own.
        marked: Verdicts that rest on a judge which is not validated.
    """

    tell: Callable[[str], None]
    spend: Spend
    remaining: Callable[[], int]
    done: int
    deadline: float | None = None
    several: bool = False
    marked: Collection[str] = ()
    verdicts: Counter[str] = field(default_factory=Counter[str])
    _here: int = 0
    _started: float = field(default_factory=time.monotonic)

    def take(self, rows: list[Row]) -> None:
        """Tell of every end among some entries of the ledger."""
        ends = [row for row in rows if row["kind"] == "end"]
        for later, row in zip(range(len(ends) - 1, -1, -1), ends, strict=True):
            self.done += 1
            self._here += 1
            verdict = row["verdict"] + (DAGGER if row["verdict"] in self.marked else "")
            self.verdicts[verdict] += 1
            left = self.remaining() + later
            name = f"{row['model']} {row['id']}" if self.several else row["id"]
            parts = [f"{name}  {verdict}, {row['seconds']:.0f} s", self._verdicts(), self._spent()]
            parts += [f"about {self._left(left)} left"] if left else []
            self.tell(f"[{self.done:>3}/{self.done + left}] " + "; ".join(part for part in parts if part))

    def _verdicts(self) -> str:
        if self._here < 2:
            return ""
        return "so far " + ", ".join(f"{count} {name}" for name, count in self.verdicts.most_common())

    def _spent(self) -> str:
        total, dollars = self.spend.total(), self.spend.dollars
        if not total.tokens:
            return ""
        priced = f", ${dollars:.2f}" if dollars else ""
        return f"{shortened(total.tokens)} tokens{priced}"

    def _left(self, remaining: int) -> str:
        seconds = (time.monotonic() - self._started) / self._here * remaining
        if self.deadline is not None:
            seconds = min(seconds, max(0.0, self.deadline - time.monotonic()))
        return in_words(seconds)


def shortened(number: float) -> str:
    """A large number as people say it, as in `1.2M`."""
    for limit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= limit:
            return f"{number / limit:.3g}{letter}"
    return f"{number:.0f}"


def in_words(seconds: float) -> str:
    """A time as people say it, as in `12 min`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
