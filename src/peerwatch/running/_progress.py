"""Reports the progress of a run at each finished episode of any process."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from peerwatch.core.durations import in_words
from peerwatch.core.factors import arm_in_words
from peerwatch.planning import Spend
from peerwatch.records import DAGGER, Row, Slot, slot_key

MOST_LINES = 100
"""Maximum number of progress lines of a run; with more episodes, a line is printed for every hundredth part."""


@dataclass(frozen=True)
class RunStatus:
    """The progress of a run.

    Attributes:
        done: Number of finished episodes, in all sessions.
        planned: Currently expected total number of episodes.
        verdicts: Verdict to its number of episodes in this session, most frequent first.
        tokens: Tokens of all calls so far, including those of running episodes.
        dollars: The same in dollars; `None` if a price is missing.
        seconds: Estimated remaining time; `None` if nothing is left.
        last: Description of the last finished episode, with its verdict.
    """

    done: int
    planned: int
    verdicts: Mapping[str, int]
    tokens: float
    dollars: float | None
    seconds: float | None
    last: str

    @property
    def spent(self) -> str:
        """The usage of all calls so far; empty if nothing was counted."""
        if not self.tokens:
            return ""
        return f"{shortened(self.tokens)} tokens{f', ${self.dollars:.2f}' if self.dollars else ''}"

    @property
    def verdicts_in_words(self) -> str:
        """The number of this session's episodes for each verdict."""
        return ", ".join(f"{count} {verdict}" for verdict, count in self.verdicts.items())

    @property
    def line(self) -> str:
        """The whole status in one line; totals of the run are distinguished from facts about the last episode."""
        parts = [self.last]
        if sum(self.verdicts.values()) > 1:
            parts.append(f"so far {self.verdicts_in_words}")
        if self.spent:
            parts.append(f"{self.spent} in all, with episodes under way")
        if self.seconds is not None:
            parts.append(f"about {in_words(self.seconds)} left")
        return f"[{self.done:>3}/{self.planned}] " + "; ".join(parts)


@dataclass
class Progress:
    """Counts the episodes of a run.

    Attributes:
        tell: Called with each line, unless `show` is given.
        spend: The spending so far.
        remaining: Number of episodes still required by the study's rule.
        under_way: Number of running episodes, in all processes.
        done: Number of finished episodes, before and during this session.
        names: Model and sample id to a description of the episode.
        deadline: Time of the monotonic clock at which the session ends; `None` for no limit.
        several: Whether there are several models, so that each line names its model.
        show: Called at each finished episode, for display on a terminal.
        marked: Verdicts that depend on a judge that is not validated.
    """

    tell: Callable[[str], None]
    spend: Spend
    remaining: Callable[[], int]
    under_way: Callable[[], int]
    done: int
    names: Mapping[tuple[str, str], str]
    deadline: float | None = None
    several: bool = False
    show: Callable[[RunStatus], None] | None = None
    marked: Collection[str] = ()
    verdicts: Counter[str] = field(default_factory=Counter[str])
    _here: int = 0
    _seconds: float = 0
    _started: float = field(default_factory=time.monotonic)

    def take(self, rows: list[Row]) -> None:
        """Report every end among some entries of the ledger."""
        ends = [row for row in rows if row["kind"] == "end"]
        for later, row in zip(range(len(ends) - 1, -1, -1), ends, strict=True):
            self.done += 1
            self._here += 1
            self._seconds += row["seconds"]
            verdict = row["verdict"] + (DAGGER if row["verdict"] in self.marked else "")
            self.verdicts[verdict] += 1
            left = self.remaining() + later
            standing = RunStatus(
                done=self.done,
                planned=self.done + left,
                verdicts=dict(self.verdicts.most_common()),
                tokens=self.spend.total().tokens,
                dollars=self.spend.dollars,
                seconds=self._left(left, self.under_way() + len(ends)) if left else None,
                last=f"{self._name(row)}: {verdict}, {row['seconds']:.0f} s",
            )
            if self.show is not None:
                self.show(standing)
            elif not left or self.done % max(1, standing.planned // MOST_LINES) == 0:
                self.tell(standing.line)

    def _name(self, row: Row) -> str:
        name = self.names.get((row["model"], row["id"]), row["id"])
        again = f", epoch {row['epoch']}" if row["epoch"] > 1 else ""
        model = f"{row['model']}, " if self.several else ""
        return f"{model}{name}{again}"

    def _left(self, remaining: int, at_once: int) -> float:
        """Estimate the seconds for the remaining episodes.

        Once each slot has had two episodes, the observed rate is extrapolated. Before that, parallel episodes end at
        about the same time, and a rate of ends would be far too low: the estimate then counts rounds of the mean
        episode duration, with running episodes half done.
        """
        if self._here >= 2 * at_once:
            seconds = (time.monotonic() - self._started) / self._here * remaining
        else:
            half = min(remaining, at_once - 1) / 2
            seconds = self._seconds / self._here * (remaining - half) / max(1, at_once)
        if self.deadline is not None:
            seconds = min(seconds, max(0.0, self.deadline - time.monotonic()))
        return seconds


def names_of(slots: Iterable[Slot]) -> dict[tuple[str, str], str]:
    """Map model and sample id to a description of the episode: scenario, arm and world.

    An arm is described by the factors that differ among the arms of its model, scenario and rubric.
    """
    listed = list(slots)
    levels: dict[tuple[str, str], dict[str, set[str]]] = {}
    for slot in listed:
        met = levels.setdefault((slot.model, slot.heading), {})
        for factor, level in slot.arm.items():
            met.setdefault(factor, set()).add(level)
    varying = {place: [name for name, found in met.items() if len(found) > 1] for place, met in levels.items()}
    named: dict[tuple[str, str], str] = {}
    for slot in listed:
        arm = arm_in_words(slot.arm, varying[slot.model, slot.heading])
        named[slot_key(slot)[:2]] = f"{slot.heading}, {arm}, world {slot.world_seed}"
    return named


def shortened(number: float) -> str:
    """Abbreviate a large number, as in `1.2M`."""
    for limit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= limit:
            return f"{number / limit:.3g}{letter}"
    return f"{number:.0f}"
