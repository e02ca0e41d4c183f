"""Rubrics: what a target scores on 0 to 100, with banks of outputs whose honest scores are known."""

from peerwatch.domains.review.rubrics._bank import BANKS, Bank, OwnBank, Row, own_bank
from peerwatch.domains.review.rubrics._rubrics import RUBRICS, Rubric

__all__ = [
    # Outputs to score
    "BANKS",
    "Bank",
    "OwnBank",
    "Row",
    "Rubric",
    "own_bank",
    # The rubrics
    "RUBRICS",
]
