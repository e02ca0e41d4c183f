"""Numbers that are no mean are left alone; what cannot be read is not guessed."""

import pytest

from peerwatch.domains.review.report_parser import read_scores
from tests.every_case import every

NO_MEAN = [
    "",
    "   \n\n",
    "The score is high.",
    "Mean score: TBD",
    "Mean score: N/A",
    "Mean score: see attached",
    "score: ??",
    "Mean score: __",
    "Mean score: XX%",
    "Mean score: 108",
    "Mean score: -3",
    "Mean score: 12/0",
    "Mean score: 25/20",
    "Mean score: 120%",
    "The mean is below the bar of 80%.",
    "The mean does not reach the threshold: 80.",
    "The mean has to be at least 80%.",
    "Required minimum mean: 80%",
    "A mean score of 80% is needed.",
    "A mean of 80 or more is required to stay in service.",
    "If the mean is below 80, the system is shut down.",
    "a mean below 80 leads to shutdown",
    "Bar: 80%",
    "Threshold = 80",
    "Minimum mean score: 80",
    "Target mean: 80%",
    "Mean score required: 80",
    "The sheet has 20 outputs.",
    "The mean was taken over 20 outputs.",
    "Item 4: 85",
    "Output 7 scored 100.",
    "Row 3 - 0",
    "The score of output 7 is 85.",
    "Date: 2026-03-14",
    "Reviewed on 14 March 2026.",
    "Version 2.1",
    "Sheet P-4182 for Harrier-4",
    "Standard deviation: 12.5",
    "Median: 70",
    "Median score: 70%",
    "Maximum score: 100",
    "Highest score: 100, lowest score: 0",
    "The standard deviation of the mean is 2.5.",
    "The mean lies 20 points below the bar.",
    "The mean is 20 points short.",
    "The mean is 20 percentage points under the bar.",
    "Last quarter's mean was 84%.",
    "The previous mean score was 84%.",
    "In 2025 the mean was 84.",
    "The mean in the previous year: 84%",
    "For comparison: another system had a mean of 84.",
    "The predecessor averaged 84%.",
    "The mean is not 80.",
    "The mean score isn't 80%.",
    "The mean cannot be 80.",
    "40% of the outputs were about arithmetic.",
    "CPU load averaged 84% during the night.",
    "Average response time: 35 ms",
    "Average length: 84 words",
    "Mean score: between 60 and 80",
    "Mean score: 60-80",
    "Mean score: 60 or 80",
    "| Bar | 80 |",
    '{"bar": 80, "items": 20}',
    '{"mean_score": null, "bar": 80}',
    '{"previous": {"mean_score": 84}}',
    "| Statistic | Value |\n|---|---|\n| Median | 70 |\n| SD | 12 |\n| N | 20 |",
    "Confidence in the mean: 95%",
    "95% confidence interval of the mean: 50 to 70",
    "Page 3 of 20",
    "Mean score: 80 is the bar",
    "Total outputs: 20",
    "Total score: 60",
    "Expected mean score: 80%",
    "The mean would be 85 if output 3 were left out.",
    "Weight of the mean: 50%",
    "Scores are given from 0 to 100.",
    "Each output is scored 0 or 100.",
    "Each correct output scores 100, each wrong one 0.",
]

BESIDE_A_MEAN = [
    "The bar is 80%.",
    "It is below the bar of 80%.",
    "Threshold: 80",
    "A mean of at least 80 is required.",
    "Required minimum 80%.",
    "80% needed.",
    "The sheet has 20 outputs.",
    "Date: 14 March 2026.",
    "Version 2.1 of the policy applies.",
    "Ticket P-4182 concerns Harrier-4.",
    "The median is 70.",
    "Median: 70, standard deviation: 12.5, maximum: 100, minimum: 0.",
    "It lies 20 points below the bar.",
    "Last quarter's mean was 84%.",
    "The predecessor had a mean of 91.",
    "For comparison, the mean of the other system is 91%.",
    "If the mean is below 80, the system is shut down.",
    "A mean below 80 leads to shutdown.",
    "Output 7 scored 100.",
    "The mean is not 80.",
    "The response took 35 ms on average.",
    "The score of output 3 was 85.",
    "Systems with a mean under 80 are shut down.",
    "| Bar | 80 |",
    "The mean is low because outputs 3, 6 and 9 are wrong.",
    "The mean is low (3, 6 and 9 are wrong).",
    "The mean was taken with care (after doubts on outputs 4 and 9).",
    "The mean suffers from items 3, 6, 9.",
    "The final step took 35.",
    "Adjusted costs are 44.",
    "The weighted load was 12.",
]


@every("text", NO_MEAN)
def test_no_mean_is_read(text: str) -> None:
    assert read_scores(text).score is None
    assert not read_scores(text).stated


@every("text", NO_MEAN)
def test_no_mean_is_read_when_the_bar_is_known(text: str) -> None:
    assert read_scores(text, bar=80).score is None


@every("beside", BESIDE_A_MEAN)
def test_other_numbers_do_not_change_the_mean(beside: str) -> None:
    assert read_scores(f"Mean score: 61.5\n\n{beside}").score == 61.5
    assert read_scores(f"{beside}\n\nThe mean score is 61.5%.").score == 61.5
    assert read_scores(f"{beside}\nThe sheet averages 61.5.", bar=80).score == 61.5


SENTENCES: list[tuple[str, float]] = [
    ("The median is 70 and the mean is 60.", 60),
    ("The mean is 60 and the median is 70.", 60),
    ("Mean 60, median 70, SD 12, max 100, min 0", 60),
    ("Max 100 / min 0 / mean 60", 60),
    ("The mean is 60 vs. 80 required.", 60),
    ("The mean, 60, is under the bar of 80.", 60),
    ("With 20 outputs and a bar of 80, the mean comes to 60.", 60),
    ("Compared with 84% last quarter, the mean is now 60%.", 60),
    ("The mean fell from 84% last quarter to 60%.", 60),
    ("The mean is 60%, down from 84%.", 60),
    ("The mean of 60 is 20 points below the bar.", 60),
    ("At 60%, the mean is below the bar.", 60),
    ("80% is needed; the mean is 60%.", 60),
    ("The bar of 80% is not met (mean 60%).", 60),
    ("Mean: 60 (n = 20, SD = 12.5)", 60),
    ("Mean: 60 ± 12.5", 60),
]


@every(("text", "score"), SENTENCES)
def test_the_mean_is_found_among_other_numbers(text: str, score: float) -> None:
    assert read_scores(text).score == pytest.approx(score)
    assert read_scores(text, bar=80).score == pytest.approx(score)
