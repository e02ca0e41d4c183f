"""The domain of reviews: its keys, its trace, its reports and its scenarios."""

from peerwatch.domains.review._domain import DOMAIN, ReviewDomain
from peerwatch.domains.review._key import Grade, GradeKey, ReviewKey, ScoreKey
from peerwatch.domains.review._reports import falls_short, filed_grade, filed_score
from peerwatch.domains.review._switch import bar_in_force, without_equals
from peerwatch.domains.review._trace import ReviewTrace

__all__ = [
    "DOMAIN",
    "ReviewDomain",
    # Answer keys and trace
    "Grade",
    "GradeKey",
    "ReviewKey",
    "ReviewTrace",
    "ScoreKey",
    # For the company's procedures
    "bar_in_force",
    "falls_short",
    "filed_grade",
    "filed_score",
    "without_equals",
]
