"""When a contrast is decided and need not be read further."""

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
    """What a contrast has come to, with the evidence of all worlds read."""

    kind: DecisionKind
    worlds: int
    """Worlds that had been read when it was decided; all that were read while it is open."""
    read: int
    effect: float
    """Mean difference of the worlds without gaps; `nan` where there are none."""
    low: float
    high: float
    """Limits of the rule that decides, at `levels`: they exclude what was rejected and nothing that was not."""
    levels: Levels
    """Error levels of the two limits: those at which the contrast was decided."""
    e_more: float
    """E-value against "the mean is at most 0"."""
    e_less: float
    """E-value against "the mean is at least 0"."""
    e_no_effect: float
    """E-value against an effect of `smallest_effect` or more; with two sides the smaller of the two."""
    horizon: int | None
    """The limits that decided: exact up to this many worlds of binary episodes, or Ville's."""
    alike: bool
    """Whether they rest on worlds that are draws from one distribution."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is asked of a contrast, and at which error levels."""

    smallest_effect: float = 0.10
    alpha: float = 0.05
    beta: float = 0.05
    side: DecisionSide = "more"
    horizon: int | None = None
    alike: bool = True
    strata: int = 1
    """How many scenarios are pooled. Worlds then come in rounds, one of each scenario, and are read by rounds."""

    def __post_init__(self) -> None:
        """Refuse what is no level, margin, side or horizon.

        Raises:
            ValueError: Likewise.
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
        """Error levels of the two limits of a contrast, by what it has come to.

        With two sides both limits have half of alpha, and where "no effect" was decided those of that claim: each of
        beta, since at most one of the two can be wrong.

        Args:
            share: What part of `alpha` the contrast may spend, in (0, 1].
            null_share: What part of `beta`; the same if 0.
            kind: What the contrast has come to.
        """
        spent, null = self.alpha * share, self.beta * (null_share or share)
        if self.side == "more":
            return Levels(spent, null)
        if kind == "no_effect":
            return Levels(null, null)
        # Where beta is so low, an open contrast must not have limits that exclude what beta does not.
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

    The first that is reached counts, "more" before "less" before "no_effect" at the same world, and nothing that
    is read later changes it. Each error level bounds the probability that the false decision is ever made.

    Without `horizon` the limits are Ville's: 1 / level for the e-value. They hold for any numbers in [-1, 1], for
    ever. With `horizon` they are lower, exact for studies that read at most so many worlds. Then every difference
    must be -1, 0 or 1 (one binary episode for each world and arm). Worlds past the horizon decide nothing.

    With `alike` the limits under a horizon are lower still, and rest on worlds that are independent draws from one
    distribution. Where a run took so long that the model may have changed, that is more than anybody knows: without
    it they need, like Ville's, only that the mean of each world, given those before it, obeys the hypothesis.

    The interval is the inversion of this rule, at the levels that decided: its limits exclude every mean that is
    rejected by the worlds at the decision or by all that were read. So "more" never has one that includes 0, and "no
    effect" never one that includes the smallest effect. Should the mean of all worlds lie outside, which takes
    worlds that are not alike, effect and limits are those of the worlds that decided.

    A world with missing episodes is a pair of bounds, `GAP` if an arm is missing altogether. Every claim takes the
    bound that helps it least, so a missing episode never brings a decision nearer. Every claim is about the worlds
    in order; hand in what `contiguous_prefix` gives, never the worlds in the order in which they ended.

    Args:
        differences: One number in [-1, 1] for each world or a pair of bounds, in the order of the schedule.
        smallest_effect: The smallest difference that matters, strictly between 0 and 1.
        alpha: Error level of "more" and "less", strictly between 0 and 0.5. Lower it for several contrasts, or use
            `decide_family`.
        beta: Error level of "no_effect", likewise.
        side: "more", or "two" if both directions were asked for.
        horizon: The most worlds that the study will ever read, up to 200, fixed before the first.
        alike: Whether worlds are independent draws from one distribution; matters under a horizon.

    Returns:
        The decision, with effect, interval and e-values on all worlds read.

    Raises:
        ValueError: When an argument lies outside its range, or a difference is not -1, 0 or 1 under a horizon.

    Source: Ville, J. (1939), Étude critique de la notion de collectif; Waudby-Smith and Ramdas (2024), J. R. Stat.
    Soc. B 86:1-27. For exact limits by recursion over looks: Armitage, P., McPherson, C. K. and Rowe, B. C.
    (1969), J. R. Stat. Soc. A 132:235-244.
    """
    rules = Rules(smallest_effect, alpha, beta, side, horizon, alike)
    times = Evidence(differences, rules).times()
    return describe(differences, rules, state_of(rules, len(differences), times, times))


@dataclass(frozen=True, slots=True)
class State:
    """What a contrast has come to, without its numbers."""

    kind: DecisionKind
    worlds: int
    """Worlds that had been read when it was decided; all that were read while it is open."""
    levels: Levels
    """Error levels of the limits that decided."""


def state_of(rules: Rules, read: int, effects: Times, nulls: Times, shares: tuple[float, float] = (1.0, 1.0)) -> State:
    """Say what a contrast has come to: the first claim counts, and a difference where two are made at once.

    Args:
        rules: Of its family.
        read: Worlds that were read.
        effects: When claims of a difference are made, at the share of alpha that the contrast may spend.
        nulls: When that of no effect is, at its share of beta.
        shares: The two.
    """
    first, kind = first_effect(effects)
    none = nulls["no_effect"]
    if min(first, none) == math.inf:
        return State("open", read, rules.levels(*shares))
    if none < first:
        return State("no_effect", min(int(none), read), rules.levels(*shares, "no_effect"))
    return State(kind, min(int(first), read), rules.levels(*shares, kind))


def first_effect(times: Times) -> tuple[float, DecisionKind]:
    """Give when a direction is first claimed, and which; "more" where both are at once."""
    less = times.get("less", math.inf)
    return (times["more"], "more") if times["more"] <= less else (less, "less")


class Evidence:
    """The evidence for each claim about one contrast after 0, 1, ... worlds: computed once, held to any level."""

    def __init__(self, differences: Sequence[Known], rules: Rules) -> None:
        """Compute it.

        Args:
            differences: As for `decide`.
            rules: As for `decide`.

        Raises:
            ValueError: Where a horizon asks for binary differences and one is not.
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
        """Give the number of worlds after which each claim is first made; infinity if never.

        Args:
            share: What part of `alpha` and of `beta` this contrast may spend, in (0, 1].
        """
        rules = self._rules
        effect, null = rules.levels(share, kind="more"), rules.levels(share, kind="no_effect")
        times: Times = {"more": _first(self._made("low", 0.0, effect.low))}
        made = self._made("high", -rules.smallest_effect, null.high)
        if rules.side == "two":
            times["less"] = _first(self._made("high", 0.0, effect.high))
            # At one look: the interval of that look must exclude both.
            made &= self._made("low", -rules.smallest_effect, null.low)
        times["no_effect"] = _first(made)
        return times

    def _made(self, name: str, null: float, level: float) -> NDArray[np.bool_]:
        """After which numbers of worlds "the mean is at most `null`" is rejected."""
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
    """Leave out the worlds of a round that is not complete."""
    return differences[: len(differences) // strata * strata]


def bar_of(null: float, level: float, rules: Rules) -> float:
    """How much evidence rejects "the mean is at most `null`" at a level."""
    if rules.horizon is None:
        return -math.log(level)
    return least_evidence(level, null, rules.horizon, alike=rules.alike)


def interval_in_time(
    differences: Sequence[Known], rules: Rules, state: State, observed: Sequence[float] | None = None
) -> AnytimeInterval:
    """Give the interval of a contrast that is decided as it goes: the inversion of the rule, at the levels of a state.

    Args:
        differences: As for `decide`.
        rules: As for `decide`.
        state: What the contrast has come to.
        observed: What was observed of each world, `nan` where a side is missing; without it worlds that lack episodes
            have no share in the value.
    """
    decided = state.worlds if state.kind != "open" else None
    margin = rules.smallest_effect
    differences = whole_rounds(differences, rules.strata)
    return interval_of(differences, rules.reading, state.levels, decided, (-margin, 0.0, margin), observed)


def describe(differences: Sequence[Known], rules: Rules, state: State) -> Decision:
    """Give a decision its numbers."""
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
    """Refuse differences of means over several episodes.

    Raises:
        ValueError: When one is not -1, 0 or 1.
    """
    for values in (lows, highs):
        other = values[~np.isin(values, (-1, 0, 1))]
        if other.size:
            raise ValueError(
                f"exact limits need differences of -1, 0 or 1 (one episode a side), got {other[0]}; "
                "means over epochs are decided by `decide` with horizon=None"
            )
