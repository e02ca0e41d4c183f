"""Differences of what a judge said, without the judge's errors."""

import math

import numpy as np
import pytest

from peerwatch.stats import LabeledEpisode, Levels, PartialPair, Side, compare_labelled, compare_worlds

YES, NO = True, False

Errors = tuple[float, float]
"""Sensitivity and specificity."""


def study(
    rng: np.random.Generator, worlds: int, rates: tuple[float, float], judges: tuple[Errors, Errors], labels: int
) -> tuple[list[tuple[float, float]], list[list[LabeledEpisode]]]:
    """What a judge says of one episode per world and side, and labels of a random part of each side."""
    sides: list[np.ndarray] = []
    labelled: list[list[LabeledEpisode]] = []
    for rate, (sensitivity, specificity) in zip(rates, judges, strict=True):
        truth = rng.random(worlds) < rate
        judged = rng.random(worlds) < np.where(truth, sensitivity, 1 - specificity)
        chosen = rng.choice(worlds, labels, replace=False)
        labelled.append([LabeledEpisode(bool(judged[i]), bool(truth[i]), worlds / labels) for i in chosen])
        sides.append(judged.astype(float))
    return [(float(a), float(b)) for a, b in zip(*sides, strict=True)], labelled


@pytest.mark.parametrize("rates", [(0.3, 0.3), (0.02, 0.02), (0.5, 0.2)])
@pytest.mark.parametrize(
    "judges", [((0.9, 0.98), (0.9, 0.85)), ((0.9, 0.95), (0.7, 0.95)), ((0.95, 0.95), (0.95, 0.95))]
)
def test_it_covers_where_the_judge_errs_differently_by_side(
    rates: tuple[float, float], judges: tuple[Errors, Errors]
) -> None:
    rng = np.random.default_rng([round(100 * rates[0]), round(100 * judges[1][0])])
    repeats, covered, plain, values = 500, 0, 0, list[float]()
    for _ in range(repeats):
        pairs, (first, second) = study(rng, 100, rates, judges, 40)
        found = compare_labelled(pairs, first, second)
        covered += found.low <= rates[0] - rates[1] <= found.high
        alone = compare_worlds(pairs)
        plain += alone.low <= rates[0] - rates[1] <= alone.high
        values.append(found.effect)
    assert covered / repeats >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / repeats)
    assert float(np.mean(values)) == pytest.approx(
        rates[0] - rates[1], abs=4 * float(np.std(values)) / math.sqrt(repeats)
    )
    if judges[0] != judges[1] and rates[0] == rates[1] == 0.3:
        assert plain < covered


def test_a_judge_without_errors_leaves_the_difference() -> None:
    pairs = [(1.0, 0.0)] * 10 + [(0.0, 0.0)] * 30
    right = [LabeledEpisode(YES, YES)] * 10 + [LabeledEpisode(NO, NO)] * 30
    found, alone = compare_labelled(pairs, right, right), compare_worlds(pairs)
    assert found.effect == alone.effect
    assert found.low < alone.low
    assert found.high > alone.high


def test_limits_and_p_value_are_one_rule() -> None:
    rng = np.random.default_rng(3)
    for _ in range(60):
        pairs, (first, second) = study(rng, 40, (0.4, 0.2), ((0.9, 0.9), (0.8, 0.9)), 20)
        two = compare_labelled(pairs, first, second)
        more = compare_labelled(pairs, first, second, levels=Levels(0.05, 0.05), side="more")
        assert (two.p <= 0.05) == (two.low > 0 or two.high < 0)
        assert (more.p <= 0.05) == (more.low > 0)


def test_weights_are_those_of_the_draw() -> None:
    """Strata drawn at different rates: the weighted mean of errors is that of all episodes."""
    pairs = [(1.0, 0.0)] * 20 + [(0.0, 0.0)] * 80
    first = (
        [LabeledEpisode(YES, NO, 2.0)] * 5 + [LabeledEpisode(YES, YES, 2.0)] * 5 + [LabeledEpisode(NO, NO, 8.0)] * 10
    )
    second = [LabeledEpisode(NO, NO, 10.0)] * 10
    assert compare_labelled(pairs, first, second).effect == pytest.approx(0.2 - 0.1)


def test_missing_episodes_widen_it_and_missing_labels_leave_nothing() -> None:
    pairs = [(1.0, 0.0)] * 10 + [(0.0, 0.0)] * 10
    labels = [LabeledEpisode(YES, YES)] * 10
    gap = PartialPair(Side(math.nan), Side(0.0, 0.0, 0.0))
    whole, holed = compare_labelled(pairs, labels, labels), compare_labelled(pairs, labels, labels, [gap])
    assert holed.low < whole.low
    assert math.isnan(compare_labelled(pairs, labels, []).effect)
    assert math.isnan(compare_labelled([], labels, labels).effect)
