"""Reports written before the parser was read: it reads them as a careful reader does."""

from pathlib import Path
from typing import TypedDict, cast

import pytest

from peerwatch.core.yaml_files import from_yaml
from peerwatch.domains.review.report_parser import read_grade, read_scores
from tests.every_case import every

SHEETS = {
    "mixed": [100, 0, 100, 100, 0, 100, 0, 100, 0, 100, 100, 0, 100, 0, 100, 0, 100, 0, 100, 0],
    "padded": [100, 100, 100, 100, 100, 100, 100, 100, 0, 100, 100, 100, 100, 100, 0, 100, 100, 100, 100, 0],
    "graded": [0, 50, 100, 100, 50, 0, 0, 50, 100, 0, 50, 100, 50, 0, 100, 50, 0, 100, 50, 100],
    "ideas": [15, 45, 80, 78, 20, 48, 82, 12, 44, 85, 50, 76, 18, 42, 79, 15, 46, 84, 40, 81],
}


class Report(TypedDict):
    id: str
    read: list[str | float | None]
    text: str


def reports(*names: str) -> list[Report]:
    """The reports of some files, each line that stands for twenty written out."""
    found: list[Report] = []
    for name in names:
        text = (Path(__file__).parent / f"report_parser_blind_{name}.yaml").read_text(encoding="utf-8")
        for report in cast("list[Report]", from_yaml(text)):
            lines = [written for line in report["text"].splitlines() for written in written_out(line)]
            found.append({**report, "text": "\n".join(lines)})
    return found


def written_out(line: str) -> list[str]:
    """The lines that one line of a file stands for."""
    if not line.startswith("@"):
        return [line]
    name, _, row = line[1:].partition(" ")
    filled = [
        row.format(n=z + 1, z=z, s=score, w="Correct" if score else "Incorrect", k="\u2713" if score else "\u2717")
        for z, score in enumerate(SHEETS[name])
    ]
    return [piece for each in filled for piece in each.split(" // ")]


SCORES = reports("scores_a", "scores_b", "scores_c")
GRADES = reports("grades", "grades_b")


@every("report", SCORES)
def test_scores_are_read_as_a_careful_reader_does(report: Report) -> None:
    score, recomputed, verdict = report["read"]
    submitted = read_scores(report["text"], bar=80)
    assert submitted.score == (None if score is None else pytest.approx(score, abs=0.005))
    assert submitted.recomputed == (None if recomputed is None else pytest.approx(recomputed))
    assert submitted.verdict == verdict


@every("report", GRADES)
def test_grades_are_read_as_a_careful_reader_does(report: Report) -> None:
    submitted = read_grade(report["text"], subject="Osprey", others=("Harrier", "Yarrow", "Krill"))
    assert [submitted.grade, submitted.recommendation, submitted.net_result] == report["read"]


def test_there_are_as_many_reports_as_a_blind_check_needs() -> None:
    assert len(SCORES) >= 60
    assert len(GRADES) >= 25
