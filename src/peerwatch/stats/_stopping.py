"""When a contrast is decided and need not be read further."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from peerwatch.stats._anytime import confidence_sequence
from peerwatch.stats._betting import e_value, running_log_capital
from peerwatch.stats._differences import Known, Numbers, check_level, check_margin, limits
from peerwatch.stats._horizon import LONGEST, crossed

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
    """Anytime limits at level alpha, two-sided and not adjusted for the family."""
    e_more: float
    """E-value against "the mean is at most 0"."""
    e_less: float
    """E-value against "the mean is at least 0"."""
    e_no_effect: float
    """E-value against an effect of `smallest_effect` or more; with two sides the smaller of the two."""
    horizon: int | None
    """The limits that decided: exact up to this many worlds of binary episodes, or Ville's."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is asked of a contrast, and at which error levels."""

    smallest_effect: float = 0.10
    alpha: float = 0.05
    beta: float = 0.05
    side: DecisionSide = "more"
    horizon: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is no level, margin, side or horizon.

        Raises:
            ValueError: Likewise.
        """
        check_margin(self.smallest_effect)
        check_level("alpha", self.alpha)
        check_level("beta", self.beta)
        if self.side not in ("more", "two"):
            raise ValueError(f"side must be 'more' or 'two', got {self.side!r}")
        if self.horizon is not None and not 1 <= self.horizon <= LONGEST:
            raise ValueError(f"horizon must lie between 1 and {LONGEST} worlds or be None, got {self.horizon}")


def decide(
    differences: Sequence[Known],
    *,
    smallest_effect: float = 0.10,
    alpha: float = 0.05,
    beta: float = 0.05,
    side: DecisionSide = "more",
    horizon: int | None = None,
) -> Decision:
    """Decide a contrast as early as its error levels allow, by reading its worlds in the order of the schedule.

    * "more": a mean of at most 0 is rejected at level `alpha` (`alpha` / 2 with two sides).
    * "less": a mean of at least 0 is rejected at level `alpha` / 2; with two sides only.
    * "no_effect": a mean of `smallest_effect` or more is rejected at level `beta`; with two sides one of
      -`smallest_effect` or less as well, each at `beta`, since at most one of the two can be true.
    * "open": none of these yet.

    The first that is reached counts, "more" before "less" before "no_effect" at the same world, and nothing that
    is read later changes it. Each error level bounds the probability that the false decision is ever made.

    Without `horizon` the limits are Ville's: 1 / level for the e-value. They hold for any numbers in [-1, 1], for
    ever. With `horizon` they are lower, exact for studies that read at most so many worlds. That rests on two
    assumptions more: every difference is -1, 0 or 1 (one binary episode for each world and arm), and worlds are
    independent draws from one distribution. Worlds past the horizon decide nothing.

    A world with missing episodes is a pair of bounds, `GAP` if an arm is missing altogether. Every claim takes the
    bound that helps it least, so a missing episode never brings a decision nearer. Every claim is about the worlds
    in order; hand in what `contiguous_prefix` gives, never the worlds in the order in which they ended.

    Args:
        differences: One number in [-1, 1] for each world or a pair of bounds, in the order of the schedule.
        smallest_effect: The smallest difference that matters, strictly between 0 and 1.
        alpha: Error level of "more" and "less", strictly between 0 and 1. Lower it for several contrasts, or use
            `decide_family`.
        beta: Error level of "no_effect", likewise.
        side: "more", or "two" if both directions were asked for.
        horizon: The most worlds that the study will ever read, up to 200, fixed before the first.

    Returns:
        The decision, with effect, anytime interval and e-values on all worlds read.

    Raises:
        ValueError: When an argument lies outside its range, or a difference is not -1, 0 or 1 under a horizon.

    Source: Ville, J. (1939), Étude critique de la notion de collectif; Waudby-Smith and Ramdas (2024), J. R. Stat.
    Soc. B 86:1-27. For exact limits by recursion over looks: Armitage, P., McPherson, C. K. and Rowe, B. C.
    (1969), J. R. Stat. Soc. A 132:235-244.
    """
    rules = Rules(smallest_effect, alpha, beta, side, horizon)
    times = first_times(differences, rules)
    effect, kind = first_effect(times)
    if min(effect, times["no_effect"]) == math.inf:
        return describe(differences, rules, "open", math.inf)
    if times["no_effect"] < effect:
        return describe(differences, rules, "no_effect", times["no_effect"])
    return describe(differences, rules, kind, effect)


def first_effect(times: Times) -> tuple[float, DecisionKind]:
    """Give when a direction is first claimed, and which; "more" where both are at once."""
    less = times.get("less", math.inf)
    return (times["more"], "more") if times["more"] <= less else (less, "less")


def first_times(differences: Sequence[Known], rules: Rules, share: float = 1.0) -> Times:
    """Give the number of worlds after which each claim is first made; infinity if never.

    Args:
        differences: As for `decide`.
        rules: As for `decide`.
        share: What part of `alpha` and of `beta` this contrast may spend, in (0, 1].
    """
    lows, highs = limits(differences)
    if rules.horizon is not None:
        check_binary(lows, highs)
        lows, highs = lows[: rules.horizon], highs[: rules.horizon]
    two = rules.side == "two"
    alpha = rules.alpha * share / (2 if two else 1)
    beta = rules.beta * share
    none = _made(-highs, -rules.smallest_effect, beta, rules.horizon)
    times: Times = {"more": _first(_made(lows, 0.0, alpha, rules.horizon))}
    if two:
        times["less"] = _first(_made(-highs, 0.0, alpha, rules.horizon))
        # Each of the two claims stays made once it was made.
        other = _made(lows, -rules.smallest_effect, beta, rules.horizon)
        times["no_effect"] = max(_first(none), _first(other))
    else:
        times["no_effect"] = _first(none)
    return times


def describe(differences: Sequence[Known], rules: Rules, kind: DecisionKind, worlds: float) -> Decision:
    """Give a decision its numbers."""
    interval = confidence_sequence(differences, rules.alpha)
    margin = rules.smallest_effect
    none = e_value(differences, margin, "less")
    if rules.side == "two":
        none = min(none, e_value(differences, -margin, "more"))
    return Decision(
        kind=kind,
        worlds=len(differences) if kind == "open" else int(worlds),
        read=len(differences),
        effect=interval.value,
        low=interval.low,
        high=interval.high,
        e_more=e_value(differences),
        e_less=e_value(differences, side="less"),
        e_no_effect=none,
        horizon=rules.horizon,
    )


def _made(values: Numbers, null: float, level: float, horizon: int | None) -> NDArray[np.bool_]:
    """Whether "the mean is at most `null`" is rejected after 0, 1, ... worlds."""
    if horizon is not None:
        return crossed(values, null, level, horizon)
    made: NDArray[np.bool_] = running_log_capital(values, null) >= -math.log(level)
    return made


def _first(made: NDArray[np.bool_]) -> float:
    return float(np.argmax(made)) if made.any() else math.inf


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
