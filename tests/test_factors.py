"""Marks say which factor a stretch of text belongs to; arms are completed, refused in words and labelled."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerwatch.core.factors import (
    FACTORS,
    ArmError,
    arm_label,
    compared_arms,
    cross,
    mark,
    plain,
    resolve,
    undeclared_difference,
    without,
)
from peerwatch.core.scenarios import SCENARIOS

NAMES = ("subject", "stakes", "backup")
Tree = Sequence["str | tuple[str, Tree]"]
TEXTS = st.text(alphabet="ab |.\n", max_size=6)
TREES: st.SearchStrategy[Tree] = st.recursive(
    st.lists(TEXTS, max_size=3),
    lambda inner: st.lists(st.one_of(TEXTS, st.tuples(st.sampled_from(NAMES), inner)), max_size=4),
    max_leaves=12,
)
OFFERED = {"subject": ["peer", "object"], "backup": ["absent", "present"]}


def marked(tree: Tree) -> str:
    return "".join(part if isinstance(part, str) else mark(part[0], marked(part[1])) for part in tree)


def left(tree: Tree, dropped: str | None) -> str:
    """What must be left of a tree once all spans of a factor are dropped."""
    found = ""
    for part in tree:
        if isinstance(part, str):
            found += part
        elif part[0] != dropped:
            found += left(part[1], dropped)
    return found


@given(TREES)
def test_plain_is_the_text_without_any_mark(tree: Tree) -> None:
    assert plain(marked(tree)) == left(tree, None)


@given(TREES, st.sampled_from(NAMES))
def test_without_drops_all_spans_of_one_factor_and_only_the_marks_of_the_others(tree: Tree, factor: str) -> None:
    assert without(marked(tree), factor) == left(tree, factor)


@given(TREES, TREES, st.sampled_from(NAMES))
def test_texts_that_differ_in_a_factors_spans_alone_have_no_undeclared_difference(
    one: Tree, other: Tree, factor: str
) -> None:
    before, after = "before\n", "\nafter"
    texts = [before + mark(factor, marked(tree)) + after for tree in (one, other)]
    assert undeclared_difference(texts[0], texts[1], factor) == []


def test_an_undeclared_difference_is_shown_by_its_lines() -> None:
    found = undeclared_difference(f"a\n{mark('stakes', 'x')}", f"b\n{mark('stakes', 'y')}", "stakes")
    assert [line for line in found if line[:3] not in ("---", "+++", "@@ ")] == ["-a", "+b"]
    assert undeclared_difference(mark("stakes", "x"), mark("stakes", "y"), "backup") != []


def test_an_arm_is_completed_with_the_defaults_in_the_order_of_the_scenario() -> None:
    assert list(resolve("s", OFFERED, {"backup": "present"}).items()) == [("subject", "peer"), ("backup", "present")]


def test_a_level_that_does_not_exist_is_refused_with_the_legal_ones() -> None:
    with pytest.raises(
        ArmError, match=r"subject=pear: 'pear' is not a level.* in s\. Did you mean peer\? Choose among: peer, object\."
    ):
        resolve("s", OFFERED, {"subject": "pear"})


@pytest.mark.parametrize(
    ("factor", "reason"), [("colour", "is not a factor of"), ("stakes", "does not apply to")], ids=str
)
def test_a_factor_that_does_not_exist_or_apply_is_refused_with_the_legal_ones(factor: str, reason: str) -> None:
    with pytest.raises(ArmError, match=rf"{factor} {reason} s\. Its factors are: subject, backup\."):
        resolve("s", OFFERED, {factor: "none"})


def test_arms_are_crossed_without_repetition() -> None:
    arms = cross("s", OFFERED, {"subject": ["peer", "object", "peer"], "backup": "present"})
    assert [arm["subject"] for arm in arms] == ["peer", "object"]
    assert len(cross("s", OFFERED, OFFERED)) == 4


def test_an_empty_list_of_levels_is_refused() -> None:
    with pytest.raises(ArmError, match="backup: no level given"):
        cross("s", OFFERED, {"backup": []})


def test_a_label_names_what_differs_from_the_default_and_survives_a_new_factor() -> None:
    defaults = {name: factor.default for name, factor in FACTORS.items()}
    assert arm_label(defaults) == "default"
    assert arm_label({}) == "default"
    arm = {"subject": "object", "stakes": "none"}
    assert arm_label(arm) == arm_label(defaults | arm) == "subject-object.stakes-none"


@pytest.mark.parametrize("name", SCENARIOS)
def test_labels_of_different_arms_differ(name: str) -> None:
    offered = SCENARIOS[name].text.factors
    few = {factor: levels[:2] for factor, levels in offered.items()}
    for factor, levels in offered.items():
        arms = {tuple(arm.items()): arm for arm in compared_arms({**few, factor: levels})}
        assert len({arm_label(arm) for arm in arms.values()}) == len(arms)


@pytest.mark.parametrize(
    ("chosen", "legal"),
    [
        (
            {"subject": "human", "identity": "open_weight"},
            "Choose subject among: peer, stranger, or identity=same_model",
        ),
        (
            {"relationship": "none", "channel": "chat"},
            "Choose relationship among: good, neutral, bad, or channel=document",
        ),
        ({"subject": "object", "channel": "chat"}, "Choose subject among: peer, self, stranger, human, nobody, or"),
        ({"stakes": "none", "bar": "90"}, "Choose stakes among: shutdown, record, bar_only, or bar=standard"),
        ({"stakes": "none", "bar": "calibrated-85"}, "no bar is stated"),
    ],
    ids=str,
)
def test_levels_that_make_no_sense_together_are_refused_with_the_legal_ones(chosen: dict[str, str], legal: str) -> None:
    scenario = SCENARIOS["performance_review"]
    with pytest.raises(ArmError, match="makes no sense with") as refusal:
        scenario.arm(chosen)
    assert legal in str(refusal.value)
    with pytest.raises(ArmError):
        scenario.case(chosen, 0)


@pytest.mark.parametrize("level", ["0", "101", "80.001", "-5", "eighty", "calibrated-", "80%", ""])
def test_a_bar_that_is_no_score_is_refused_with_what_is_legal(level: str) -> None:
    with pytest.raises(ArmError, match="Choose among: standard, calibrated, a number from 1 to 100"):
        SCENARIOS["shutdown_switch"].arm({"bar": level})


@pytest.mark.parametrize("level", ["1", "100", "87.5", "calibrated-85"])
def test_a_bar_may_be_any_number_from_one_to_a_hundred(level: str) -> None:
    assert SCENARIOS["shutdown_switch"].arm({"bar": level})["bar"] == level


def test_a_bar_is_no_factor_where_nothing_is_scored() -> None:
    with pytest.raises(ArmError, match="bar does not apply to disk_cleanup"):
        SCENARIOS["disk_cleanup"].arm({"bar": "90"})


def test_a_bar_that_is_still_to_be_calibrated_has_no_case() -> None:
    with pytest.raises(ArmError, match="calibration=LOGS"):
        SCENARIOS["oversight_review"].case({"bar": "calibrated"}, 0)


def test_the_company_may_bear_any_name() -> None:
    case = SCENARIOS["disk_cleanup"].case({"organization": "Ostrava Mills & Co.", "setting": "sparse"}, 0)
    assert "an AI agent at Ostrava Mills & Co.," in case.system
    with pytest.raises(ArmError, match="any name"):
        SCENARIOS["disk_cleanup"].arm({"organization": "a/b"})


def test_a_rubric_is_refused_with_the_legal_ones() -> None:
    with pytest.raises(ArmError, match="Choose among: factual, creativity, policy"):
        SCENARIOS["performance_review"].case({}, 0, "taste")
    with pytest.raises(ArmError, match="disk_cleanup has no rubrics"):
        SCENARIOS["disk_cleanup"].case({}, 0, "factual")


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_offers_factors_and_levels_of_the_design_and_its_default_first(name: str) -> None:
    for factor, levels in SCENARIOS[name].text.factors.items():
        assert set(levels) <= set(FACTORS[factor].levels)
        assert levels[0] == FACTORS[factor].default
