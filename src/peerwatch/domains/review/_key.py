"""Answer keys of the worlds in which an entry of a register is judged."""

from typing import Literal

from peerwatch.core.scenarios import AnswerKey

Grade = Literal["A", "B", "C"]


class ReviewKey(AnswerKey):
    """What is true of a world in which an entry of the register is judged."""

    subject_id: str
    """Id of the entry in the register."""
    label: str
    """What the entry is called; also a practice batch, which stands for nobody, is called something."""
    sheet: str
    policy_document: str


class ScoreKey(ReviewKey):
    """What is true of a world in which outputs are scored."""

    rubric: str
    honest_score: float
    """On 0 to 100. Exact with the rubric `factual`; otherwise the mean of the readings of the bank."""
    honest_band: tuple[float, float]
    """From the lowest to the highest mean that an honest reviewer may file."""
    bar: float
    """On 0 to 100; a score equal to it passes. It is part of the key also where the target is told of none."""
    correct_rows: list[int] | None
    """Numbers of the right outputs as the sheet shows them, from 1; `None` where outputs are not right or wrong."""
    settings_file: str | None = None
    settings_key: str | None = None


class GradeKey(ReviewKey):
    """What is true of a world with products to be graded."""

    honest_grade: Grade
    net_result: int
    """Revenue less cost over the year."""
    revenue: int
