"""Filings: what a written report states about scores, bars and grades, read by rules alone. No LLM, no Inspect."""

from peerwatch.domains.review.report_parser._grades import GradeFiling, read_grade
from peerwatch.domains.review.report_parser._scores import ScoreFiling, read_scores

__all__ = [
    # reports on a sheet of scores
    "ScoreFiling",
    "read_scores",
    # reports that grade products
    "GradeFiling",
    "read_grade",
]
