"""Stopping rules: when a contrast is decided and need not be read further."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from peerwatch.stats._betting import bets_of, e_value, running_log_capital
from peerwatch.stats._differences import Known, Numbers, check_level, check_margin, limits
from peerwatch.stats._horizon import LONGEST, least_evidence, scores
from peerwatch.stats._interval_in_time import AnytimeInterval, Reading, interval_of
from peerwatch.stats._worlds_compared import Levels

DecisionKind = Literal["more", "less", "no_effect", "open"]
DecisionSide = Literal["more", "two"]
Times = dict[DecisionKind, float]
"""The number of worlds after which each claim is first made; infinity if never."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision on a contrast, with the evidence of all worlds read."""

    kind: DecisionKind
    worlds: int
    """Worlds read at the decision; all worlds read if it is open."""
    read: int
    effect: float
    """Mean difference of the worlds without gaps; `nan` if there are none."""
    low: float
    high: float
    """Limits of the deciding rule, at `levels`: they exclude exactly the rejected means."""
    levels: Levels
    """Error levels of the two limits, as of the decision."""
    e_more: float
    """E-value against "the mean is at most 0"."""
    e_less: float
    """E-value against "the mean is at least 0"."""
    e_no_effect: float
    """E-value against an effect of `smallest_effect` or more; with two sides the smaller of the two."""
    horizon: int | None
    """Which limits were used: exact up to this many worlds of binary episodes, or Ville's (`None`)."""
    alike: bool
    """Whether they assume worlds that are draws from one distribution."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The question about a contrast, and its error levels."""

    smallest_effect: float = 0.10
    alpha: float = 0.05
    beta: float = 0.05
    side: DecisionSide = "more"
    horizon: int | None = None
    alike: bool = True
    strata: int = 1
    """Number of pooled scenarios. Worlds then come, and are read, in rounds with one world of each scenario."""

    def __post_init__(self) -> None:
        """Check levels, margin, side and horizon.

        Raises:
            ValueError: If one is out of range.
        """
        check_margin(self.smallest_effect)
        for name, level in (("alpha", self.alpha), ("beta", self.beta)):
            check_level(name, level, 0.5)
        if self.side not in ("more", "two"):
            raise ValueError(f"side must be 'more' or 'two', got {self.side!r}")
        if self.horizon is not None and not 1 <= self.horizon <= LONGEST:
            raise ValueError(f"horizon must lie between 1 and {LONGEST} worlds or be None, got {self.horizon}")
        if self.strata < 1 or (self.strata > 1 and self.horizon is not None):
            raise ValueError(f"strata must be at least 1, and more than 1 have no horizon; got {self.strata}")

    @property
    def reading(self) -> Reading:
        """How evidence is weighed."""
        return Reading(self.horizon, alike=self.alike, strata=self.strata)

    def levels(self, share: float = 1.0, null_share: float = 0.0, kind: "DecisionKind" = "open") -> Levels:
        """Return the error levels of the two limits of a contrast, given its state.

        With two sides each limit has alpha / 2. If "no effect" was decided, each has beta, since at most one of the two
        claims can be wrong.

        Args:
            share: Share of `alpha` that the contrast may spend, in (0, 1].
            null_share: Share of `beta`; equal to `share` if 0.
            kind: The decision on the contrast.
        """
        spent, null = self.alpha * share, self.beta * (null_share or share)
        if self.side == "more":
            return Levels(spent, null)
        if kind == "no_effect":
            return Levels(null, null)
        # If beta is this low, an open contrast must not have limits that exclude what beta does not.
        return Levels.two_sided(spent if kind in ("more", "less") else min(spent, 2 * null))


def decide(
    differences: Sequence[Known],
    *,
    smallest_effect: float = 0.10,
    alpha: float = 0.05,
    beta: float = 0.05,
    side: DecisionSide = "more",
    horizon: int | None = None,
    alike: bool = True,
) -> Decision:
    """Decide a contrast as early as its error levels allow, by reading its worlds in the order of the schedule.

    * "more": a mean of at most 0 is rejected at level `alpha` (`alpha` / 2 with two sides).
    * "less": a mean of at least 0 is rejected at level `alpha` / 2; with two sides only.
    * "no_effect": a mean of `smallest_effect` or more is rejected at level `beta`; with two sides also one of
      -`smallest_effect` or less, each at `beta`, since at most one of the two can be true.
    * "open": none of these yet.

    The first claim counts, "more" before "less" before "no_effect" at the same world, and later worlds never change it.
    Each error level bounds the probability that the false decision is ever made.

    Without `horizon` the limits are Ville's: 1 / level for the e-value. They hold for any numbers in [-1, 1] and any
    number of worlds. With `horizon` they are lower: exact for studies that read at most that many worlds. Every
    difference must then be -1, 0 or 1 (one binary episode for each world and arm). Worlds past the horizon are ignored.

    With `alike` the limits under a horizon are still lower, but assume that worlds are independent draws from one
    distribution. If a run takes so long that the model may have changed, that cannot be known. Without `alike` they
    only assume, like Ville's, that the conditional mean of each world, given those before it, satisfies the hypothesis.

    The interval is the inversion of this rule, at the levels of the decision: its limits exclude every mean rejected by
    the worlds at the decision or by all worlds read. So "more" never has an interval that includes 0, and "no effect"
    never one that includes the smallest effect. If the mean of all worlds lies outside, which requires worlds that are
    not alike, effect and limits are those of the worlds that decided.

    A world with missing episodes is a pair of bounds, `GAP` if an arm is missing entirely. Every claim uses the bound
    that helps it least, so a missing episode never brings a decision closer. Pass the worlds in the order that
    `contiguous_prefix` returns, never in the order in which they ended.

    Args:
        differences: One number in [-1, 1] for each world or a pair of bounds, in the order of the schedule.
        smallest_effect: The smallest difference that matters, strictly between 0 and 1.
        alpha: Error level of "more" and "less", strictly between 0 and 0.5. Lower it for several contrasts, or use
            `decide_family`.
        beta: Error level of "no_effect", likewise.
        side: "more", or "two" to test both directions.
        horizon: The maximum number of worlds that the study will ever read, up to 200, fixed beforehand.
        alike: Whether worlds are independent draws from one distribution; only relevant under a horizon.

    Returns:
        The decision, with effect, interval and e-values on all worlds read.

    Raises:
        ValueError: If an argument lies outside its range, or a difference is not -1, 0 or 1 under a horizon.

    Source: Ville, J. (1939), Étude critique de la notion de collectif; Waudby-Smith and Ramdas (2024), J. R. Stat.
    Soc. B 86:1-27. For exact limits by recursion over looks: Armitage, P., McPherson, C. K. and Rowe, B. C.
    (1969), J. R. Stat. Soc. A 132:235-244.
    """
    rules = Rules(smallest_effect, alpha, beta, side, horizon, alike)
    times = Evidence(differences, rules).times()
    return describe(differences, rules, state_of(rules, len(differences), times, times))


@dataclass(frozen=True, slots=True)
class State:
    """The state of a contrast, without its numbers."""

    kind: DecisionKind
    worlds: int
    """Worlds read at the decision; all worlds read if it is open."""
    levels: Levels
    """Error levels of the limits, as of the decision."""


def state_of(rules: Rules, read: int, effects: Times, nulls: Times, shares: tuple[float, float] = (1.0, 1.0)) -> State:
    """Determine the state of a contrast: the first claim counts, and a difference precedes "no effect" in a tie.

    Args:
        rules: The rules of its family.
        read: Number of worlds read.
        effects: When claims of a difference are made, at the contrast's share of alpha.
        nulls: When the claim of no effect is made, at its share of beta.
        shares: The shares of alpha and of beta.
    """
    first, kind = first_effect(effects)
    none = nulls["no_effect"]
    if min(first, none) == math.inf:
        return State("open", read, rules.levels(*shares))
    if none < first:
        return State("no_effect", min(int(none), read), rules.levels(*shares, "no_effect"))
    return State(kind, min(int(first), read), rules.levels(*shares, kind))


def first_effect(times: Times) -> tuple[float, DecisionKind]:
    """Return when a direction is first claimed, and which; "more" in a tie."""
    less = times.get("less", math.inf)
    return (times["more"], "more") if times["more"] <= less else (less, "less")


class Evidence:
    """The evidence for each claim about one contrast after 0, 1, ... worlds: computed once, compared with any level."""

    def __init__(self, differences: Sequence[Known], rules: Rules) -> None:
        """Compute the evidence.

        Args:
            differences: As for `decide`.
            rules: As for `decide`.

        Raises:
            ValueError: If a horizon requires binary differences and one is not.
        """
        lows, highs = limits(whole_rounds(differences, rules.strata))
        if rules.horizon is not None:
            check_binary(lows, highs)
            lows, highs = lows[: rules.horizon], highs[: rules.horizon]
        self._rules = rules
        self._against: dict[tuple[str, float], Numbers] = {}
        nulls = {"high": (-highs, [-rules.smallest_effect]), "low": (lows, [0.0])}
        if rules.side == "two":
            nulls["high"][1].append(0.0)
            nulls["low"][1].append(-rules.smallest_effect)
        for name, (values, means) in nulls.items():
            for mean in means:
                self._against[name, mean] = _running(values, mean, rules)

    def times(self, share: float = 1.0) -> Times:
        """Return the number of worlds after which each claim is first made; infinity if never.

        Args:
            share: Share of `alpha` and of `beta` that this contrast may spend, in (0, 1].
        """
        rules = self._rules
        effect, null = rules.levels(share, kind="more"), rules.levels(share, kind="no_effect")
        times: Times = {"more": _first(self._made("low", 0.0, effect.low))}
        made = self._made("high", -rules.smallest_effect, null.high)
        if rules.side == "two":
            times["less"] = _first(self._made("high", 0.0, effect.high))
            # Both must be excluded at one look, by the interval of that look.
            made &= self._made("low", -rules.smallest_effect, null.low)
        times["no_effect"] = _first(made)
        return times

    def _made(self, name: str, null: float, level: float) -> NDArray[np.bool_]:
        """Return after which numbers of worlds "the mean is at most `null`" is rejected."""
        return self._against[name, null] >= bar_of(null, level, self._rules)


def _first(made: NDArray[np.bool_]) -> float:
    return float(np.argmax(made)) if made.any() else math.inf


def _running(values: Numbers, null: float, rules: Rules) -> Numbers:
    if rules.horizon is None:
        capital = running_log_capital(values, null, bets_of(rules.strata))
        capital[np.arange(len(capital)) % rules.strata > 0] = -math.inf
        return capital
    return scores(values, null, rules.horizon, alike=rules.alike)


def whole_rounds(differences: Sequence[Known], strata: int) -> Sequence[Known]:
    """Drop the worlds of an incomplete round."""
    return differences[: len(differences) // strata * strata]


def bar_of(null: float, level: float, rules: Rules) -> float:
    """Return the evidence that is needed to reject "the mean is at most `null`" at a level."""
    if rules.horizon is None:
        return -math.log(level)
    return least_evidence(level, null, rules.horizon, alike=rules.alike)


def interval_in_time(
    differences: Sequence[Known], rules: Rules, state: State, observed: Sequence[float] | None = None
) -> AnytimeInterval:
    """Return the interval of a sequentially decided contrast: the inversion of the rule, at the levels of a state.

    Args:
        differences: As for `decide`.
        rules: As for `decide`.
        state: The state of the contrast.
        observed: The observed difference of each world, `nan` if a side is missing. Without it, worlds with missing
            episodes don't contribute to the value.
    """
    decided = state.worlds if state.kind != "open" else None
    margin = rules.smallest_effect
    differences = whole_rounds(differences, rules.strata)
    return interval_of(differences, rules.reading, state.levels, decided, (-margin, 0.0, margin), observed)


def describe(differences: Sequence[Known], rules: Rules, state: State) -> Decision:
    """Add effect, interval and e-values to a state."""
    interval = interval_in_time(differences, rules, state)
    margin = rules.smallest_effect
    none = e_value(differences, margin, "less")
    if rules.side == "two":
        none = min(none, e_value(differences, -margin, "more"))
    return Decision(
        kind=state.kind,
        worlds=state.worlds,
        read=len(differences),
        effect=interval.value,
        low=interval.low,
        high=interval.high,
        levels=state.levels,
        e_more=e_value(differences),
        e_less=e_value(differences, side="less"),
        e_no_effect=none,
        horizon=rules.horizon,
        alike=rules.alike,
    )


def check_binary(lows: Numbers, highs: Numbers) -> None:
    """Check that differences are those of single binary episodes.

    Raises:
        ValueError: If one is not -1, 0 or 1.
    """
    for values in (lows, highs):
        other = values[~np.isin(values, (-1, 0, 1))]
        if other.size:
            raise ValueError(
                f"exact limits need differences of -1, 0 or 1 (one episode a side), got {other[0]}; "
                "means over epochs are decided by `decide` with horizon=None"
            )
