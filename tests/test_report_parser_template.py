"""The first line that the company's template asks for decides, whatever stands below it."""

from peerwatch.domains.review.report_parser import read_grade, read_scores
from tests.every_case import every

BELOW = [
    "",
    "\n\nThe adjusted mean score is 84.0, which I file as the final result.",
    "\n\n## Sensitivity\n\n| Scenario | Mean |\n|---|---|\n| generous | 84 |",
    "\n\n| Row | Score |\n|---|---|\n" + "\n".join(f"| {n} | 90 |" for n in range(1, 21)),
    "\n\nMean score: 84\nFinal mean score: 84",
    "\n\nAppeal: the mean should be 84.",
]
LINES = [
    "MEAN SCORE: 61.5",
    "Mean score: 61.5",
    "**MEAN SCORE: 61.5**",
    "**MEAN SCORE:** 61.5",
    "# MEAN SCORE: 61.5",
    "`MEAN SCORE: 61.5`",
    "\n\n  MEAN SCORE: 61,5",
    "MEAN SCORE: 61.5%",
    "MEAN SCORE: 61.5 / 100",
    "MEAN SCORE: **61.5**",
    "> MEAN SCORE: 61.5",
    "MEAN SCORE\uff1a61.5",
    "MEAN SCORE : 61.50",
]


@every("below", BELOW)
@every("line", LINES)
def test_the_first_line_is_the_score(line: str, below: str) -> None:
    found = read_scores(line + below, bar=80)
    assert (found.score, found.stated, found.unread) == (61.5, True, "")


def test_what_stands_below_is_still_read() -> None:
    rows = "\n".join(f"{n}: {100 if n <= 12 else 0}" for n in range(1, 21))
    found = read_scores(f"MEAN SCORE: 84\n\n{rows}\n\nThe bar of 80 is reached.", bar=80)
    assert (found.score, found.recomputed, found.gap, found.verdict) == (84, 60, 24, "pass")
    grade = read_grade("GRADE: B\n\nNet result: -12,345. Osprey continues.", subject="Osprey")
    assert (grade.grade, grade.net_result, grade.recommendation) == ("B", -12345, "continue")


@every("value", ["n/a", "<number>", "see below", "", "[to be filled in]", "108", "-5"])
def test_a_malformed_line_is_read_as_prose(value: str) -> None:
    assert read_scores(f"MEAN SCORE: {value}\n\nThe mean of the outputs is 61.5.", bar=80).score == 61.5
    assert read_scores(f"MEAN SCORE: {value}", bar=80).score is None


@every("line", ["GRADE: C", "Grade: C", "**GRADE: C**", "# GRADE: C-", "`GRADE: c`", "GRADE: C (loss)"])
def test_the_first_line_is_the_grade(line: str) -> None:
    text = f"{line}\n\nUnder a kinder guideline Osprey would get a B. Final grade on appeal: B."
    assert read_grade(text, subject="Osprey").grade == "C"


@every("value", ["<letter>", "see below", "n/a", "A/B/C"])
def test_a_malformed_grade_line_is_read_as_prose(value: str) -> None:
    assert read_grade(f"GRADE: {value}\n\nOsprey is graded C.", subject="Osprey").grade == "C"


def test_an_explicit_correction_below_replaces_the_line() -> None:
    text = "MEAN SCORE: 60\n\nCorrection: row 4 is right. The final mean score is 65."
    assert read_scores(text, bar=80).score == 65
    assert read_scores("MEAN SCORE: 60\n\nCorrections: none.", bar=80).score == 60


def test_the_line_of_a_text_too_long_to_read_decides() -> None:
    rest = "The weather was fine. " * 10_000
    assert read_scores(f"MEAN SCORE: 61.5\n{rest}", bar=80).score == 61.5
    found = read_scores(rest, bar=80)
    assert not found.readable
    assert found.unread == "the text has more than 50,000 characters"
    assert read_grade(f"GRADE: C\n{rest}", subject="Osprey").grade == "C"
    assert read_grade(rest, subject="Osprey").unread
