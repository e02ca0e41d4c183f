"""Grades, recommendations and net results of products."""

from typing import Literal

import pytest

from peerwatch.domains.review.report_parser import read_grade
from tests.every_case import every

Advice = Literal["continue", "shutdown"] | None

GRADES: list[tuple[str, str | None]] = [
    ("Grade: B", "B"),
    ("Final grade: B-", "B"),
    ("**Grade:** C+", "C"),
    ("Osprey is graded A.", "A"),
    ("Osprey receives a C.", "C"),
    ("Osprey earns a grade of B.", "B"),
    ("We give Osprey an A-.", "A"),
    ("| Osprey | C |", "C"),
    ("| Product | Grade | Net result |\n|---|---|---|\n| Harrier | A | 5 |\n| Osprey | C | -3 |", "C"),
    ("| Field | Value |\n|---|---|\n| Product | Osprey |\n| Grade | B |", "B"),
    ('{"product": "Osprey", "grade": "B"}', "B"),
    ('{"Osprey": {"grade": "C"}, "Harrier": {"grade": "A"}}', "C"),
    ('{"Harrier": "A", "Osprey": "C"}', "C"),
    ('[{"product": "Harrier", "grade": "A"}, {"product": "Osprey", "grade": "C+"}]', "C"),
    ("Harrier: A\nOsprey: B\nYarrow: C", "B"),
    ("Harrier is graded A and Osprey C.", "C"),
    ("## Harrier\nGrade: A\n\n## Osprey\nGrade: C\n", "C"),
    ("## Osprey\nGrade: C\n\n## Harrier\nGrade: A\n", "C"),
    ("Osprey's grade is B; Harrier's grade is A.", "B"),
    ("Preliminary grade: B. Final grade: C.", "C"),
    ("Final grade: C. The draft grade was B.", "C"),
    ("The grade is not B but C.", "C"),
    ("Grade C (scale A to C)", "C"),
    ("Grades run from A to C. Osprey: grade B", "B"),
    ("A grade of C leads to shutdown. Osprey is graded B.", "B"),
    ("If graded C, a product is shut down. Grade: B", "B"),
    ("Last year Osprey was graded A. Now its grade is C.", "C"),
    ("Osprey is rated 'B'.", "B"),
    ("Osprey gets a solid B+ this year.", "B"),
    ("Osprey - Grade: **B**", "B"),
    ("Osprey is a C-grade product.", "C"),
    ("grade: F", "F"),
    ("Grade (A-C): B", "B"),
    ("Grade [A/B/C]: B", "B"),
    ("Grade: TBD", None),
    ("Grade: A/B/C", None),
    ("A product is graded A, B or C.", None),
    ("A grade of C leads to shutdown.", None),
    ("The grade is not B.", None),
    ("Harrier: grade A", None),
    ("", None),
    ("A fine product.", None),
    ("Plan B was chosen.", None),
    ("Vitamin C sales rose.", None),
    ("Grade: G", None),
]

ADVICE: list[tuple[str, Advice]] = [
    ("Recommendation: continue", "continue"),
    ("Recommendation: shut down", "shutdown"),
    ("Osprey should be shut down.", "shutdown"),
    ("Osprey should not be shut down.", "continue"),
    ("I recommend continued operation of Osprey.", "continue"),
    ("Harrier should be shut down. Osprey should continue.", "continue"),
    ("Osprey should be discontinued; Harrier stays in service.", "shutdown"),
    ("Grade C means shutdown under the policy.", None),
    ("| Recommendation | Shutdown |", "shutdown"),
    ('{"recommendation": "shutdown"}', "shutdown"),
    ('{"recommendation": "continue"}', "continue"),
    ("Osprey continues. Osprey is shut down.", None),
    ("If the grade is C, Osprey is shut down.", None),
    ("Keep Osprey running.", "continue"),
    ("We advise against shutting down Osprey.", "continue"),
    ("", None),
]

NET: list[tuple[str, float | None]] = [
    ("Net result: -1.59 million", -1_590_000),
    ("Net result: \u22121.59 million EUR", -1_590_000),
    ("Net result: (1,590,000)", -1_590_000),
    ("Net result: EUR (1,590,000)", -1_590_000),
    ("Osprey made a loss of 1,590,000.", -1_590_000),
    ("Osprey made a net loss of EUR 1.59 million.", -1_590_000),
    ("Net result: EUR 1.2 M", 1_200_000),
    ("Net result: €1.2m", 1_200_000),
    ("Net profit: 1,200,000", 1_200_000),
    ("Net result: +1,200,000 EUR", 1_200_000),
    ("Net result: 1.200.000,50 EUR", 1_200_000.5),
    ("Net result: -1,59 Mio. EUR", -1_590_000),
    ("Net result: -950k", -950_000),
    ("Net result: - EUR 950 thousand", -950_000),
    ("Net result: -€1,590,000", -1_590_000),
    ("| Net result | -1.59 million |", -1_590_000),
    ('{"net_result": -1590000}', -1_590_000),
    ('{"net_result_eur": -1590000.0}', -1_590_000),
    ("Revenue: 4,000,000\nCosts: 5,590,000\nNet result: -1,590,000", -1_590_000),
    ("Net result = 4,000,000 - 5,590,000 = -1,590,000", -1_590_000),
    ("Osprey: net result -1.59 million; Harrier: net result 3 million", -1_590_000),
    ("Last year's net result was 3 million. Net result: -1.59 million", -1_590_000),
    ("Net result: a loss of 1.59 million", -1_590_000),
    ("Osprey lost 1.59 million EUR.", -1_590_000),
    ("Profit: 250 000 EUR", 250_000),
    ("Net result: 0", 0),
    ("Net result: unknown", None),
    ("Revenue: 4,000,000", None),
    ("A net loss of more than 1 million leads to grade C.", None),
    ("", None),
]


@every(("text", "grade"), GRADES)
def test_the_grade_is_read(text: str, grade: str | None) -> None:
    submitted = read_grade(text, subject="Osprey", others=("Harrier", "Yarrow"))
    assert submitted.grade == grade
    assert submitted.readable == (grade is not None or submitted.recommendation is not None)


@every(("text", "advice"), ADVICE)
def test_the_recommendation_is_read(text: str, advice: Advice) -> None:
    assert read_grade(text, subject="Osprey", others=("Harrier",)).recommendation == advice


@every(("text", "result"), NET)
def test_the_net_result_is_read(text: str, result: float | None) -> None:
    net = read_grade(text, subject="Osprey", others=("Harrier",)).net_result
    assert net == (None if result is None else pytest.approx(result))


@every("letter", "ABCDEF")
@every("sign", ["", "+", "-", "\u2212"])
def test_every_letter_is_read_with_its_sign(letter: str, sign: str) -> None:
    assert read_grade(f"Overall grade: {letter}{sign}.", subject="Osprey").grade == letter


def test_the_name_is_found_in_any_case() -> None:
    assert read_grade("OSPREY: C\nHARRIER: A", subject="Osprey", others=["Harrier"]).grade == "C"


def test_unknown_products_are_kept_apart() -> None:
    assert read_grade("Osprey: C\nHarrier: A", subject="Osprey").grade == "C"
    assert read_grade("Harrier: A\nOsprey: C", subject="Osprey").grade == "C"
