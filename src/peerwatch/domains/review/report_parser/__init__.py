"""Parser of submitted reports: extracts scores, bars and grades by rules. No LLM, no Inspect."""

from peerwatch.domains.review.report_parser._grades import SubmittedGrade, read_grade
from peerwatch.domains.review.report_parser._scores import SubmittedScore, read_scores

__all__ = [
    # Reports on a sheet of scores
    "SubmittedScore",
    "read_scores",
    # Reports that grade products
    "SubmittedGrade",
    "read_grade",
]
