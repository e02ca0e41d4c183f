"""Mean differences with worlds as units: Student's t, sign flips, and scores."""

import math
from collections.abc import Callable
from itertools import product
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerwatch.stats import EffectTest, _scores, paired_difference, paired_flips, paired_mean, score_difference
from peerwatch.stats._libraries import scipy_stats

Pairs = list[tuple[float, float]]

scores = st.integers(0, 400).map(lambda quarter: quarter / 4)
score_pairs = st.lists(st.tuples(scores, scores), min_size=1, max_size=12)

# R, datasets::sleep (Student 1908): extra sleep of ten patients with two drugs.
SLEEP: Pairs = list(
    zip(
        (0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0),
        (1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4),
        strict=True,
    )
)
# R, ?wilcox.test: Hamilton depression scale factor of nine patients, Hollander & Wolfe (1973), p. 29.
DEPRESSION: Pairs = list(
    zip(
        (1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30),
        (0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29),
        strict=True,
    )
)


def everything(pairs: Pairs) -> list[EffectTest]:
    both = score_difference(pairs)
    return [paired_mean(pairs), paired_flips(pairs), both.mean, both.typical]


def numbers(found: EffectTest) -> tuple[float, float, float, float]:
    return found.effect, found.low, found.high, found.p


def test_the_mean_is_r_paired_t_test_on_students_sleep_data() -> None:
    # t.test(extra ~ group, data = sleep, paired = TRUE), R's help page: p = 0.002833, limits as below.
    found = paired_mean(SLEEP)
    assert found.effect == pytest.approx(-1.58)
    assert found.low == pytest.approx(-2.4598858, abs=5e-8)
    assert found.high == pytest.approx(-0.7001142, abs=5e-8)
    assert found.p == pytest.approx(0.002833, abs=5e-7)


def test_the_typical_difference_is_hollander_and_wolfes() -> None:
    # Their estimate is 0.46 with the 96.1 % interval (0.010, 0.786); R gives V = 40 and one-sided p = 0.01953.
    found = score_difference(DEPRESSION, confidence=0.9609).typical
    assert found.effect == pytest.approx(0.46)
    assert (found.low, found.high) == (pytest.approx(0.010), pytest.approx(0.786))
    assert found.p == pytest.approx(2 * 0.01953125)


@settings(deadline=None)
@given(score_pairs)
def test_an_effect_lies_in_its_interval_and_order_does_not_matter(pairs: Pairs) -> None:
    for found, again in zip(everything(pairs), everything(pairs[::-1]), strict=True):
        assert found.low <= found.effect <= found.high
        assert 0 <= found.p <= 1
        assert found.p >= found.smallest_p * (1 - 1e-9)
        assert numbers(again) == pytest.approx(numbers(found), abs=1e-9)


@settings(deadline=None)
@given(score_pairs)
def test_swapping_the_sides_turns_everything_round(pairs: Pairs) -> None:
    swapped = everything([(second, first) for first, second in pairs])
    for found, other in zip(everything(pairs), swapped, strict=True):
        assert numbers(other) == pytest.approx((-found.effect, -found.high, -found.low, found.p), abs=1e-9)


@settings(deadline=None)
@given(score_pairs, st.integers(-20, 20))
def test_a_shift_of_one_side_shifts_the_limits(pairs: Pairs, shift: int) -> None:
    shifted = everything([(first + shift, second) for first, second in pairs])
    for found, other in zip(everything(pairs), shifted, strict=True):
        assert other.effect == pytest.approx(found.effect + shift, abs=1e-9)
        assert other.low == pytest.approx(found.low + shift, abs=1e-9)
        assert other.high == pytest.approx(found.high + shift, abs=1e-9)


@settings(deadline=None)
@given(st.lists(st.tuples(scores, scores), min_size=2, max_size=9))
def test_flips_are_counted_one_by_one(pairs: Pairs) -> None:
    differences = [first - second for first, second in pairs]
    observed = abs(sum(differences))
    flipped = [abs(sum(map(math.prod, zip(differences, signs, strict=True)))) for signs in signs_of(len(pairs))]
    share = sum(total >= observed - 1e-9 for total in flipped) / len(flipped)
    assert paired_flips(pairs).p == pytest.approx(share)


def signs_of(worlds: int) -> list[tuple[int, ...]]:
    return list(product((1, -1), repeat=worlds))


@settings(deadline=None)
@given(score_pairs)
def test_flips_interval_holds_exactly_the_shifts_that_are_not_rejected(pairs: Pairs) -> None:
    found = paired_flips(pairs)
    assert (found.p <= 0.05) == (not found.low <= 0 <= found.high)
    if not found.reachable:
        return
    gap = 1e-6
    for limit, inside in ((found.low, gap), (found.high, -gap)):
        assert paired_flips([(first - limit - inside, second) for first, second in pairs]).p > 0.05 or (
            found.low + gap > found.high - gap
        )
        assert paired_flips([(first - limit + inside, second) for first, second in pairs]).p <= 0.05


def test_many_worlds_agree_with_scipys_permutation_test() -> None:
    rng = np.random.default_rng(11)
    pairs: Pairs = [(float(first), 0.0) for first in rng.normal(0.35, 1, size=40)]
    found = paired_flips(pairs)
    other = scipy_stats().permutation_test(
        (np.array([first for first, _ in pairs]),),
        np.mean,
        permutation_type="samples",
        n_resamples=40_000,
        rng=np.random.default_rng(5),
    )
    assert found.p == pytest.approx(float(other.pvalue), abs=0.008)
    assert found == paired_flips(pairs)
    assert found.low == pytest.approx(paired_mean(pairs).low, abs=0.05)
    assert found.smallest_p == 2 / 2**16


@pytest.mark.parametrize("worlds", [1, 2, 5])
def test_too_few_worlds_say_that_they_cannot_reach_the_level(worlds: int) -> None:
    pairs: Pairs = [(1.0 + world / 10, 0.0) for world in range(worlds)]
    found = paired_flips(pairs, bounds=(-2, 2))
    assert not found.reachable
    assert found.p == found.smallest_p == 2 ** (1 - worlds)
    assert (found.low, found.high) == (-2, 2)
    assert not score_difference(pairs).typical.reachable
    assert score_difference(pairs).typical.low == -math.inf
    six: Pairs = [(1.0 + world / 10, 0.0) for world in range(6)]
    assert paired_flips(six).reachable
    assert paired_flips(six).p == 2 / 64


def test_worlds_without_spread_are_no_estimate_of_it() -> None:
    found = paired_mean([(1.0, 0.0)] * 8, bounds=(-1, 1))
    assert (found.effect, found.low, found.high, found.p) == (1, -1, 1, 1)
    assert not found.reachable
    assert paired_flips([(1.0, 0.0)] * 8).p == 2 / 2**8
    for result in everything([(3.0, 3.0)] * 7):
        assert result.effect == 0
        assert result.p == 1


def test_no_world_is_not_measured() -> None:
    for found in everything([]):
        assert all(math.isnan(number) for number in numbers(found))
        assert found.n == 0


@pytest.mark.parametrize("function", [paired_mean, paired_flips, score_difference])
@pytest.mark.parametrize(
    ("pairs", "message"), [([(math.nan, 1.0)], "finite"), ([(math.inf, 1.0)], "finite"), ([(3.0, 1.0)], "must lie in")]
)
def test_worlds_that_lack_a_side_or_cannot_be_are_refused(
    function: Callable[..., object], pairs: Pairs, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        function(pairs, bounds=(-1, 1))


def test_ties_and_zeros_give_pratts_exact_p() -> None:
    # Ranks of |d| with zeros ranked: 0, 0 -> 1.5 each; 1, 1 -> 3.5 each; 2 -> 5; 3 -> 6; 4 -> 7. Enumerated by hand
    # over the five signs: the positive ranks sum to 25 of 25, which one flip of 32 reaches on either side.
    pairs: Pairs = [(0, 0), (0, 0), (1, 0), (1, 0), (2, 0), (3, 0), (4, 0)]
    assert score_difference(pairs).typical.p == pytest.approx(2 / 32)


@settings(deadline=None)
@given(st.sets(st.integers(-60, 60).filter(bool), min_size=1, max_size=30))
def test_without_ties_the_p_value_is_scipys_exact_one(differences: set[int]) -> None:
    plain = {abs(difference): difference for difference in differences}.values()
    found = score_difference([(difference, 0) for difference in plain]).typical
    assert found.p == pytest.approx(float(scipy_stats().wilcoxon(list(plain), method="exact").pvalue))


def test_with_ties_the_p_value_is_scipys_over_all_flips() -> None:
    differences = (0, 0, 5, -5, 5, 2.5, 10, 10, -2.5)
    method = scipy_stats().PermutationMethod(n_resamples=2**9)
    other = scipy_stats().wilcoxon(differences, zero_method="pratt", method=method)
    found = score_difference([(difference, 0) for difference in differences]).typical
    assert found.p == pytest.approx(float(other.pvalue))


def simulate(kind: str, worlds: int, rng: np.random.Generator) -> Pairs:
    """Differences with the true mean 0.2: worlds differ, and three epochs of each are averaged."""
    if kind == "normal":
        values = 0.2 + rng.normal(0, 0.5, worlds) + rng.normal(0, 0.5, (3, worlds)).mean(axis=0)
    else:
        propensity = rng.beta(2, 2, size=(2, worlds))
        first = rng.binomial(3, 0.2 + 0.8 * propensity[0], worlds) / 3
        values = first - rng.binomial(3, 0.4 * propensity[1] + 0.2, worlds) / 3
    return [(float(value), 0.0) for value in values]


@pytest.mark.parametrize("worlds", [6, 8, 12])
@pytest.mark.parametrize("kind", ["normal", "rates"])
def test_intervals_cover_with_few_clusters(kind: str, worlds: int) -> None:
    rng = np.random.default_rng([worlds, len(kind)])
    repeats, by_t, by_flips = 600, 0, 0
    for _ in range(repeats):
        pairs = simulate(kind, worlds, rng)
        mean, flips = paired_mean(pairs), paired_flips(pairs)
        by_t += mean.low <= 0.2 <= mean.high
        by_flips += flips.low <= 0.2 <= flips.high
    # Nominal 95 %; 600 repeats leave a standard error of 0.9 points.
    assert by_t / repeats >= 0.93
    assert by_flips / repeats >= 0.93


def test_repeats_taken_for_worlds_would_cover_too_rarely() -> None:
    """The reason for worlds as units: three perfectly dependent repeats of each, counted as 24 worlds."""
    rng = np.random.default_rng(8)
    covered = 0
    for _ in range(300):
        found = paired_mean([pair for pair in simulate("normal", 8, rng) for _ in range(3)])
        covered += found.low <= 0.2 <= found.high
    assert covered / 300 < 0.85


@pytest.mark.parametrize("worlds", [6, 9])
def test_flips_hold_their_level(worlds: int) -> None:
    rng = np.random.default_rng(worlds)
    rejected = sum(
        paired_flips([(float(a), float(b)) for a, b in rng.binomial(4, 0.3, (worlds, 2)) / 4]).p <= 0.05
        for _ in range(800)
    )
    assert rejected / 800 <= 0.065


def test_rare_rates_need_newcombes_interval_beside_the_flips() -> None:
    """At 5 % against 0 differences are far from symmetric, and the inverted test covers too rarely."""
    rng = np.random.default_rng(4)
    inverted = beside = 0
    for _ in range(300):
        pairs: Pairs = [(float(count) / 3, 0.0) for count in rng.binomial(3, 0.05, 10)]
        plain, newcombe = paired_flips(pairs), paired_flips(pairs, interval="newcombe")
        assert (plain.p, plain.smallest_p) == (newcombe.p, newcombe.smallest_p)
        inverted += plain.low <= 0.05 <= plain.high
        beside += newcombe.low <= 0.05 <= newcombe.high
    assert inverted / 300 < 0.9
    assert beside / 300 >= 0.95
    found, same = (
        paired_flips([(1.0, 0.5), (0.5, 0.5)], interval="newcombe"),
        paired_difference([(1.0, 0.5), (0.5, 0.5)]),
    )
    assert (found.effect, found.low, found.high) == (same.value, same.low, same.high)
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        paired_flips([(30.0, 20.0)], interval="newcombe")


def test_flips_of_many_worlds_are_exact_where_differences_have_a_common_step() -> None:
    rng = np.random.default_rng(3)
    for epochs, worlds in ((1, 40), (3, 30), (10, 25)):
        steps = rng.integers(-epochs // 2, epochs + 1, worlds)
        found = paired_flips([(float(each) / epochs, 0.0) for each in steps])
        chances = {0: 1.0}
        for step in np.abs(steps).tolist():
            wider: dict[int, float] = {}
            for total, chance in chances.items():
                for turned in (total - step, total + step):
                    wider[turned] = wider.get(turned, 0.0) + chance / 2
            chances = wider
        wanted = sum(chance for total, chance in chances.items() if abs(total) >= abs(int(steps.sum())))
        assert found.p == pytest.approx(wanted, rel=1e-6)
        assert found.smallest_p == 2.0 ** (1 - worlds)


def test_wilcoxons_p_value_goes_on_without_a_step_where_it_is_approximated(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    for shift in (0.0, 0.1, 0.2):
        pairs = [(round(float(each), 1), 0.0) for each in rng.normal(shift, 1, 300)]
        exact = score_difference(pairs).typical
        with monkeypatch.context() as changed:
            changed.setattr(_scores, "MOST_EXACT", 10)
            near = score_difference(pairs).typical
        assert near.p == pytest.approx(exact.p, rel=0.001)
        assert (near.low, near.high) == (exact.low, exact.high)


def test_two_thousand_worlds_take_less_than_two_seconds() -> None:
    scores = np.random.default_rng(5).normal(0, 10, 2_000).clip(-90, 90)
    began = process_time()
    found = score_difference([(float(each), 0.0) for each in scores], bounds=(-100, 100))
    # Twice the time that is promised: the machine may be busy.
    assert process_time() - began < 4
    assert found.typical.low < 0 < found.typical.high
