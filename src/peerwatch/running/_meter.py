"""The meter: counts every model call of a run and keeps the run within its budget."""

import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache

from inspect_ai.hooks import BeforeModelGenerate, Hooks, ModelUsageData, hooks
from inspect_ai.util import LimitExceededError, store

from peerwatch.core.durations import in_words
from peerwatch.core.outcomes import Ending
from peerwatch.inspect import ENDING, PEER, live_world, speaking
from peerwatch.inspect.internals import sample_active
from peerwatch.judging import judging
from peerwatch.judging.audits import auditing
from peerwatch.planning import (
    Budget,
    Spend,
    Usage,
    audit_key,
    exchange_key,
    judge_key,
    peer_key,
    priced_call,
    usage_counts,
)
from peerwatch.records import CUT, Ledger, Row

CHARACTERS_PER_TOKEN = 4
"""A rule of thumb, only for the first prompt of an episode; afterwards the provider's count is known."""

BEAT = 60.0
"""Seconds between heartbeat entries of a session: a stuck provider causes no other entries."""

CAPS = ("calls", "tokens", "dollars")


@dataclass
class Meter:
    """Tracks the spending of a run.

    Attributes:
        ledger: The ledger, to which every call is written and from which other processes' spending is read.
        spend: The spending of all processes and sessions.
        budget: The caps.
        expected: Model to the expected usage of an episode, before any has ended.
        models: Name of the Inspect task to its model.
        judges: Inspect's name of a judge to its name in the study.
    """

    ledger: Ledger
    spend: Spend
    budget: Budget
    expected: Mapping[str, Usage]
    models: Mapping[str, str]
    judges: Mapping[str, str] = field(default_factory=dict[str, str])
    peers: Mapping[str, str] = field(default_factory=dict[str, str])
    """Inspect's name of another model that speaks for partners to what the study calls it."""
    rows: list[Row] = field(default_factory=list[Row])
    """Entries that were read but not passed on yet."""
    _open: dict[str, str] = field(default_factory=dict[str, str])
    _so_far: dict[str, Usage] = field(default_factory=dict[str, Usage])
    _last: dict[str, Usage] = field(default_factory=dict[str, Usage])
    _pending: dict[str, Usage] = field(default_factory=dict[str, Usage])

    def catch_up(self) -> None:
        """Read new entries of all processes."""
        news = self.ledger.news()
        self.spend.feed(news)
        self.rows += news

    @contextmanager
    def timed(self) -> Generator[None]:
        """Count the time in the block as work, with regular entries: a killed process loses at most a minute."""
        over = threading.Event()
        beat = threading.Thread(target=self._beat, args=(over,), daemon=True, name="beat")
        self.catch_up()
        self.spend.own = self.ledger.session
        beat.start()
        try:
            yield
        finally:
            over.set()
            beat.join()
            self.spend.own = ""

    def _beat(self, over: threading.Event) -> None:
        while not over.wait(BEAT):
            with suppress(OSError):  # a full disk is reported by the next real entry
                self.ledger.write("beat")

    def begin(self, episode: str, model: str) -> None:
        """Record that an episode has started, by its name until Inspect has assigned an id."""
        self._open[episode] = model

    def end(self, episode: str, uuid: str) -> None:
        """Record that an episode has ended."""
        self._open.pop(episode, None)
        for kept in (self._so_far, self._last, self._pending):
            for who in ("", PEER, "exchange"):
                kept.pop(conversation(uuid, who), None)

    def has_headroom(self, model: str) -> bool:
        """Whether one more episode of a model may start.

        No episode starts within the reserve. Below it, an episode starts if its expected usage fits under the cap
        together with the remaining expected usage of running episodes; each model's first episode may always start,
        because its expected usage has not been measured.
        """
        self.catch_up()
        if self.full():
            return False
        if model not in {*self._open.values(), *self.spend.ended, *self.spend.broken}:
            return True
        promised = Usage()
        for each in self._open.values():
            promised.add(self._per_episode(each))
        promised.add(self._per_episode(model))
        spent, begun = self.spend.total(), Usage()
        for each in self._so_far.values():
            begun.add(each)
        return all(
            getattr(spent, name) - getattr(begun, name) + getattr(promised, name) <= cap for name, cap in self._caps()
        )

    def suffices(self, left: Mapping[str, int]) -> bool:
        """Whether the budget should suffice for a number of episodes of each model."""
        foreseen = self.spend.total()
        for model, count in left.items():
            each = self._per_episode(model)
            foreseen.add(Usage(**{name: getattr(each, name) * count for name in Usage.__dataclass_fields__}))
        return all(getattr(foreseen, name) <= cap for name, cap in self._caps())

    def full(self) -> bool:
        """Return whether spending has reached the reserve."""
        spent, share = self.spend.total(), 1 - self.budget.reserve
        over = any(getattr(spent, name) >= cap * share for name, cap in self._caps())
        hours = self.budget.hours
        return over or (hours is not None and self.spend.hours >= hours * share)

    def before_call(self, episode: str, prompt: int) -> None:
        """Let an episode make a call, or cut it off.

        Args:
            episode: Inspect's id of the episode.
            prompt: Approximate length of the prompt in tokens, for the first call.

        Raises:
            LimitExceededError: If the call would exceed a cap, including the usage of other running calls.
        """
        self.catch_up()
        self._pending[episode] = self._guess(episode, prompt)
        foreseen = self.spend.total()
        for each in self._pending.values():
            foreseen.add(each)
        for name, cap in self._caps():
            if getattr(foreseen, name) > cap:
                self._pending.pop(episode)
                raise LimitExceededError(
                    "custom", value=getattr(foreseen, name), limit=cap, message=f"{CUT}: {cap:g} {name}"
                )
        hours = self.budget.hours
        if hours is not None and self.spend.hours >= hours:
            raise LimitExceededError(
                "custom", value=self.spend.hours, limit=hours, message=f"{CUT}: {in_words(hours * 3600)} of work"
            )

    def after_call(self, episode: str, model: str, said: dict[str, int]) -> None:
        """Record an answered call."""
        self._pending.pop(episode, None)
        call = priced_call(said, self.spend.prices.get(model))
        self._last[episode] = call
        self._so_far.setdefault(episode, Usage()).add(call)
        self.ledger.write("call", model=model, used=said)

    def spoke(self, episode: str, target: str, name: str, who: str, said: dict[str, int]) -> None:
        """Write a call that was made for a partner, or for a target while its exchange with one was recorded.

        Args:
            episode: Inspect's id of the episode in which it was made.
            target: Whose episode it is.
            name: Inspect's name of the model.
            who: For whom it spoke.
            said: Tokens by kind.
        """
        model = self.peer_of(name, target) if who == PEER else exchange_key(target)
        own = conversation(episode, who)
        self._pending.pop(own, None)
        call = priced_call(said, self.spend.prices.get(model))
        self._last[own] = call
        self._so_far.setdefault(episode, Usage()).add(call)
        self.ledger.write("call", model=model, used=said)

    def peer_of(self, name: str, target: str) -> str:
        """The name under which the calls of a model that speaks for a target's partner are counted."""
        return peer_key(self.peers.get(name, target))

    def judged(self, name: str, said: dict[str, int], *, audit: bool = False) -> None:
        """Record a judge's call, by its Inspect name; audit calls belong to no episode and are counted separately."""
        judge = self.judges.get(name, name)
        self.ledger.write("call", model=audit_key(judge) if audit else judge_key(judge), used=said)

    def _caps(self) -> Iterator[tuple[str, float]]:
        for name in CAPS:
            cap = getattr(self.budget, name)
            if cap is not None:
                yield name, cap

    def _per_episode(self, model: str) -> Usage:
        count = self.spend.ended.get(model, 0)
        if not count:
            return self.expected.get(model, Usage())
        total = Usage()
        for name in (model, exchange_key(model), *map(peer_key, {model, *self.peers.values()})):
            total.add(self.spend.by_model.get(name, Usage()))
        return Usage(**{name: getattr(total, name) / count for name in Usage.__dataclass_fields__})

    def _guess(self, episode: str, prompt: int) -> Usage:
        """Estimate a call's usage: that of the previous call, whose answer is now part of the prompt."""
        last = self._last.get(episode)
        if last is None:
            return Usage(calls=1, fresh=prompt)
        return Usage(calls=1, fresh=last.prompt + last.output, output=last.output, dollars=last.dollars)


def conversation(episode: str, who: str) -> str:
    """The name of one of an episode's conversations: the target's own, or the one that somebody else has in it."""
    return f"{episode}#{who}" if who else episode


_active: list[Meter] = []
"""The meter of the current run, if any: Inspect creates its hooks once per process."""


@contextmanager
def metering(meter: Meter) -> Generator[None]:
    """Pass every call of this process to a meter within the block."""
    _register()
    _active.append(meter)
    try:
        yield
    finally:
        _active.remove(meter)


class MeterHooks(Hooks):
    """Passes Inspect's events to the meter of the current run."""

    def enabled(self) -> bool:
        """Whether a study is running in this process."""
        return bool(_active)

    async def on_before_model_generate(self, data: BeforeModelGenerate) -> None:
        """Check whether a call fits under the caps."""
        active = sample_active()
        # A judge reads episodes that are already paid for; without its answer that would be wasted.
        if active is None or judging() or not _active[-1].budget.caps:
            return
        characters = sum(len(message.text) for message in data.input)
        try:
            _active[-1].before_call(conversation(active.sample_uuid, speaking()), characters // CHARACTERS_PER_TOKEN)
        except LimitExceededError as error:
            live = live_world()
            turns = 0 if live is None else live.turns
            store().set(ENDING, Ending(kind="cut", detail=error.message, turns=turns).model_dump())
            raise

    async def on_model_usage(self, data: ModelUsageData) -> None:
        """Write a call to the ledger."""
        active, meter = sample_active(), _active[-1]
        if judging():
            meter.judged(data.model_name, usage_counts(data.usage), audit=auditing())
        elif active is not None:
            model = meter.models.get(active.task, data.model_name)
            if who := speaking():
                meter.spoke(active.sample_uuid, model, data.model_name, who, usage_counts(data.usage))
                return
            meter.after_call(active.sample_uuid, model, usage_counts(data.usage))


@cache
def _register() -> None:
    """Register the hooks with Inspect; not at import, because Inspect prints the number of hooks."""
    name, description = "peerwatch_meter", "Counts the calls of a Peerwatch study and keeps it within its budget"
    hooks(name=name, description=description)(MeterHooks)
