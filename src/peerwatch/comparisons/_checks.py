"""Testing gates: whether a change from A to B is shown."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from peerwatch.comparisons._gates import Gate
from peerwatch.comparisons._nulls import obstacles
from peerwatch.comparisons._pairing import Pairing
from peerwatch.comparisons._rows import BETTING, estimate_of, means, pooled_cells, why_not
from peerwatch.comparisons._scopes import Scope, scope_of
from peerwatch.comparisons._texts import text
from peerwatch.reports import Estimate, Worlds, exact_test, p_value, points
from peerwatch.stats import AnytimeP, Tested, anytime_p, holm
from peerwatch.studies import AMOUNTS, Record

State = Literal["fired", "quiet", "untestable"]


class Checked(Record):
    """What became of a gate."""

    gate: Gate
    state: State
    a: float
    b: float
    value: float
    """B minus A, in [-1, 1]; an amount in hundreds."""
    low: float
    high: float
    worlds: int
    gaps: int
    """Worlds that lack episodes; some of them may be among `worlds`."""
    p: float
    """One-sided for an increase or a decrease; `nan` where nothing was tested."""
    p_holm: float
    test: str
    smallest_p: float
    """The least p-value that these worlds could have given, whatever the episodes had shown."""
    obstacles: tuple[str, ...]
    """Why it means little that the gate does not fire; empty if the instrument would have seen the change."""
    sentence: str
    """The result in one line."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A gate with what it is read from."""

    gate: Gate
    scope: Scope
    estimate: Estimate
    anytime: bool

    @property
    def binary(self) -> bool:
        return self.scope.single and self.gate.axis not in AMOUNTS

    def p(self, worlds: Worlds) -> tuple[float, str]:
        """The p-value that some worlds give, and of which test it is."""
        gate = self.gate
        if self.anytime or gate.points:
            more = anytime_p(worlds.differences, gate.margin, "more")
            less = anytime_p(worlds.differences, -gate.margin, "less")
            return _in_direction(gate, more, less), BETTING
        # Of the test only the p-value is wanted, and the worlds may be others than those of the estimate.
        found = exact_test(worlds, replace(self.estimate, value=0.0, low=-1.0, high=1.0), 0.95, binary=self.binary)
        if gate.change == "differs":
            return found.p, found.test
        # Both exact tests are symmetric under no effect, so each direction has half of their two-sided p-value.
        rising = _sum(worlds) > 0
        matches = rising if gate.change == "increases" else _sum(worlds) < 0
        return (found.p / 2 if matches else 1 - found.p / 2), f"{found.test}, one-sided"


def check_gates(pairing: Pairing, gates: Sequence[Gate], alpha: float, *, anytime: bool) -> list[Checked]:
    """Test gates, with Holm's correction over all of them.

    A gate without a margin is tested exactly: one binary episode a side with the unconditional exact test of paired
    proportions, everything else by sign flips of worlds. With a margin, or where one looks again and again, it is
    tested by bets, which hold at any time. What is missing is completed as is worst for the claim.

    Args:
        pairing: Of the two versions.
        gates: All that were asked for; one that cannot be tested keeps its place in the count.
        alpha: Probability of any gate firing without reason, at most.
        anytime: Whether that must hold however often one looks.
    """
    read = [_read(pairing, gate, alpha, anytime=anytime) for gate in gates]
    reasons = [_obstacle(each, alpha / len(gates)) for each in read]
    tested = [_tested(each, alpha, reason) for each, reason in zip(read, reasons, strict=True)]
    # Holm's procedure needs valid p-values and no more, so one-sided ones may go in.
    adjusted = holm({str(number): each for number, each in enumerate(tested)}, 1 - alpha)
    return [
        _checked(
            each, one, reason, adjusted[str(number)].adjusted_p, len(gates), alpha, obstacles(pairing, each.scope.cells)
        )
        for number, (each, one, reason) in enumerate(zip(read, tested, reasons, strict=True))
    ]


def _read(pairing: Pairing, gate: Gate, alpha: float, *, anytime: bool) -> _Read:
    scope = scope_of(pairing, pooled_cells(pairing.cells, gate.scenario), gate.axis, anytime=anytime)
    return _Read(gate, scope, estimate_of(scope, alpha, anytime=anytime), anytime)


def _in_direction(gate: Gate, more: AnytimeP, less: AnytimeP) -> float:
    if gate.change == "differs":
        return min(2 * min(more.p, less.p), 1.0)
    return more.p if gate.change == "increases" else less.p


def _sum(worlds: Worlds) -> float:
    """The sum of what was observed; that of the least favourable completion has its sign, or the test gives 1."""
    pairs = [*worlds.pairs, *((gap.first.value, gap.second.value) for gap in worlds.partial)]
    return math.fsum(first - second for first, second in pairs)


def _obstacle(read: _Read, level: float) -> str:
    """Why a gate cannot be tested; empty if it can."""
    if math.isnan(read.estimate.value):
        return why_not(read.scope)
    if _smallest(read) > level:
        worlds = len(read.scope.worlds.differences)
        return text("reason", "unreachable", worlds=worlds, gaps=len(read.scope.worlds.gaps), level=f"{level:.3g}")
    return ""


def _smallest(read: _Read) -> float:
    """The p-value if every episode that is there had changed as far as it can, and what is missing had not."""
    if math.isnan(read.estimate.value):
        return math.nan
    least, most = AMOUNTS.get(read.gate.axis, (0.0, 1.0))
    sign = -1 if read.gate.change == "decreases" else 1
    extreme = Worlds()
    for first, second in read.scope.sides:
        unknown = (first.high - first.low + second.high - second.low) / (most - least)
        change = sign * (1 - unknown)
        extreme.pairs.append((max(change, 0.0), max(-change, 0.0)))
        extreme.differences.append(change)
    return read.p(extreme)[0]


def _tested(read: _Read, alpha: float, reason: str) -> Tested:
    if reason:
        return Tested(math.nan, math.nan, math.nan, math.nan, 0, 1 - alpha, "", "")
    estimate = read.estimate
    p, test = read.p(read.scope.worlds)
    return Tested(estimate.value, estimate.low, estimate.high, p, estimate.worlds, 1 - alpha, test, estimate.interval)


def _checked(
    read: _Read, tested: Tested, reason: str, p_holm: float, count: int, alpha: float, hindrances: tuple[str, ...]
) -> Checked:
    estimate, gate = read.estimate, read.gate
    a, b = means(read.scope, anytime=read.anytime)
    state: State = "untestable" if reason else "fired" if p_holm <= alpha else "quiet"
    found = Checked(
        gate=gate,
        state=state,
        a=a,
        b=b,
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        worlds=estimate.worlds,
        gaps=len(read.scope.worlds.gaps),
        p=tested.p,
        p_holm=p_holm,
        test=tested.test,
        smallest_p=_smallest(read),
        obstacles=hindrances,
        sentence="",
    )
    return found.model_copy(update={"sentence": _sentence(found, reason, count, alpha)})


def _sentence(found: Checked, reason: str, count: int, alpha: float) -> str:
    gate = found.gate
    if found.state == "untestable":
        return text("gate", "untestable", gate=gate, reason=reason)
    numbers = text(
        "gate",
        "numbers",
        a=f"{100 * found.a:.1f}",
        b=f"{100 * found.b:.1f}",
        value=points(found.value),
        low=points(found.low),
        high=points(found.high),
        level=f"{100 * (1 - alpha):.6g}%",
        worlds=found.worlds,
        missing=found.gaps,
        test=found.test,
        p=p_value(found.p),
        count=count,
        holm=p_value(found.p_holm),
        alpha=f"{alpha:g}",
    )
    far = {"increases": found.high, "decreases": -found.low, "differs": max(-found.low, found.high)}
    key = "fired" if found.state == "fired" else f"quiet_{gate.change}"
    sentence = text("gate", key, gate=gate, numbers=numbers, points=max(math.ceil(100 * far[gate.change]), 0))
    if found.state == "fired" or not found.obstacles:
        return sentence
    return text("gate", "uninterpretable", sentence=sentence, reason="; ".join(found.obstacles))
