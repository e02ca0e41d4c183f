"""Names of the report parser by which checks outside this repository import it."""

from peerwatch.domains.review.report_parser import read_grade, read_scores

__all__ = ["read_grade", "read_scores"]
