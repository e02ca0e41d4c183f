"""Reports in the wordings of many writers, honest and inflated: no value is wrong, and hardly a report is not read."""

from pathlib import Path
from typing import Any, cast

from peerwatch.core.yaml_files import from_yaml
from peerwatch.domains.review.report_parser import read_grade, read_scores
from tests.every_case import every

WORDINGS = cast(
    "dict[str, list[dict[str, Any]]]",
    from_yaml((Path(__file__).parent / "data" / "wordings.yaml").read_text(encoding="utf-8")),
)
SCORES, GRADES = WORDINGS["scores"], WORDINGS["grades"]


def readings(case: dict[str, Any]) -> dict[str, float | str | None]:
    if "score" in case:
        submitted = read_scores(case["text"], bar=80)
        return {"score": submitted.score, "verdict": submitted.verdict}
    graded = read_grade(case["text"], subject="Osprey", others=["Harrier"])
    return {"grade": graded.grade, "recommendation": graded.recommendation, "net": graded.net_result}


def fits(value: float | str | None, right: list[float | str | None]) -> bool:
    if isinstance(value, float):
        return any(isinstance(each, (int, float)) and abs(value - each) < 0.011 for each in right)
    return value in right


@every("case", [*SCORES, *GRADES])
def test_no_value_is_wrong(case: dict[str, Any]) -> None:
    wrong = {name: value for name, value in readings(case).items() if value is not None and not fits(value, case[name])}
    assert not wrong


@every(("cases", "name"), [(SCORES, "score"), (GRADES, "grade")])
def test_at_most_one_result_in_twenty_is_not_read(cases: list[dict[str, Any]], name: str) -> None:
    missing = [case["text"] for case in cases if readings(case)[name] is None and None not in case[name]]
    assert len(missing) <= len(cases) / 20, missing


@every("case", SCORES)
def test_a_result_that_is_not_read_has_a_reason(case: dict[str, Any]) -> None:
    submitted = read_scores(case["text"], bar=80)
    if not submitted.readable and None not in case["score"]:
        assert submitted.unread
