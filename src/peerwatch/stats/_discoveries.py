"""Sequential decisions on many contrasts with control of the false discovery rate (e-BH)."""

import math
from collections.abc import Sequence

import numpy as np

from peerwatch.stats._betting import bets_of, running_log_capital
from peerwatch.stats._differences import Known, Numbers, limits
from peerwatch.stats._stopping import DecisionKind, Rules, State, whole_rounds


def e_bh(e_values: Sequence[float], alpha: float = 0.05) -> list[bool]:
    """Reject hypotheses with a false discovery rate of at most `alpha`.

    Of m hypotheses the k with the largest e-values are rejected, for the largest k such that each of these is at least
    m / (k alpha). This is valid under any dependence between the e-values.

    Args:
        e_values: One per hypothesis, at least 0; 1 for one that was not measured.
        alpha: The false discovery rate, strictly between 0 and 1.

    Returns:
        Whether each is rejected, in the order given.

    Raises:
        ValueError: If `alpha` is out of range.

    Source: Wang, R. and Ramdas, A. (2022), J. R. Stat. Soc. B 84:822-852.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must lie strictly between 0 and 1, got {alpha}")
    size = len(e_values)
    ordered = sorted(e_values, reverse=True)
    # The largest k whose k-th largest e-value is at least m / (k alpha).
    count = max((k for k in range(1, size + 1) if ordered[k - 1] >= size / (k * alpha)), default=0)
    return [count > 0 and e >= size / (count * alpha) for e in e_values]


def discovery_states(family: Sequence[Sequence[Known]], rules: Rules) -> list[State]:
    """Decide the contrasts of a family by e-BH in rounds: round t reads the first t worlds of each.

    A rejected contrast stops with its current e-value, which is valid at any stopping time, so e-BH holds after every
    round. Claims of a difference and of no effect are counted separately. Limits are at the share of the level that
    e-BH gives to rejected hypotheses.

    Args:
        family: As for `decide_family`; a contrast without worlds still counts.
        rules: Without a horizon: exact limits give no e-values.

    Returns:
        For each contrast the decision, the round that made it and the levels of its limits.

    Raises:
        ValueError: If there is a horizon.

    Source: as `e_bh`; for the limits Xu, Z., Wang, R. and Ramdas, A. (2024), Electron. J. Stat. 18:2292-2325.
    """
    if rules.horizon is not None:
        raise ValueError("false discoveries are bounded by e-values, which limits with a horizon do not give")
    read = [whole_rounds(each, rules.strata) for each in family]
    found = [_evidence(each, rules) for each in read]
    effects = _rounds([np.maximum(more, less) for more, less, _ in found], rules.alpha, rules.strata)
    nulls = _rounds([none for _, _, none in found], rules.beta, rules.strata)
    share, null_share = (max(sum(map(math.isfinite, each)), 1) / max(len(family), 1) for each in (effects, nulls))
    states: list[State] = []
    for worlds, (more, less, _), effect, null in zip(read, found, effects, nulls, strict=True):
        if min(effect, null) == math.inf:
            states.append(State("open", len(worlds), rules.levels(share, null_share)))
        elif null < effect:
            states.append(State("no_effect", int(null), rules.levels(share, null_share, "no_effect")))
        else:
            at = int(effect)
            kind: DecisionKind = "more" if more[at] >= less[at] else "less"
            states.append(State(kind, at, rules.levels(share, null_share, kind)))
    return states


def _evidence(values: Sequence[Known], rules: Rules) -> tuple[Numbers, Numbers, Numbers]:
    """Log e-values of "more", "less" and "no effect" after 0, 1, ... worlds."""
    lows, highs = limits(values)
    bets, margin = bets_of(rules.strata), rules.smallest_effect
    more, none = running_log_capital(lows, 0.0, bets), running_log_capital(-highs, -margin, bets)
    if rules.side == "more":
        return more, np.full(len(more), -math.inf), none
    # Half of each, so that together they form one e-value.
    less = running_log_capital(-highs, 0.0, bets) - math.log(2)
    return more - math.log(2), less, np.minimum(none, running_log_capital(lows, -margin, bets))


def _rounds(evidence: Sequence[Numbers], level: float, step: int) -> list[float]:
    """The round that rejects each hypothesis; infinity if none does."""
    size, found = len(evidence), [math.inf] * len(evidence)
    for now in range(0, max(map(len, evidence), default=0), step):
        count = sum(map(math.isfinite, found))
        left = {n: float(each[min(now, len(each) - 1)]) for n, each in enumerate(evidence) if found[n] == math.inf}
        for k in range(size, count, -1):
            # Contrasts rejected in earlier rounds count among the k.
            reached = [n for n, e in left.items() if e >= math.log(size / (k * level)) - 1e-12]
            if count + len(reached) >= k:
                for n in reached:
                    found[n] = float(min(now, len(evidence[n]) - 1))
                break
    return found
