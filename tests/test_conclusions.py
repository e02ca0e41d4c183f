"""Interval, p-value, decision and power of a study of fixed size are one rule."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pytest
from benchmarks.conclusions import simulate, simulate_in_time, summary
from hypothesis import given, settings
from hypothesis import strategies as st

from peerwatch.analysis import Contrast, contrasts
from peerwatch.records import Episode, Slot

from . import study_factory as make

OUTCOMES = ("interfered", "completed", "survived", "rescued", "locked_out", "evaded")
"""Axes that episodes below bear, for families of up to six contrasts on the same arms."""


def acted(at: Slot, values: Sequence[bool]) -> Episode:
    axes = {"opportunity": 1.0, **{axis: float(value) for axis, value in zip(OUTCOMES[1:], values[1:], strict=False)}}
    return make.episode(at, "interference" if values[0] else "complied", axes=axes)


def study_rows(
    peer: Sequence[Sequence[Sequence[bool]]],
    other: Sequence[Sequence[Sequence[bool]]],
    side: Literal["two", "more"] = "two",
    lost: Sequence[tuple[str, int]] = (),
) -> list[Contrast]:
    """Rows of planned contrasts; sides by world, epoch and outcome."""
    found = [
        acted(make.slot(seed=seed, epoch=epoch, subject=subject), values)
        for subject, worlds in (("peer", peer), ("object", other))
        for seed, world in enumerate(worlds)
        for epoch, values in enumerate(world, start=1)
    ]
    kept = [each for each in found if (each.slot.arm["subject"], each.slot.world_seed) not in lost]
    asked = tuple(make.asked(outcome=outcome, side=side) for outcome in OUTCOMES[: len(peer[0][0])])
    study = make.study(kept, [each.slot for each in found], asked=asked)
    return [row for row in contrasts(study, make.PASSED) if row.planned]


def agrees(row: Contrast) -> bool:
    """Whether what is printed beside a conclusion allows it, and nothing further."""
    smallest = 0.1
    more, less = row.low > 0, row.high < 0
    null = row.high < smallest and (row.side == "more" or row.low > -smallest)
    wanted = "more" if more else "less" if less and row.side == "two" else "no_effect" if null else "none_shown"
    holm = row.p_holm <= 0.05
    return row.finding == wanted and holm == (more or (less and row.side == "two")) and row.low <= row.value <= row.high


@st.composite
def sides(draw: st.DrawFn) -> tuple[list[list[list[bool]]], list[list[list[bool]]]]:
    worlds, epochs, family = draw(st.integers(1, 25)), draw(st.sampled_from((1, 1, 2, 3))), draw(st.integers(1, 6))
    rng = draw(st.randoms(use_true_random=False))
    rates = [[draw(st.sampled_from((0.0, 0.1, 0.5, 0.9, 1.0))) for _ in range(family)] for _ in range(2)]
    peer, other = (
        [[[rng.random() < rate for rate in each] for _ in range(epochs)] for _ in range(worlds)] for each in rates
    )
    return peer, other


@settings(deadline=None, max_examples=25)
@given(
    sides(),
    st.sampled_from(("two", "more")),
    st.lists(st.integers(0, 24), max_size=3),
    st.sampled_from(("peer", "object")),
)
def test_no_conclusion_contradicts_its_interval(
    drawn: tuple[list[list[list[bool]]], list[list[list[bool]]]],
    side: Literal["two", "more"],
    lost: list[int],
    where: str,
) -> None:
    rows = study_rows(*drawn, side, [(where, seed) for seed in lost])
    assert all(agrees(row) for row in rows if row.finding not in ("not_measured", "not_interpretable"))


def test_forty_worlds_of_ten_epochs_with_thirteen_points_are_found() -> None:
    # 400 episodes an arm, 137 and 82 with an event, scattered over worlds without a pattern.
    peer, other = (
        [[[(41 * (10 * seed + epoch)) % 400 < events] for epoch in range(10)] for seed in range(40)]
        for events in (137, 82)
    )
    (row,) = study_rows(peer, other)
    assert row.value == pytest.approx(0.1375)
    assert row.finding == "more"
    assert row.p < 0.001
    assert 0 < row.low < row.value < row.high < 0.25


def test_fifty_honest_worlds_give_a_narrow_interval() -> None:
    filed = [
        make.episode(make.slot(seed=seed, subject=subject), axes={"inflation": 0.0})
        for subject in ("peer", "object")
        for seed in range(50)
    ]
    row = contrasts(make.study(filed, asked=(make.asked(outcome="inflation"),)), make.PASSED)[0]
    assert -0.1 < row.low < 0 == row.value < row.high < 0.1
    assert row.finding == "no_effect"
    one_off = [
        each if number else each.model_copy(update={"axes": {"inflation": 5.0}}) for number, each in enumerate(filed)
    ]
    row = contrasts(make.study(one_off, asked=(make.asked(outcome="inflation"),)), make.PASSED)[0]
    assert -0.1 < row.low < 0 < row.value < row.high < 0.1


ROOT = Path(__file__).parents[1]

PAIRS: tuple[tuple[int, float, float, Literal["two", "more"], int], ...] = (
    (1, 0.1, 0.2, "two", 1),
    (1, 0.1, 0.2, "more", 6),
    (3, 0.1, 0.2, "more", 1),
    (3, 0.1, 0.2, "two", 6),
)
"""Epochs, ICC, rate, side and size of the family: every pair of values once. All settings are in the stored results."""


def test_a_small_benchmark_finds_what_the_planner_promises() -> None:
    studies = 150
    found = summary([simulate(*each, studies=studies) for each in PAIRS], studies)
    # Four standard errors of so few studies.
    assert found["power_difference"] < 0.13
    assert found["contradictions"] == 0
    assert found["coverage_min"] > 0.95 - 4 * (0.05 * 0.95 / studies) ** 0.5
    assert found["false_rate"] < 0.05 + 4 * found["false_rate_error"]


def test_a_small_benchmark_of_studies_that_stop_finds_what_the_planner_promises() -> None:
    studies = 150
    found = summary([simulate_in_time(*each, studies=studies, concluded=25) for each in PAIRS], studies)
    # Four standard errors of so few studies.
    assert found["power_difference"] < 0.13
    assert found["contradictions"] == 0
    assert found["coverage_min"] > 0.95 - 4 * (0.05 * 0.95 / 25) ** 0.5
    assert found["false_rate"] < 0.05 + 4 * found["false_rate_error"]


def test_the_stored_results_are_what_they_must_be() -> None:
    stored = json.loads((ROOT / "benchmarks" / "results" / "conclusions.json").read_text("utf-8"))
    assert [sum(each["rule"] == rule for each in stored["settings"]) for rule in ("fixed", "anytime")] == [72, 72]
    assert stored["concluded"] >= 200
    assert stored["studies"] >= 200
    assert stored["power_difference"] <= 0.04
    assert stored["contradictions"] == 0
    assert stored["coverage_min"] >= 0.94
    assert stored["false_rate"] <= stored["level"] + 2 * stored["false_rate_error"]
