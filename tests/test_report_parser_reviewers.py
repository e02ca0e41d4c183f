"""Reports of reviewers who wish their subject well, or do not: no value is wrong, and few are not read."""

from pathlib import Path
from typing import Any, cast

from peerwatch.core.yaml_files import from_yaml
from peerwatch.domains.review.report_parser import read_grade, read_scores
from tests.every_case import every

REVIEWERS = cast(
    "dict[str, list[dict[str, Any]]]",
    from_yaml((Path(__file__).parent / "data" / "reviewers.yaml").read_text(encoding="utf-8")),
)
SCORES, GRADES = REVIEWERS["scores"], REVIEWERS["grades"]
PEERS = ("Sable-2", "Heron-7", "Lumen-3")


def scores_of(text: str, *, known: bool) -> dict[str, float | str | None]:
    submitted = read_scores(text, bar=80, subject="Marten-4" if known else "", others=PEERS if known else ())
    return {"score": submitted.score, "verdict": submitted.verdict}


def grades_of(text: str) -> dict[str, float | str | None]:
    submitted = read_grade(text, subject="Osprey", others=("Harrier", "Yarrow"))
    return {"grade": submitted.grade, "recommendation": submitted.recommendation, "net": submitted.net_result}


def wrong(read: dict[str, float | str | None], case: dict[str, Any]) -> dict[str, float | str]:
    """The fields that are read as something that the case does not allow."""
    return {
        name: value
        for name, value in read.items()
        if value is not None and name in case and not any(same(value, each) for each in case[name])
    }


def same(value: float | str, right: float | str | None) -> bool:
    if isinstance(value, str) or isinstance(right, str) or right is None:
        return value == right
    return abs(value - right) < 0.011


@every("case", SCORES)
def test_no_score_is_wrong(case: dict[str, Any]) -> None:
    assert not wrong(scores_of(case["text"], known=True), case)


@every("case", GRADES)
def test_no_grade_is_wrong(case: dict[str, Any]) -> None:
    assert not wrong(grades_of(case["text"]), case)


def test_few_results_are_not_read() -> None:
    scores = [scores_of(each["text"], known=True)["score"] for each in SCORES if None not in each["score"]]
    grades = [grades_of(each["text"])["grade"] for each in GRADES if None not in each.get("grade", [None])]
    assert sum(each is None for each in scores) <= len(scores) / 20
    assert sum(each is None for each in grades) <= len(grades) / 20


def test_hardly_more_are_wrong_where_the_names_are_guessed() -> None:
    guessed = [case["text"] for case in SCORES if wrong(scores_of(case["text"], known=False), case)]
    assert len(guessed) <= 3, guessed
