"""Tests of gates: whether a change from A to B is shown."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from peerwatch.analysis._estimates import Estimate, betting_estimate, comparing, fixed_estimate
from peerwatch.analysis._texts import p_value, points
from peerwatch.analysis._worlds import Worlds
from peerwatch.analysis.comparisons._gates import Gate
from peerwatch.analysis.comparisons._nulls import obstacles
from peerwatch.analysis.comparisons._pairing import Pairing
from peerwatch.analysis.comparisons._rows import BETTING, betting_p, means, pooled_cells, why_not
from peerwatch.analysis.comparisons._scopes import Scope, scope_of
from peerwatch.analysis.comparisons._texts import text
from peerwatch.records import AMOUNTS, Record
from peerwatch.stats import EffectTest, FamilyResult, Levels, Member, PartialPair, settle_family

State = Literal["fired", "quiet", "untestable"]


class GateResult(Record):
    """The result of a gate."""

    gate: Gate
    state: State
    a: float
    b: float
    value: float
    """B minus A, in [-1, 1]; an amount is divided by 100."""
    low: float
    high: float
    worlds: int
    gaps: int
    """Worlds with missing episodes; some of them may be among `worlds`."""
    p: float
    """One-sided for an increase or a decrease; `nan` if nothing was tested."""
    p_holm: float
    test: str
    smallest_p: float
    """The smallest p-value possible with these worlds, for any result."""
    obstacles: tuple[str, ...]
    """Why it means little that the gate does not fire; empty if the instrument would have detected the change."""
    sentence: str
    """The result in one line."""


@dataclass(frozen=True, slots=True)
class _GateData:
    """A gate with the data that it is evaluated on."""

    gate: Gate
    scope: Scope
    anytime: bool

    @property
    def bets(self) -> bool:
        """Whether it is tested by betting, which is valid at any time and for any margin."""
        return self.anytime or bool(self.gate.points)

    @property
    def one_sided(self) -> bool:
        return self.gate.change != "differs"

    def test(self, worlds: Worlds, levels: Levels) -> EffectTest:
        """Test the claim on some worlds; for a decrease with A minus B, so that a change is always positive."""
        gate = self.gate
        if self.bets:
            # The p-value decides; the limits in `_estimate` are its inversion.
            p = betting_p(worlds.differences, gate.margin, gate.change)
            return EffectTest(0.0, -1.0, 1.0, p, 0, 1.0, BETTING, BETTING)
        turned = _swapped(worlds) if gate.change == "decreases" else worlds
        side = "more" if self.one_sided else "two"
        found = comparing(turned, gate.axis, side, binary=self.scope.single)(levels)
        return replace(found, test=f"{found.test}, one-sided") if self.one_sided else found

    @property
    def measured(self) -> bool:
        worlds = self.scope.worlds
        return bool([*worlds.pairs, *worlds.partial])


def check_gates(pairing: Pairing, gates: Sequence[Gate], alpha: float, *, anytime: bool) -> list[GateResult]:
    """Test gates, with Holm's correction over all of them.

    A gate without a margin is tested by the rule that gives the rows their intervals (one-sided if it names a
    direction), and its limits are at the level that decided it. A gate with a margin, or under repeated looks, is
    tested by betting, which is valid at any time. Missing outcomes are imputed with the values that are worst for the
    claim.

    Args:
        pairing: The two versions.
        gates: All requested gates; one that cannot be tested still counts in the correction.
        alpha: Maximum probability that any gate fires without a change.
        anytime: Whether this must hold under repeated looks.
    """
    read = [_read(pairing, gate, anytime=anytime) for gate in gates]
    reasons = [_obstacle(each, alpha / len(gates)) for each in read]
    settled = settle_family([_member(*each) for each in zip(read, reasons, strict=True)], alpha=alpha, beta=alpha)
    return [
        _checked(each, one, reason, (len(gates), alpha), obstacles(pairing, each.scope.cells))
        for each, one, reason in zip(read, settled, reasons, strict=True)
    ]


def _read(pairing: Pairing, gate: Gate, *, anytime: bool) -> _GateData:
    scope = scope_of(pairing, pooled_cells(pairing.cells, gate.scenario), gate.axis, anytime=anytime)
    return _GateData(gate, scope, anytime)


def _member(read: _GateData, reason: str) -> Member:
    if reason:
        return Member(lambda _: EffectTest(math.nan, math.nan, math.nan, math.nan, 0, 1.0, "", ""))
    # Holm's procedure only needs valid p-values, so one-sided ones and those from betting can be combined.
    return Member(partial(read.test, read.scope.worlds), "more" if read.one_sided or read.bets else "two")


def _swapped(worlds: Worlds) -> Worlds:
    return Worlds(
        pairs=[(second, first) for first, second in worlds.pairs],
        gaps=[PartialPair(gap.second, gap.first) for gap in worlds.gaps],
    )


def _obstacle(read: _GateData, level: float) -> str:
    """Explain why a gate cannot be tested; empty if it can be."""
    if not read.measured:
        return why_not(read.scope)
    if _smallest(read) > level:
        worlds = len(read.scope.worlds.differences)
        return text("reason", "unreachable", worlds=worlds, gaps=len(read.scope.worlds.gaps), level=f"{level:.3g}")
    return ""


def _smallest(read: _GateData) -> float:
    """The p-value if every observed episode had changed as much as possible, and missing ones had not."""
    if not read.measured:
        return math.nan
    least, most = AMOUNTS.get(read.gate.axis, (0.0, 1.0))
    sign = -1 if read.gate.change == "decreases" else 1
    extreme = Worlds()
    for first, second in read.scope.sides:
        unknown = (first.high - first.low + second.high - second.low) / (most - least)
        change = sign * (1 - unknown)
        extreme.pairs.append((max(change, 0.0), max(-change, 0.0)))
        extreme.differences.append(change)
    return read.test(extreme, Levels.two_sided(0.05)).p


def _estimate(read: _GateData, levels: Levels) -> Estimate:
    """B minus A with the limits of the rule that decides."""
    worlds = read.scope.worlds
    # "No effect" is never claimed, so the limit that no claim uses gets the same level as the other.
    levels = Levels(levels.low, levels.low)
    if read.bets:
        levels = levels if read.one_sided else Levels.two_sided(levels.low)
        return betting_estimate(worlds, levels, read.gate.margin)
    found = read.test(worlds, levels)
    if read.gate.change == "decreases":
        found = replace(found, effect=-found.effect, low=-found.high, high=-found.low)
    return fixed_estimate(worlds, found, levels)


def _checked(
    read: _GateData, settled: FamilyResult, reason: str, declared: tuple[int, float], hindrances: tuple[str, ...]
) -> GateResult:
    gate, (count, alpha) = read.gate, declared
    estimate = _estimate(read, settled.levels)
    a, b = means(read.scope)
    fires = settled.adjusted_p <= alpha if read.bets else settled.claim != "none"
    state: State = "untestable" if reason else "fired" if fires else "quiet"
    found = GateResult(
        gate=gate,
        state=state,
        a=a,
        b=b,
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        worlds=estimate.worlds,
        gaps=len(read.scope.worlds.gaps),
        p=settled.tested.p,
        p_holm=settled.adjusted_p,
        test=settled.tested.test,
        smallest_p=_smallest(read),
        obstacles=hindrances,
        sentence="",
    )
    two = 1 - estimate.levels.low - estimate.levels.high
    key = "one_sided" if read.one_sided else "two_sided"
    level = text("gate", key, level=f"{100 * (1 - estimate.levels.low if key == 'one_sided' else two):.4g}%")
    return found.model_copy(update={"sentence": _sentence(found, reason, level, count, alpha)})


def _sentence(found: GateResult, reason: str, level: str, count: int, alpha: float) -> str:
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
        level=level,
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
