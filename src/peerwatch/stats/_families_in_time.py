"""Several contrasts that are decided as they go, with one error level for all."""

import math
from collections.abc import Callable, Sequence
from functools import cache

from peerwatch.stats._differences import Known
from peerwatch.stats._stopping import (
    Decision,
    DecisionSide,
    Evidence,
    Rules,
    State,
    Times,
    describe,
    first_effect,
    state_of,
)


def decide_family(
    family: Sequence[Sequence[Known]],
    *,
    smallest_effect: float = 0.10,
    alpha: float = 0.05,
    beta: float = 0.05,
    side: DecisionSide = "more",
    horizon: int | None = None,
    alike: bool = True,
) -> list[Decision]:
    """Decide a declared family of contrasts with one level for false differences in it, and one for false nulls.

    Holm's procedure on anytime p-values. In round t the first t worlds of every contrast are read (all of them
    where it has fewer). A contrast among m that has reached the limit of level alpha / m is decided; the others may
    then use alpha / (m - 1), and so on. "no_effect" has its own count at level `beta`, since the two kinds of claim
    have separate error levels. What a round decides stays. Holm needs nothing but valid p-values, however they
    depend on each other; an anytime p-value is valid at any stopping time, so contrasts may stop at different ones.

    With two sides a contrast spends half its level on each direction and counts once.

    Args:
        family: For each declared contrast its differences, as for `decide`. One without any keeps its place in the
            count: were the family to shrink with what failed to run, failures would loosen the level of the others.
        smallest_effect: As for `decide`.
        alpha: Probability of any false "more" or "less" in the family, at most.
        beta: Probability of any false "no_effect" in the family, at most.
        side: As for `decide`.
        horizon: As for `decide`.
        alike: As for `decide`.

    Returns:
        One decision for each contrast, in the order given. `worlds` is the round that decided it, or the number of
        worlds of the contrast if that is less.

    Raises:
        ValueError: As for `decide`.

    Source: Holm, S. (1979), Scand. J. Stat. 6:65-70.
    """
    rules = Rules(smallest_effect, alpha, beta, side, horizon, alike)
    states = family_states(family, rules)
    return [describe(differences, rules, state) for differences, state in zip(family, states, strict=True)]


def family_states(
    family: Sequence[Sequence[Known]], rules: Rules, *, stepwise: bool = True, declared: int | None = None
) -> list[State]:
    """What `decide_family` decides, without effects, intervals and e-values: quick enough after every episode.

    Args:
        family: As for `decide_family`.
        rules: Likewise.
        stepwise: Whether a decision loosens the level of the others, as in Holm's procedure. Without it every
            contrast among m has a share of 1 / m throughout (Bonferroni): then no decision depends on how far
            another contrast has been read, and none that was made can ever change.
        declared: How many contrasts the family has, where only some of them are given: those that these rules suit.
            Each then has its share of the whole family; only without steps.

    Returns:
        For each contrast the decision, the round that made it (for an open one the number of its worlds), and the
        levels at which it was made.
    """
    size = len(family)
    shares = size if declared is None else declared
    evidence = [Evidence(each, rules) for each in family]

    @cache
    def times(rejected: int) -> list[Times]:
        """When each claim about each contrast is made once so many others have been."""
        return [each.times(_share(shares, rejected, stepwise=stepwise)) for each in evidence]

    effects = _rounds(size, lambda k: [first_effect(each)[0] for each in times(k)])
    nulls = _rounds(size, lambda k: [each["no_effect"] for each in times(k)])
    return [
        state_of(
            rules,
            len(differences),
            _at_round(times(effect)[index], now),
            _at_round(times(null)[index], then),
            (_share(shares, effect, stepwise=stepwise), _share(shares, null, stepwise=stepwise)),
        )
        for index, (differences, (now, effect), (then, null)) in enumerate(zip(family, effects, nulls, strict=True))
    ]


def _share(size: int, rejected: int, *, stepwise: bool) -> float:
    return 1 / (size - rejected if stepwise else size)


def _at_round(times: Times, now: float) -> Times:
    """The same claims, made no earlier than in the round that made them."""
    return {claim: max(time, now) for claim, time in times.items()}


def _rounds(size: int, times: Callable[[int], list[float]]) -> list[tuple[float, int]]:
    """Holm in rounds: when each contrast is decided, and how many others had been, which sets its level."""
    decided: dict[int, tuple[float, int]] = {}
    now = 0.0
    for rejected in range(size):
        following = {index: max(time, now) for index, time in enumerate(times(rejected)) if index not in decided}
        index = min(following, key=lambda each: following[each])
        if following[index] == math.inf:
            break
        now = following[index]
        decided[index] = (now, rejected)
    return [decided.get(index, (math.inf, min(len(decided), size - 1))) for index in range(size)]
