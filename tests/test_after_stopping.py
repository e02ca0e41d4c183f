"""Estimates after stopping, held against the exact distribution of all ways to stop."""

import math
from collections.abc import Iterator

import numpy as np
import pytest

from peerwatch.stats import DecisionKind, Levels, Rules, State, after_stopping, decide
from peerwatch.stats._after_stopping import _both_levels  # pyright: ignore[reportPrivateUsage] - what it undoes is private
from peerwatch.stats._stopping import Evidence, bar_of

MOST = 24


def ends(one: float, minus: float, rules: Rules) -> Iterator[tuple[float, list[float], State]]:
    """Every way in which a study can end, with its probability: worlds in the order of a walk over counts.

    Whether a study goes on depends on the counts alone, so each count that is reached is kept once.
    """
    reached = {(0, 0, 0): 1.0}
    for t in range(1, MOST + 1):
        grown: dict[tuple[int, int, int], float] = {}
        for (_, a, b), chance in reached.items():
            for da, db, p in ((1, 0, one), (0, 1, minus), (0, 0, 1 - one - minus)):
                if p:
                    key = (t, a + da, b + db)
                    grown[key] = grown.get(key, 0.0) + chance * p
        reached = {}
        for (_, a, b), chance in grown.items():
            values = [0.0] * (t - a - b) + [1.0] * a + [-1.0] * b
            kind = _kind(a, b, t, rules)
            if kind != "open" or t == MOST:
                levels = rules.levels(kind=kind)
                yield chance, values, State(kind, t, levels)
            else:
                reached[t, a, b] = chance


def _kind(a: int, b: int, t: int, rules: Rules) -> DecisionKind:
    """What the counts come to at this world; earlier ones are known to have decided nothing."""
    values = [0.0] * (t - a - b) + [1.0] * a + [-1.0] * b
    evidence = Evidence(values, rules)
    effect, null = rules.levels(kind="more"), rules.levels(kind="no_effect")
    last = {key: each[-1] for key, each in evidence._against.items()}  # pyright: ignore[reportPrivateUsage]
    if last["low", 0.0] >= bar_of(0.0, effect.low, rules):
        return "more"
    margin = -rules.smallest_effect
    if last["high", margin] >= bar_of(margin, null.high, rules):
        return "no_effect"
    return "open"


@pytest.mark.parametrize("horizon", [MOST, None])
@pytest.mark.parametrize(("one", "minus"), [(0.3, 0.05), (0.5, 0.1), (0.2, 0.2)])
def test_it_is_too_high_as_often_as_too_low_and_less_biased(one: float, minus: float, horizon: int | None) -> None:
    rules = Rules(smallest_effect=0.4, side="more", horizon=horizon)
    truth, above, below = one - minus, 0.0, 0.0
    naive_bias = bias = decided = 0.0
    for chance, values, state in ends(one, minus, rules):
        found = after_stopping(values, rules, state, MOST)
        assert not math.isnan(found.value)
        assert found.naive == pytest.approx(np.mean(values))
        above += chance * (found.value > truth)
        below += chance * (found.value < truth)
        if state.kind == "more":
            decided += chance
            naive_bias += chance * (found.naive - truth)
            bias += chance * (found.value - truth)
    # Results are discrete, so neither side can be one half exactly.
    assert above == pytest.approx(0.5, abs=0.12)
    assert below == pytest.approx(0.5, abs=0.12)
    if truth > 0:
        assert naive_bias / decided > 0.03
        assert bias < naive_bias


def test_worlds_after_the_decision_are_averaged_in() -> None:
    rules = Rules(horizon=40)
    values = [1.0] * 8
    state = State("more", len(values), Levels(0.05, 0.05))
    alone, more = (after_stopping([*values, *later], rules, state, 40) for later in ([], [0.0, 1.0, (-1.0, 1.0), 0.0]))
    assert alone.later == 0
    assert more.later == 3
    assert 0 < more.at_decision < 1
    assert more.value == pytest.approx((8 * more.at_decision + 1) / 11)


def test_a_claim_of_more_is_moved_towards_zero() -> None:
    rng = np.random.default_rng(1)
    rules = Rules(horizon=40)
    for _ in range(40):
        values = [float(each) for each in rng.choice([1.0, 0.0, -1.0], 40, p=[0.4, 0.5, 0.1])]
        decision = decide(values, horizon=40)
        if decision.kind == "more" and decision.worlds < 20:
            state = State("more", decision.worlds, decision.levels)
            found = after_stopping(values[: decision.worlds], rules, state, 40)
            assert found.value < found.naive


@pytest.mark.parametrize(
    ("values", "rules", "state"),
    [
        ([0.5] * 10, Rules(), State("more", 10, Levels(0.05, 0.05))),
        ([1.0, (-1.0, 1.0), 1.0], Rules(horizon=40), State("more", 3, Levels(0.05, 0.05))),
        ([1.0] * 4, Rules(horizon=40), State("open", 4, Levels(0.05, 0.05))),
        ([1.0] * 4, Rules(strata=2), State("more", 4, Levels(0.05, 0.05))),
        ([], Rules(), State("open", 0, Levels(0.05, 0.05))),
    ],
)
def test_where_it_cannot_be_computed_it_is_nan(values: list[float], rules: Rules, state: State) -> None:
    assert math.isnan(after_stopping(values, rules, state, 40).value)


@pytest.mark.parametrize("kind", ["more", "less", "no_effect", "open"])
def test_the_levels_of_both_claims_follow_from_those_of_the_limits(kind: DecisionKind) -> None:
    for rules in (Rules(side="two", beta=0.01), Rules(side="two", beta=0.2), Rules(beta=0.1)):
        for share in (1.0, 0.125):
            effect, null = rules.levels(share, kind="more"), rules.levels(share, kind="no_effect")
            found = _both_levels(rules, State(kind, 5, rules.levels(share, kind=kind)))
            assert found == pytest.approx((effect.low, null.high))
