import itertools
import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerwatch.stats import GAP, DecisionKind, Known, Rules, decide, decide_family, decide_fixed, family_states
from peerwatch.stats._betting import ANY_TIME, running_log_capital
from peerwatch.stats._differences import limits
from peerwatch.stats._fixed_design import margin_region, sign_region
from peerwatch.stats._horizon import capital_tables, course, limit, regions, scores

signs = st.sampled_from([-1.0, 0.0, 1.0])
HORIZONS = [None, 60]


@pytest.mark.parametrize("horizon", HORIZONS)
@pytest.mark.parametrize(
    ("values", "one_sided", "two_sided"),
    [
        ([1.0] * 12, "more", "more"),
        ([-1.0] * 12, "no_effect", "less"),
        ([0.0] * 60, "no_effect", "no_effect"),
        ([1.0, -1.0] * 20, "open", "open"),
        ([], "open", "open"),
    ],
)
def test_what_is_plain_is_decided(
    values: list[float], one_sided: DecisionKind, two_sided: DecisionKind, horizon: int | None
) -> None:
    assert decide(values, horizon=horizon).kind == one_sided
    assert decide(values, side="two", horizon=horizon).kind == two_sided


@settings(deadline=None)
@given(st.lists(signs, max_size=60), st.lists(signs, max_size=20), st.sampled_from(HORIZONS))
def test_a_decision_stays(values: list[float], later: list[float], horizon: int | None) -> None:
    before, after = decide(values, horizon=horizon), decide([*values, *later], horizon=horizon)
    if before.kind != "open":
        assert (after.kind, after.worlds) == (before.kind, before.worlds)
        again = decide(values[: before.worlds], horizon=horizon)
        assert (again.kind, again.read) == (before.kind, before.worlds)
        assert decide(values[: before.worlds - 1], horizon=horizon).kind == "open"


@settings(deadline=None)
@given(st.lists(st.tuples(signs, st.booleans()), max_size=60), st.sampled_from(HORIZONS))
def test_a_missing_episode_never_helps(worlds: list[tuple[float, bool]], horizon: int | None) -> None:
    whole = decide([value for value, _ in worlds], horizon=horizon)
    holes: list[Known] = [GAP if lost else value for value, lost in worlds]
    found = decide(holes, horizon=horizon)
    # With a gap "no effect" may come too late to forestall a later "more", so only the first world is compared.
    assert found.kind == "open" or whole.kind != "open"
    if found.kind != "open":
        assert found.worlds >= whole.worlds


def test_gaps_alone_decide_nothing() -> None:
    assert decide([GAP] * 60, side="two", horizon=60).kind == "open"
    assert math.isnan(decide([GAP] * 60).effect)


def test_a_decision_carries_its_numbers() -> None:
    found = decide([1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0], horizon=100)
    assert (found.read, found.horizon, found.effect) == (7, 100, pytest.approx(6 / 7))
    assert found.low <= found.effect <= found.high
    assert found.e_more > 20 > 1 > found.e_less


def test_means_over_epochs_need_no_horizon() -> None:
    assert decide([0.5] * 30).kind == "more"
    with pytest.raises(ValueError, match="one episode a side"):
        decide([0.5] * 30, horizon=60)


@pytest.mark.parametrize(
    "wrong",
    [{"alpha": 0.0}, {"beta": 1.0}, {"smallest_effect": 0.0}, {"horizon": 0}, {"horizon": 10_000}, {"side": "less"}],
)
def test_rules_that_are_none_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        decide([0.0], **wrong)  # pyright: ignore[reportArgumentType] - what is tested is a wrong argument


NUISANCE = np.linspace(0, 1, 83)


@pytest.mark.parametrize("null", [0.0, -0.1])
@pytest.mark.parametrize(("horizon", "level"), [(40, 0.01), (40, 0.05), (100, 0.05)])
def test_exact_limits_keep_their_level(horizon: int, level: float, null: float) -> None:
    """For every share of discordant worlds, also between the points of the grid on which the limit was sought."""
    ones = np.concatenate([NUISANCE, NUISANCE[1] * NUISANCE]) * (1 + null) / 2
    error = course(ones, ones - null, [regions(level, null, horizon)])[0].max()
    assert 0.7 * level < error <= level
    # Ville's limit is the only other one that holds; ours is lower.
    assert limit(level, null, horizon) < math.log(1 / level) - 0.5


def test_the_recursion_against_all_sequences() -> None:
    """Every one of 3^7 studies, with its probability."""
    plus, minus, horizon = 0.3, 0.2, 7
    end = regions(0.2, 0.0, horizon)
    reached, worlds = 0.0, 0.0
    for study in itertools.product((1, -1, 0), repeat=horizon):
        chance = math.prod(plus if d > 0 else minus if d < 0 else 1 - plus - minus for d in study)
        states = [(t, study[:t].count(1), study[:t].count(-1)) for t in range(1, horizon + 1)]
        stop = next((t for t, a, b in states if end[t][a, b]), None)
        reached += chance * (stop is not None)
        worlds += chance * (stop or horizon)
    found = course(np.array([plus]), np.array([minus]), [end])[:, 0]
    assert found == pytest.approx([reached, worlds])
    assert reached > 0.05


@settings(deadline=None)
@given(st.lists(signs, max_size=40))
def test_limits_by_counts_are_those_of_decide(values: list[float]) -> None:
    more, none = regions(0.05, 0.0, 40), regions(0.05, -0.1, 40)
    kind: DecisionKind = "open"
    for t in range(1, len(values) + 1):
        ones, minus = values[:t].count(1.0), values[:t].count(-1.0)
        kind = "more" if more[t][ones, minus] else "no_effect" if none[t][minus, ones] else "open"
        if kind != "open":
            break
    assert decide(values, horizon=40).kind == kind


@given(st.lists(signs, min_size=1, max_size=30), st.integers(0, 29), st.sampled_from([0.0, -0.1]))
def test_evidence_rises_with_every_value(values: list[float], index: int, null: float) -> None:
    """What makes the bounds of gaps, and the worst case of the exact limits, what they are."""
    raised = values[:]
    raised[index % len(values)] = 1.0
    assert (scores(np.array(raised), null, 40) >= scores(np.array(values), null, 40) - 1e-9).all()


def family_of(rng: random.Random, size: int) -> list[list[Known]]:
    return [[float(rng.random() < 0.5) - float(rng.random() < 0.5) for _ in range(40)] for _ in range(size)]


@pytest.mark.parametrize("horizon", HORIZONS)
def test_a_family_of_one_is_a_contrast(horizon: int | None) -> None:
    for values in ([1.0] * 12, [0.0] * 60, [1.0, -1.0] * 30, [0.0, 1.0] * 30):
        assert decide_family([values], horizon=horizon) == [decide(values, horizon=horizon)]
    assert decide_family([]) == []


def test_a_decided_contrast_loosens_the_level_of_the_others() -> None:
    strong, weak = [1.0] * 60, [1.0] * 5 + [0.0] * 3 + [1.0] * 5
    alone = decide(weak).worlds
    with_open = decide_family([weak, [], []])[0]
    with_strong = decide_family([weak, strong, strong])[0]
    assert alone < with_strong.worlds <= with_open.worlds or with_open.kind == "open"
    assert [each.kind for each in decide_family([strong, [], [0.0] * 60])] == ["more", "open", "no_effect"]


def test_a_family_finds_both_directions() -> None:
    found = decide_family([[1.0] * 20, [-1.0] * 20, [0.0] * 80], side="two")
    assert [each.kind for each in found] == ["more", "less", "no_effect"]


def test_a_family_makes_its_first_claim_at_its_own_level() -> None:
    """Without effects a family errs when its first claim is made, which takes one contrast at level alpha / 6."""
    rng = random.Random(5)  # noqa: S311
    wrong: list[bool] = []
    for _ in range(100):
        family = family_of(rng, 6)
        capital = [running_log_capital(limits(each)[0], 0.0).max() for each in family]
        wrong.append(any(each.kind == "more" for each in decide_family(family)))
        assert wrong[-1] == (max(capital) >= math.log(6 * 20))
    assert any(wrong)


@pytest.mark.parametrize("size", [2, 6, 20])
@pytest.mark.parametrize("share", [0.05, 0.25, 0.5])
def test_the_first_claim_of_a_family_keeps_the_level(size: int, share: float) -> None:
    """Exactly, for independent contrasts of 60 worlds: with Holm's first level, and without, which is too often."""

    def error(level: float) -> float:
        end = [each >= -math.log(level) - 1e-9 for each in capital_tables(0.0, 60, ANY_TIME)]
        single = course(np.array([share]), np.array([share]), [end])[0, 0]
        return float(1 - (1 - single) ** size)

    assert error(0.05 / size) <= 0.05
    if size == 20:
        assert error(0.05) > 0.05


def test_the_fixed_design_decides_once() -> None:
    assert decide_fixed([1.0] * 5 + [0.0] * 95) == "more"
    assert decide_fixed([1.0] * 4 + [0.0] * 96) == "no_effect"
    assert decide_fixed([-1.0] * 6 + [0.0] * 94, side="two") == "less"
    assert decide_fixed([1.0, -1.0] * 25) == "open"
    assert decide_fixed([]) == "open"
    assert decide_fixed([GAP] * 100) == "open"
    with pytest.raises(ValueError, match="one episode a side"):
        decide_fixed([0.5])


def test_the_fixed_design_keeps_its_levels() -> None:
    never = [np.zeros((t + 1, t + 1), dtype=np.bool_) for t in range(50)]
    for region, null in ((sign_region(50, 0.05), 0.0), (margin_region(50, -0.1, 0.05), -0.1)):
        ones = NUISANCE * (1 + null) / 2
        error = course(ones, ones - null, [[*never, region]])[0].max()
        assert 0.03 < error <= 0.0502


def test_without_minus_ones_the_fixed_margin_is_binomial() -> None:
    """Of 100 worlds at most k ones and no minus one: at a rate of 0.1 that has the binomial probability."""
    tail = [math.fsum(math.comb(100, i) * 0.1**i * 0.9 ** (100 - i) for i in range(k + 1)) for k in range(8)]
    region = margin_region(100, -0.1, 0.05)
    assert [bool(region[0, k]) for k in range(8)] == [p <= 0.05 for p in tail]


def test_without_steps_no_decision_depends_on_how_far_another_contrast_was_read() -> None:
    """With Holm's steps one could change: a contrast that is decided later loosens the level of all at once."""
    rng = random.Random(3)  # noqa: S311 - a simulation
    rules = Rules(side="two", smallest_effect=0.2)
    for _ in range(40):
        family = family_of(rng, 4)
        partly = [each[: rng.randint(0, len(each))] for each in family]
        before = family_states(partly, rules, stepwise=False)
        after = family_states(family, rules, stepwise=False)
        for old, new in zip(before, after, strict=True):
            assert old.kind == "open" or old == new
        alone = [family_states([each], Rules(0.2, 0.05 / 4, 0.05 / 4, "two"), stepwise=False)[0] for each in family]
        assert alone == after
