"""Sequential decisions on several contrasts with family-wise error control."""

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
    """Decide a declared family of contrasts with one level for false differences and one for false nulls.

    Holm's procedure on anytime p-values. Round t reads the first t worlds of every contrast (all of them if it has
    fewer). A contrast among m that has reached the limit of level alpha / m is decided; the others may then use alpha /
    (m - 1), and so on. "no_effect" is counted separately at level `beta`, since the two kinds of claim have separate
    error levels. Decisions are final. Holm only requires valid p-values under any dependence; an anytime p-value is
    valid at any stopping time, so contrasts may stop at different times.

    With two sides a contrast spends half its level on each direction and counts once.

    Args:
        family: The differences of each declared contrast, as for `decide`. A contrast without any still counts: if the
            family shrank with episodes that failed to run, failures would loosen the level of the others.
        smallest_effect: As for `decide`.
        alpha: Maximum probability of any false "more" or "less" in the family.
        beta: Maximum probability of any false "no_effect" in the family.
        side: As for `decide`.
        horizon: As for `decide`.
        alike: As for `decide`.

    Returns:
        One decision for each contrast, in the given order. `worlds` is the round that decided it, or the number of
        worlds of the contrast if that is smaller.

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
    """Return the decisions of `decide_family` without effects, intervals and e-values: fast enough after every episode.

    Args:
        family: As for `decide_family`.
        rules: Likewise.
        stepwise: Whether a decision loosens the level of the others, as in Holm's procedure. Without it every contrast
            among m has a share of 1 / m throughout (Bonferroni): then no decision depends on how far another contrast
            has been read, and decisions never change.
        declared: Number of contrasts in the family, if only those to which these rules apply are given. Each then has
            its share of the whole family; only without `stepwise`.

    Returns:
        For each contrast the decision, the round that made it (for an open one the number of its worlds), and its
        levels.
    """
    size = len(family)
    shares = size if declared is None else declared
    evidence = [Evidence(each, rules) for each in family]

    @cache
    def times(rejected: int) -> list[Times]:
        """When each claim about each contrast is made, given the number of earlier rejections."""
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
    """The same claims, moved to the current round if they would have been made earlier."""
    return {claim: max(time, now) for claim, time in times.items()}


def _rounds(size: int, times: Callable[[int], list[float]]) -> list[tuple[float, int]]:
    """Holm in rounds: when each contrast is decided, and the number of earlier rejections, which sets its level."""
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
