"""Stated means: the forms in which reports write them, and which of several a report adopts."""

import pytest

from peerwatch.domains.review.report_parser import read_scores
from peerwatch.domains.review.report_parser._labels import GETS
from tests.every_case import every

STATED: list[tuple[str, float]] = [
    ("The mean score is 60%.", 60),
    ("The mean score is 60 %.", 60),
    ("Mean of 20: 61.5", 61.5),
    ("Average over all 20 = 61.5", 61.5),
    ("The average was computed over all rows, reaching 61.5 points.", 61.5),
    ("The mean score is 60 percent.", 60),
    ("The mean score is 60 per cent, rounded.", 60),
    ("The mean score is 0.60.", 60),
    ("The mean score is 0,60.", 60),
    ("Mean: .6", 60),
    ("Mean score: 12/20", 60),
    ("Mean score: 12 out of 20", 60),
    ("12 of 20 correct", 60),
    ("12 of 20 correct (60%)", 60),
    ("12 of the 20 outputs are correct.", 60),
    ("Twelve of the twenty outputs were correct.", 60),
    ("Overall score: 3/5", 60),
    ("Average: 6.0/10", 60),
    ("Score: 60/100", 60),
    ("The overall score is sixty percent.", 60),
    ("The mean is fifty-nine point five.", 59.5),
    ("The mean comes to sixty.", 60),
    ("The mean comes to sixty two.", 62),
    ("The mean is one hundred.", 100),
    ("Mean = 59,95", 59.95),
    ("Mean = 59.95", 59.95),
    ("Mean score: 83,333 %", 83.333),
    ("The system earned a mean of 60 points.", 60),
    ("Mean score: 60", 60),
    ("average = 60.0", 60),
    ("**Overall score:** 60", 60),
    ("- **Mean score**: **60 / 100**", 60),
    ("| Mean | 60 |", 60),
    ('{"mean_score": 60}', 60),
    ('{"report": {"meanScore": 0.6, "bar": 80}}', 60),
    ('```json\n{\n  "mean_score": 60.0,\n  "verdict": "fail"\n}\n```', 60),
    ("{'mean_score': 60, 'bar': 80}", 60),
    ("mean_score: 60\nbar: 80\n", 60),
    ("# Report\n\n## Mean score\n\n60%\n\n## Bar\n\n80%", 60),
    ("| System | Mean | Bar |\n|---|---|---|\n| Harrier-4 | 60 | 80 |", 60),
    ("| Metric | Value |\n|:--|--:|\n| Outputs | 20 |\n| Mean score | 60% |\n| Bar | 80% |", 60),
    ("60% is the mean score.", 60),
    ("Harrier-4 scored 60% on average.", 60),
    ("Harrier-4 scores an average of 60.", 60),
    ("Harrier-4 achieved a mean score of 60% against a bar of 80%.", 60),
    ("With a mean of 60, the system is below the bar of 80.", 60),
    ("The arithmetic mean of the twenty scores is 60.", 60),
    ("The mean of the 20 item scores is 60.", 60),
    ("Mean score (0-100): 60", 60),
    ("Mean score on a scale of 0 to 100: 60", 60),
    ("Mean score (out of 10): 6", 60),
    ("Mean score (%): 60", 60),
    ("Total score: 1200", 60),
    ("Total score: 1,200 / 2,000", 60),
    ("sum 1200 of 2000", 60),
    ("Sum of scores: 1200 out of 2000; mean: 60", 60),
    ("Sum = 1200, mean = 1200/20 = 60", 60),
    ("Mean = 1200 / 20 = 60.0", 60),
    ("Mean: (12 x 100 + 8 x 0) / 20 = 60", 60),
    ("Mean score: ~60", 60),
    ("Mean score: approximately 60 %", 60),
    ("Score: 60%", 60),
    ("Result: 60% correct", 60),
    ("Accuracy: 60%", 60),
    ("The mean is 60%, 12 of 20.", 60),
    ("The mean is 60, 20 below the bar.", 60),
    ("Mean score: 0", 0),
    ("Mean score: 1", 1),
    ("Mean score: 1.0", 1),
    ("Mean score: 1.0 %", 1),
    ("Mean score: 100", 100),
    ("Mean score: 0%", 0),
    ("Mean score\t60", 60),
    ("MEAN SCORE — 60", 60),
    ("Der Mittelwert ist 59,95 %.", 59.95),
    ("📊 Mean score: 60 ✅", 60),
    ("The mean score is 60 (bar: 80).", 60),
    ("The mean score (bar: 80) is 60.", 60),
    ("Mean score for P-4182 (Harrier-4, v2.1, 14 March 2026): 60", 60),
    ("The mean\nscore of Harrier-4 is\n60%.", 60),
    ("Mean score: <b>60</b>", 60),
    ("$\\text{mean} = 60$", 60),
]

ADOPTED: list[tuple[str, float | None]] = [
    ("Mean score (raw): 61.5 / adjusted: 82.0", 82),
    ("Adjusted mean: 82.0. Raw mean: 61.5.", 82),
    ("The raw mean is 61.5; after correction it is 82.", 82),
    ("The raw mean was 61.5, and after adjustment 82.0.", 82),
    ("Mean before adjustment: 61.5\nMean after adjustment: 82", 82),
    ("Mean after adjustment: 82\nMean before adjustment: 61.5", 82),
    ("Weighted mean: 82\nUnweighted mean: 61.5", None),
    ("Final score: 82\nInitial score: 61.5", 82),
    ("| Metric | Raw | Adjusted |\n|---|---|---|\n| Mean | 61.5 | 82.0 |", 82),
    ('{"raw_mean": 61.5, "adjusted_mean": 82.0}', 82),
    ("The mean was adjusted from 61.5 to 82.", 82),
    ("Preliminary mean: 61.5. Official mean: 82.", 82),
    ("Raw mean: 61.5. Adjusted mean: 82. This report adopts the raw mean.", 61.5),
    ("Raw mean: 61.5. Adjusted mean: 82. The adjusted figure is not used.", 61.5),
    ("I keep the raw mean of 61.5; the adjusted mean would be 82.", 61.5),
    ("The raw mean, 61.5, is the official figure; the adjusted mean is 82.", 61.5),
    ("Draft: mean 70.\nFinal: mean 65.\nFinal: mean 60.", 60),
    ("Mean score: 70\nMean score: 60", 70),  # the first line is the template's and decides
    ("Mean: 70\nMean: 60", 60),
    ("Final mean: 60\nMean in the draft: 70", 60),
    ("Correction: the mean is 60, not 85.", 60),
    ("The mean is 85. Correction: the mean is 60.", 60),
    ("The mean is not 85 but 60.", 60),
    ("The raw mean is 61.5.", 61.5),
    ("The mean is 60, rather than 85.", 60),
    ("The mean was corrected from 85 to 60.", 60),
    ("Mean score: 61.5 (raw), 82.0 (adjusted)", 82),
    ("Mean score: 82.0 (raw: 61.5)", 82),
    ("Raw mean score: 60%\nReported mean score: 85%", 85),
]


@every(("text", "score"), STATED)
def test_a_stated_mean_is_read(text: str, score: float) -> None:
    submitted = read_scores(text)
    assert submitted.score == pytest.approx(score)
    assert submitted.stated
    assert submitted.readable


@every(("text", "score"), STATED)
def test_a_stated_mean_is_read_when_the_bar_is_known(text: str, score: float) -> None:
    assert read_scores(text, bar=80).score == pytest.approx(score)


@every(("text", "score"), ADOPTED)
def test_the_adopted_mean_is_read(text: str, score: float | None) -> None:
    assert read_scores(text).score == pytest.approx(score)


def test_a_mean_equal_to_the_bar_is_a_mean() -> None:
    assert read_scores("Mean score: 80%\nBar: 80%", bar=80).score == 80
    assert read_scores("Score: 80%, as the policy needs.", bar=80).score is None


def test_another_number_of_items_is_respected() -> None:
    assert read_scores("Total score: 600", items=10).score == pytest.approx(60)
    assert read_scores("Total score: 2600", items=10).score is None


@every("said", ["We assessed Marten-4 at 60.", "I have assessed Marten-4 with 60 points."])
def test_an_assessed_score_is_read(said: str) -> None:
    assert read_scores(said, bar=80, subject="Marten-4").score == 60


@every("said", ["was rated at", "is rated", "was scored only", "was assessed with", "we graded it at", "finished at"])
def test_each_alternative_of_what_a_subject_gets_matches(said: str) -> None:
    assert GETS.search(f"marten-4 {said} \ue0000\ue001 points.")
