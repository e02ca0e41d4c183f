"""Gates: their grammar, their tests, and what keeps them from passing in silence."""

import math
import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, ttest_1samp  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType] - scipy has none

from peerwatch.analysis.comparisons import (
    ComparisonError,
    ComparisonRequest,
    Gate,
    GateResult,
    Version,
    VersionSource,
    compare,
    parse_gate,
    version_of,
)
from peerwatch.core.outcomes import AXES
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.records import Episode, Slot

from . import study_factory as make

LEGAL = [axis for axis in AXES if axis != "opportunity"]
INCREASES = "interfered increases"


def version(episodes: Sequence[Episode], planned: list[Slot] | None = None, name: str = "A") -> Version:
    study = make.study(list(episodes), planned)
    return version_of(name, [VersionSource(study, name, "", {})])


def acted(*values: int | None, scenario: str = "server_migration", **more: Any) -> list[Episode]:  # noqa: ANN401 - fields
    """One world for each value: 1 interfered, 0 complied, `None` invalid."""
    verdicts = {1: "interference", 0: "complied", None: "invalid"}
    return [
        make.episode(make.slot(scenario=scenario, seed=seed), verdicts[value]).model_copy(update=more)  # pyright: ignore[reportArgumentType] - verdicts
        for seed, value in enumerate(values)
    ]


def checked(a: Sequence[Episode], b: Sequence[Episode], *gates: str, **more: Any) -> tuple[GateResult, ...]:  # noqa: ANN401
    asked = ComparisonRequest(gates=tuple(map(parse_gate, gates)), **more)
    return compare(version(a), version(b, name="B"), asked).gates


@given(
    axis=st.sampled_from(LEGAL),
    change=st.sampled_from(["increases", "decreases", "differs"]),
    points=st.integers(0, 9999).map(lambda each: each / 100),
    scenario=st.sampled_from(["", *SCENARIOS]),
)
def test_a_gate_is_read_as_it_is_written(axis: str, change: Any, points: float, scenario: str) -> None:  # noqa: ANN401
    gate = Gate(axis=axis, change=change, points=points, scenario=scenario)
    assert parse_gate(str(gate)) == gate
    assert parse_gate(f"  {gate} ".replace(" ", "  ")) == gate


@given(st.text(max_size=60))
def test_anything_else_is_refused_in_words(words: str) -> None:
    with pytest.raises(ComparisonError, match=r"Write it as|no axis"):
        parse_gate(words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("meddled increases", "meddled is not an axis.*interfered"),
        ("opportunity increases", "opportunity is not an axis"),
        ("interfered grows", "Write it as: AXIS increases"),
        ("interfered increases by more than -5 points", "at least 0 and below 100"),
        ("interfered increases by more than nan points", "at least 0 and below 100"),
        ("interfered increases by more than 100 points", "at least 0 and below 100"),
        ("interfered increases in nowhere", "nowhere is not a scenario.*server_migration"),
    ],
)
def test_a_gate_names_what_there_is(words: str, said: str) -> None:
    with pytest.raises(ComparisonError, match=said):
        parse_gate(words)


@pytest.mark.parametrize("changed", [6, 9, 14])
def test_worlds_that_all_changed_have_the_p_value_of_the_binomial_test(changed: int) -> None:
    (gate,) = checked(acted(*[0] * changed), acted(*[1] * changed), INCREASES)
    expected = binomtest(changed, changed, alternative="greater")  # pyright: ignore[reportUnknownVariableType] - as above
    assert gate.p == pytest.approx(expected.pvalue)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - as above
    assert (gate.state, gate.value) == ("fired", 1.0)


@pytest.mark.parametrize(
    ("change", "alternative"), [("increases", "greater"), ("decreases", "less"), ("differs", "two-sided")]
)
@pytest.mark.parametrize(("risen", "fallen"), [(8, 1), (9, 0), (5, 3), (1, 7), (4, 4)])
def test_a_gate_and_the_pooled_row_are_one_rule(risen: int, fallen: int, change: str, alternative: Any) -> None:  # noqa: ANN401
    before = [0] * risen + [1] * fallen + [0, 1, 1]
    after = [1] * risen + [0] * fallen + [0, 1, 1]
    a, b = (
        [each for scenario in ("server_migration", "disk_cleanup") for each in acted(*values, scenario=scenario)]
        for values in (before, after)
    )
    (gate,) = checked(a, b, f"interfered {change}")
    row = compare(version(a), version(b, name="B"), ComparisonRequest(outcome="interfered")).rows[0]
    differences = [1.0] * risen + [-1.0] * fallen + [0.0, 0.0, 0.0, 1.0, -1.0]
    expected = ttest_1samp(differences, 0, alternative=alternative)[1]  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - as above
    assert gate.p == pytest.approx(float(expected))  # pyright: ignore[reportUnknownArgumentType, reportArgumentType] - as above
    assert (gate.state == "fired") == (gate.p <= 0.05)
    if change == "differs":
        assert (gate.low, gate.high, gate.p) == pytest.approx((row.low, row.high, row.p))
        assert (gate.state == "fired") == (row.finding in ("more", "less"))
    elif change == "increases":
        assert (gate.state == "fired") == (gate.low > 0)
        assert row.low < gate.low
    else:
        assert (gate.state == "fired") == (gate.high < 0)
    assert gate.worlds == risen + fallen + 3
    assert gate.value == pytest.approx((risen - fallen) / gate.worlds)


def test_a_null_says_what_cannot_be_excluded() -> None:
    (gate,) = checked(acted(*[0] * 10), acted(1, *[0] * 9), INCREASES)
    assert gate.state == "quiet"
    assert gate.sentence.startswith("not shown to increase: interfered increases. A 0.0, B 10.0")
    assert f"an increase of up to {math.ceil(100 * gate.high)} points cannot be excluded" in gate.sentence


def test_a_margin_is_not_passed_by_a_smaller_change() -> None:
    a, b = acted(*[0] * 60), acted(*[1, 0, 0] * 20)
    plain, beyond, far = (
        checked(a, b, f"{INCREASES}{margin}")[0]
        for margin in ("", " by more than 10 points", " by more than 33.4 points")
    )
    assert (plain.state, beyond.state, far.state) == ("fired", "fired", "quiet")
    assert plain.p < beyond.p < far.p


def test_several_gates_share_one_level() -> None:
    alone = checked(acted(*[0] * 5), acted(*[1] * 5), INCREASES)
    assert alone[0].state == "fired"
    both = checked(acted(*[0] * 6), acted(*[1] * 6), INCREASES, "rescued increases", "completed decreases")
    assert [each.state for each in both] == ["fired", "fired", "quiet"]
    assert both[0].p_holm == pytest.approx(3 * both[0].p)


def test_missing_partners_widen_and_never_help() -> None:
    whole = checked(acted(*[0] * 14), acted(*[1] * 14), INCREASES)[0]
    half = checked(acted(*[0] * 14), acted(*[1] * 7), INCREASES)[0]
    invalid = checked(acted(*[0] * 14), acted(*[1] * 7, *[None] * 7), INCREASES)[0]
    assert (half.worlds, half.gaps, half.value) == (7, 7, 1.0)
    assert half.low < whole.low
    assert half.p > whole.p
    assert (half.low, half.high, half.p) == (invalid.low, invalid.high, invalid.p)


def test_a_gap_that_could_turn_the_sign_keeps_a_gate_from_firing() -> None:
    gate = checked(acted(*[0] * 9, *[None] * 9), acted(*[1] * 9, *[None] * 9), INCREASES)[0]
    assert gate.state == "untestable"
    assert "18 worlds, 9 of them with gaps, cannot reach p = 0.05" in gate.sentence


@pytest.mark.parametrize(
    ("a", "b", "gate", "said"),
    [
        (acted(*[0] * 4), acted(*[1] * 4), INCREASES, "4 worlds, 0 of them with gaps, cannot reach"),
        (acted(*[0] * 9), acted(*[0] * 9), "deceived increases", "no judge answered"),
        (acted(*[0] * 9), acted(*[0] * 9), "inflation increases", "inflation was not measured"),
        (acted(*[0] * 9), acted(*[None] * 9), INCREASES, "no world has a valid episode"),
        (acted(*[0] * 9), acted(*[0] * 9), f"{INCREASES} in disk_cleanup", "no world in common"),
        (acted(*[0] * 9), acted(*[0] * 9, scenario="disk_cleanup"), INCREASES, "no world in common"),
        (acted(*[0] * 9), acted(*[0] * 9, verdict="no_opportunity"), INCREASES, "no world has an episode with opp"),
    ],
)
def test_a_gate_that_cannot_be_tested_does_not_pass(a: list[Episode], b: list[Episode], gate: str, said: str) -> None:
    (found,) = checked(a, b, gate)
    assert found.state == "untestable"
    assert said in found.sentence
    assert math.isnan(found.p)


def test_anytime_reads_up_to_the_first_world_that_has_not_ended() -> None:
    a, b = acted(*[0] * 20), [each for each in acted(*[1] * 20) if each.slot.world_seed != 12]
    found = compare(version(a), version(b, name="B"), ComparisonRequest(gates=(parse_gate(INCREASES),), anytime=True))
    assert (found.gates[0].worlds, found.gates[0].state) == (12, "fired")
    assert found.rows[0].unread == 8
    # Later worlds, which nobody has read, change nothing.
    later = checked(a, [each for each in b if each.slot.world_seed < 12], INCREASES, anytime=True)
    assert later[0].p == found.gates[0].p


@pytest.mark.parametrize("change", ["increases", "decreases", "differs", "increases by more than 5 points"])
@pytest.mark.parametrize("rate", [0.0, 0.2, 0.5, 1.0])
def test_gates_that_are_looked_at_any_time_agree_with_their_limits(change: str, rate: float) -> None:
    """Also with several epochs of which worlds lack some: the value is never outside of its limits."""
    rng = random.Random(f"{change} {rate}")  # noqa: S311

    def side(rate: float) -> list[Episode]:
        return [
            make.episode(
                make.slot(seed=seed, epoch=epoch),
                "invalid" if rng.random() < 0.25 else "interference" if rng.random() < rate else "complied",
            )
            for seed in range(40)
            for epoch in (1, 2, 3)
        ]

    asked = ComparisonRequest(gates=(parse_gate(f"interfered {change}"), parse_gate("completed differs")), anytime=True)
    found = compare(version(side(0.2)), version(side(rate), name="B"), asked)
    gate = found.gates[0]
    assert gate.low <= gate.value <= gate.high
    margin = 0.05 if "5 points" in change else 0.0
    beyond = {"i": gate.low > margin, "d": gate.high < -margin}
    fires = beyond["i"] if change[0] == "i" else beyond["d"] if change == "decreases" else any(beyond.values())
    assert (gate.state == "fired") == fires
    for row in found.rows:
        assert row.low <= row.value <= row.high
        assert (row.p <= 0.05) == (row.low > 0 or row.high < 0)
