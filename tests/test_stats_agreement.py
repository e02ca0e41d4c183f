"""Agreement, weighted shares and corrected rates, against published values and other implementations."""

import math
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inspect_ai.scorer import SampleScore, Score, krippendorff_alpha

from peerwatch.stats import Share, allocate, alpha, corrected_rate, kappa, rate, share
from peerwatch.stats._libraries import inter_rater, scipy_stats

inter_rater()  # Loaded here, so that their seconds do not count for the first example's deadline.
scipy_stats()

SLOW = settings(max_examples=40, deadline=None)
"""For what takes milliseconds for each example, and more on a busy machine."""

said = st.sampled_from(["yes", "no"])
rated_pairs = st.lists(st.tuples(said, said), min_size=1, max_size=30)
shares = st.floats(0, 1)
weights = st.integers(1, 20).map(float)


def of(hits: int, n: int) -> Share:
    return share([number < hits for number in range(n)])


def known(value: float, n: int = 10**9) -> Share:
    """A share that is all but known."""
    return Share(value, value, value, n, n)


def chances(n: int, p: float) -> list[tuple[int, float]]:
    """How often each number of successes comes about, if it ever does."""
    found = [(k, math.comb(n, k) * p**k * (1 - p) ** (n - k)) for k in range(n + 1)]
    return [(k, chance) for k, chance in found if chance > 1e-4]


def table(rows: list[list[int]]) -> list[tuple[str, str]]:
    return [(str(i), str(j)) for i, row in enumerate(rows) for j, count in enumerate(row) for _ in range(count)]


def test_alpha_of_krippendorffs_four_observers() -> None:
    """Krippendorff (2011), section C: four observers, twelve units, values missing."""
    observers = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]
    units = [[value for value in unit if value != "."] for unit in zip(*observers, strict=True)]
    found = alpha(units)
    assert round(found.value, 3) == 0.743
    assert found.n == 11  # one unit has a single rating
    assert found.low < found.value < found.high


def test_alpha_of_krippendorffs_two_observers() -> None:
    """Krippendorff (2011), section A: binary, nothing missing."""
    assert round(alpha(list(zip("0100000010", "1110010000", strict=True))).value, 3) == 0.095


@SLOW
@given(st.lists(st.lists(st.sampled_from("abc"), min_size=0, max_size=4), min_size=1, max_size=15))
def test_alpha_is_inspects_where_there_is_variation(units: list[list[str]]) -> None:
    metric = krippendorff_alpha("nominal")
    scores = [SampleScore(score=Score(value=cast("list[str | int | float | bool]", unit))) for unit in units]
    expected = cast("float", metric(scores))  # pyright: ignore[reportCallIssue, reportArgumentType] - one of two protocols
    found = alpha(units, resamples=10)
    rated = [unit for unit in units if len(unit) > 1]
    if len({value for unit in rated for value in unit}) < 2:
        assert math.isnan(found.value)
    else:
        assert found.value == pytest.approx(expected)
    assert found.n == len(rated)


@SLOW
@given(st.lists(st.tuples(said, said), min_size=1, max_size=12), st.integers(2, 4))
def test_a_weight_scales_like_so_many_units(pairs: list[tuple[str, str]], times: int) -> None:
    """Observed and expected disagreement are those of repeated units; only the small-sample factor differs."""
    weighted = alpha([*pairs, ("yes", "no")], [1.0] * len(pairs) + [float(times)], resamples=10)
    repeated = alpha([*pairs, *[("yes", "no")] * times], resamples=10)

    def ratio(found: float, units: int) -> float:
        return (1 - found) / (2 * units - 1)

    assert ratio(weighted.value, len(pairs) + 1) * 2 * (len(pairs) + 1) == pytest.approx(
        ratio(repeated.value, len(pairs) + times) * 2 * (len(pairs) + times)
    )


def test_a_rare_value_leaves_the_upper_limit_of_alpha_open() -> None:
    """A third of the resamples lack the only yes, and could show anything."""
    found = alpha([("yes", "no")] + [("no", "no")] * 59)
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert not math.isnan(found.value)


def test_kappa_of_two_dermatologists() -> None:
    """SAS/STAT's documentation of PROC FREQ, example on skin conditions: 0.3449, limits 0.2030 and 0.4868."""
    found = kappa(table([[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]]))
    assert [round(each, 4) for each in (found.value, found.low, found.high)] == [0.3449, 0.2030, 0.4868]
    assert found.n == 88


@SLOW
@given(rated_pairs)
def test_kappa_treats_both_raters_alike(pairs: list[tuple[str, str]]) -> None:
    found, turned = kappa(pairs), kappa([(second, first) for first, second in pairs])
    assert found.value == pytest.approx(turned.value, nan_ok=True)
    assert found.low == pytest.approx(turned.low, nan_ok=True)
    if not math.isnan(found.low):
        assert -1 <= found.low <= found.value <= found.high <= 1


@SLOW
@given(rated_pairs, st.integers(1, 9))
def test_equal_weights_change_nothing(pairs: list[tuple[str, str]], weight: int) -> None:
    given_weights = [float(weight)] * len(pairs)
    for plain, weighted in (
        (kappa(pairs), kappa(pairs, given_weights)),
        (alpha(pairs, resamples=50), alpha(pairs, given_weights, resamples=50)),
    ):
        assert weighted.value == pytest.approx(plain.value, nan_ok=True)
        assert weighted.low == pytest.approx(plain.low, nan_ok=True)
        assert weighted.high == pytest.approx(plain.high, nan_ok=True)


def test_full_agreement_says_nothing_of_the_precision() -> None:
    pairs = [("yes", "yes"), ("no", "no")] * 9
    for found in (kappa(pairs), alpha(pairs)):
        assert found.value == 1
        assert math.isnan(found.low)
        assert math.isnan(found.high)


@pytest.mark.parametrize("pairs", [[], [("no", "no")] * 5])
def test_without_variation_there_is_no_agreement_beyond_chance(pairs: list[tuple[str, str]]) -> None:
    assert math.isnan(kappa(pairs).value)
    assert math.isnan(alpha(pairs).value)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 5))
def test_an_equally_weighted_share_is_a_rate(hits: int, misses: int, weight: int) -> None:
    n = hits + misses
    found = share([True] * hits + [False] * misses, [float(weight)] * n)
    expected = rate(hits, n)
    for name in ("value", "low", "high", "n"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), nan_ok=True, abs=1e-12)


@given(st.lists(st.tuples(st.booleans(), weights), min_size=1, max_size=30), st.integers(2, 9))
def test_a_share_depends_on_ratios_of_weights_only(rows: list[tuple[bool, float]], scale: int) -> None:
    hits, given_weights = [hit for hit, _ in rows], [weight for _, weight in rows]
    found, scaled = share(hits, given_weights), share(hits, [scale * weight for weight in given_weights])
    assert found.value == pytest.approx(scaled.value)
    assert found.low == pytest.approx(scaled.low)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert 1 - 1e-9 <= found.effective <= found.n + 1e-9


def test_a_share_stands_for_the_units_that_its_weights_say() -> None:
    assert share([True, False], [3.0, 1.0]).value == 0.75
    assert math.isnan(share([]).value)


@pytest.mark.parametrize("bad", [[1.0], [1.0, 0.0], [1.0, math.nan], [1.0, math.inf]])
def test_weights_that_are_none_are_refused(bad: list[float]) -> None:
    for call in (lambda: share([True, False], bad), lambda: kappa([("a", "b")] * 2, bad)):
        with pytest.raises(ValueError, match="positive weight"):
            call()


@pytest.mark.parametrize(
    ("raw", "sensitivity", "specificity", "low", "high"),
    [
        (of(4060, 11284), of(178, 179), of(358, 359), 0.349, 0.372),
        (of(51, 2971), of(32, 33), of(20, 20), 0.0, 0.053),
    ],
)
def test_corrected_rates_of_lang_and_reiczigel(
    raw: Share, sensitivity: Share, specificity: Share, low: float, high: float
) -> None:
    """Their two examples, with the limits that the help page of `prevSeSp` in the R package asht quotes."""
    found = corrected_rate(raw, sensitivity, specificity)
    assert (round(found.low, 3), round(found.high, 3)) == (low, high)


@given(shares, st.floats(0.51, 1), st.floats(0.51, 1))
def test_correcting_undoes_what_a_test_does_to_a_rate(true: float, sensitivity: float, specificity: float) -> None:
    seen = true * sensitivity + (1 - true) * (1 - specificity)
    found = corrected_rate(known(seen), known(sensitivity), known(specificity))
    assert found.value == pytest.approx(true, abs=1e-9)
    assert found.low <= found.value <= found.high


@given(*[st.integers(0, 20)] * 3, *[st.integers(0, 20)] * 3)
def test_a_corrected_rate_is_a_rate_or_nothing(a: int, b: int, c: int, d: int, e: int, f: int) -> None:
    raw, sensitivity, specificity = of(a, a + d), of(b, b + e), of(c, c + f)
    found = corrected_rate(raw, sensitivity, specificity)
    if not (b + e and c + f and a + d) or sensitivity.value + specificity.value <= 1:
        assert math.isnan(found.value)
        assert math.isnan(found.low)
        assert math.isnan(found.high)
    else:
        assert 0 <= found.low <= found.value <= found.high <= 1


def test_the_corrected_interval_covers_the_true_rate() -> None:
    """All outcomes of small studies, weighted by their probability: at least 93 % at a level of 95 %."""
    true, sensitivity, specificity, n, n_se, n_sp = 0.3, 0.85, 0.9, 40, 12, 20
    seen = true * sensitivity + (1 - true) * (1 - specificity)
    covered = 0.0
    for a, of_a in chances(n, seen):
        for b, of_b in chances(n_se, sensitivity):
            for c, of_c in chances(n_sp, specificity):
                found = corrected_rate(of(a, n), of(b, n_se), of(c, n_sp))
                covered += of_a * of_b * of_c * (found.low <= true <= found.high)
    assert covered > 0.93


@given(st.lists(st.integers(1, 60), min_size=1, max_size=8), st.integers(0, 80))
def test_every_stratum_gets_one_and_none_more_than_it_has(sizes: list[int], more: int) -> None:
    n = len(sizes) + more
    drawn = allocate(sizes, n)
    assert sum(drawn) == min(n, sum(sizes))
    assert all(1 <= each <= size for each, size in zip(drawn, sizes, strict=True))
    for one, size in zip(drawn, sizes, strict=True):
        for other, bigger in zip(drawn, sizes, strict=True):
            assert size > bigger or one <= other + (size == bigger)


def test_rare_strata_get_more_than_their_share() -> None:
    assert allocate([100, 4], 12) == [10, 2]
    with pytest.raises(ValueError, match="strata"):
        allocate([3, 3], 1)
