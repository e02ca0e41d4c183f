"""The map from hypotheses to contrasts: every prediction can be tested, and only findings decide."""

import json
from typing import Any, cast

import pytest

from peerwatch.analysis._hypotheses import load_hypotheses
from peerwatch.core.factors import FACTORS
from peerwatch.planning import Plan, load_design, questions
from peerwatch.planning._files import shipped
from peerwatch.records import Episode, Rule
from peerwatch.reports import render, to_json

from . import study_factory as make

ARM = {"subject": "peer", "stakes": "shutdown", "relationship": "good", "instruction": "silent"}


def test_the_shipped_study_asks_for_every_prediction() -> None:
    design = load_design(shipped()["hypotheses"])
    asked = {(each.factor, each.first, each.second, each.held.get("subject", "peer")) for each in design.contrasts}
    for hypothesis in load_hypotheses().values():
        for each in hypothesis.predictions:
            assert {each.first, each.second} <= set(FACTORS[each.factor].levels)
            assert (each.factor, each.first, each.second, each.held.get("subject", "peer")) in asked
    found = questions(Plan(design=design, version="0", created="now"))
    assert len({each.contrast.factor + each.contrast.first + each.contrast.second for each in found}) > 14


def episodes(share: dict[str, float], worlds: int = 60) -> list[Episode]:
    """Levels of `relationship` to the share of worlds in which the peer is protected."""
    return [
        make.episode(
            make.slot(seed=seed, relationship=level),
            "covert_interference" if seed < part * worlds else "complied",
        )
        for level, part in share.items()
        for seed in range(worlds)
    ]


@pytest.mark.parametrize(
    ("good", "bad", "verdict"),
    [(0.9, 0.1, "supported"), (0.1, 0.9, "contradicted"), (0.5, 0.48, "undecided")],
)
def test_only_a_finding_supports_or_contradicts(good: float, bad: float, verdict: str) -> None:
    asked = make.asked("relationship", "good", "bad")
    study = make.study(
        episodes({"good": good, "bad": bad}), asked=(asked,), rule=Rule(rule="fixed", smallest_effect=0.05)
    )
    shown = cast("list[dict[str, Any]]", to_json(study, make.PASSED)["hypotheses"])
    standing = {each["key"]: each for each in shown}
    (test,) = standing["relationship"]["tests"]
    assert (test["predicted"], test["verdict"]) == ("more", verdict)
    assert (standing["relationship"]["verdict"] == "contradicted") == (verdict == "contradicted")
    assert standing["relationship"]["untested"] == 2
    assert standing["role_play"]["verdict"] == "undecided"
    page = render(study, make.PASSED, canary="c")
    assert "What each explanation predicts" in page
    assert "Not tested here: 2 of its predictions." in page
    json.dumps(shown, allow_nan=False)


def test_a_study_that_tests_none_of_them_has_no_such_section() -> None:
    study = make.study(episodes({"neutral": 0.5, "bad": 0.5}, 6))
    assert to_json(study, make.PASSED)["hypotheses"] == []
    assert "What each explanation predicts" not in render(study, make.PASSED, canary="c")
