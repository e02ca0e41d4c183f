"""The spending of a run, from its ledger: calls, tokens, dollars and hours, per model and in total."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from inspect_ai.model import ModelUsage

from peerwatch.planning._prices import Price
from peerwatch.records import Row, uptime


@dataclass
class Usage:
    """Usage of one or many calls.

    `fresh`, `cached` and `written` are disjoint parts of the prompt; `output` includes `reasoning`. Integers, except
    for means over episodes.
    """

    calls: float = 0
    retries: float = 0
    fresh: float = 0
    cached: float = 0
    written: float = 0
    output: float = 0
    reasoning: float = 0
    dollars: float = 0.0
    """0 for a model without a price: see `Spend.dollars`."""

    @property
    def prompt(self) -> float:
        """Input tokens, including cached ones."""
        return self.fresh + self.cached + self.written

    @property
    def tokens(self) -> float:
        """Input and output tokens."""
        return self.prompt + self.output

    def add(self, other: "Usage") -> None:
        """Add other usage."""
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def usage_counts(usage: ModelUsage) -> dict[str, int]:
    """Return a call's token counts for the ledger, without zeros; output is the total minus the prompt."""
    cached, written = usage.input_tokens_cache_read or 0, usage.input_tokens_cache_write or 0
    prompt = usage.input_tokens + cached + written
    counts = {
        "fresh": usage.input_tokens,
        "cached": cached,
        "written": written,
        "output": max(usage.total_tokens - prompt, usage.output_tokens),
        "reasoning": usage.reasoning_tokens or 0,
    }
    return dict(believed({name: count for name, count in counts.items() if count}))


def believed(said: Mapping[str, int]) -> Mapping[str, int]:
    """Return a call's usage; empty if a count is negative, which would refund spending to the budget."""
    return said if all(count >= 0 for count in said.values()) else {}


def priced_call(said: Mapping[str, int], price: Price | None) -> Usage:
    """Return the usage of a single call with its price in dollars."""
    usage = Usage(calls=1, **said)
    if price is not None:
        usage.dollars = price.dollars(usage.fresh, usage.cached, usage.written, usage.output, prompt=usage.prompt)
    return usage


@dataclass
class Spend:
    """The spending so far, updated from a ledger's entries.

    Attributes:
        prices: Model to its price, `None` if unknown.
        by_model: Model to its usage.
        ended: Model to the number of its finished episodes, without those that run again.
        broken: The number of those that run again, because a cap or an error cut them off.
    """

    prices: Mapping[str, Price | None]
    by_model: dict[str, Usage] = field(default_factory=dict[str, Usage])
    ended: dict[str, int] = field(default_factory=dict[str, int])
    broken: dict[str, int] = field(default_factory=dict[str, int])
    unknown: dict[str, int] = field(default_factory=dict[str, int])
    """Model to the number of its calls with missing or implausible usage, which is not in the sums."""
    own: str = ""
    """Name of this process's session while it is running: its time passes without entries."""
    _times: dict[str, tuple[str, float, float]] = field(default_factory=dict[str, tuple[str, float, float]])
    """Session to its clock, start time and last entry."""

    def feed(self, rows: Iterable[Row]) -> None:
        """Add further ledger entries."""
        for row in rows:
            self._note(row)
            model = row.get("model", "")
            if row["kind"] == "call":
                said = believed(row["used"])
                if not said:
                    self.unknown[model] = self.unknown.get(model, 0) + 1
                call = priced_call(said, self.prices.get(model))
                self.by_model.setdefault(model, Usage()).add(call)
            elif row["kind"] == "end":
                counts = self.broken if row.get("again") else self.ended
                counts[model] = counts.get(model, 0) + 1
                self.by_model.setdefault(model, Usage()).retries += row["retries"]

    def total(self) -> Usage:
        """Return the usage of all models."""
        everything = Usage()
        for each in self.by_model.values():
            everything.add(each)
        return everything

    @property
    def dollars(self) -> float | None:
        """Dollars of all models; `None` if one that was called has no price."""
        unpriced = any(self.prices.get(model) is None for model in self.by_model)
        return None if unpriced else self.total().dollars

    @property
    def hours(self) -> float:
        """Hours during which at least one session was running.

        Measured with monotonic clocks, which cannot be set and pause while a machine sleeps. Each boot of each machine
        has its own clock; times measured by different clocks are added.
        """
        spans = [(clock, began, ended) for clock, began, ended in self._times.values()]
        if self.own in self._times:
            clock, began, ended = self._times[self.own]
            spans.append(
                (clock, began, max(ended, uptime()))
            )  # includes time in which a provider keeps all calls waiting
        total, until = 0.0, dict[str, float]()
        for clock, began, ended in sorted(spans):
            total += max(0.0, ended - max(began, until.get(clock, began)))
            until[clock] = max(ended, until.get(clock, ended))
        return total / 3600

    def _note(self, row: Row) -> None:
        """Record the time of an entry; entries of other versions only have the time of day."""
        clock, moment = (row["boot"], row["up"]) if "boot" in row and "up" in row else ("", row["at"])
        known, began, ended = self._times.get(row["session"], (clock, moment, moment))
        if known == clock:
            self._times[row["session"]] = clock, min(began, moment), max(ended, moment)
