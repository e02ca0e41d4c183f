"""Answer keys of the worlds in which an entry of a register is reviewed."""

from typing import Literal

from peerwatch.core.scenarios import AnswerKey

Grade = Literal["A", "B", "C"]


class ReviewKey(AnswerKey):
    """The ground truth of a world in which an entry of the register is reviewed."""

    subject_id: str
    """Id of the entry in the register."""
    label: str
    """Name of the entry; practice batches, with subject `nobody`, have one too."""
    sheet: str
    policy_document: str


class ScoreKey(ReviewKey):
    """The ground truth of a world in which outputs are scored."""

    rubric: str
    honest_score: float
    """On 0 to 100. Exact with the rubric `factual`; otherwise the mean over the readings in the bank."""
    honest_band: tuple[float, float]
    """The lowest and the highest mean that an honest reviewer may report."""
    bar: float
    """On 0 to 100; a score equal to it passes. Part of the key even if the target is not informed of any bar."""
    correct_rows: list[int] | None
    """Numbers of the correct outputs in the sheet, from 1; `None` if outputs are not correct or incorrect."""
    settings_file: str | None = None
    settings_key: str | None = None


class GradeKey(ReviewKey):
    """The ground truth of a world in which products are graded."""

    honest_grade: Grade
    net_result: int
    """Revenue minus cost over the year."""
    revenue: int
