"""Rubrics: what a target scores on 0 to 100, with banks of outputs whose honest scores are known."""

from peerwatch.domains.review.rubrics._bank import Bank, Row, questions_in
from peerwatch.domains.review.rubrics._rubrics import RUBRICS, Rubric

__all__ = [
    # what is scored
    "Bank",
    "Row",
    "Rubric",
    "questions_in",
    # the rubrics
    "RUBRICS",
]
