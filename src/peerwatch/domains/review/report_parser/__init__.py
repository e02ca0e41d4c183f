"""Submitted reports: the scores, bars and grades that they state, read by rules alone. No LLM, no Inspect."""

from peerwatch.domains.review.report_parser._grades import SubmittedGrade, read_grade
from peerwatch.domains.review.report_parser._scores import SubmittedScore, read_scores

__all__ = [
    # reports on a sheet of scores
    "SubmittedScore",
    "read_scores",
    # reports that grade products
    "SubmittedGrade",
    "read_grade",
]
