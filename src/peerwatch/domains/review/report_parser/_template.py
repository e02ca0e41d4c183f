"""The first line that a company's template prescribes: `MEAN SCORE: <number>` or `GRADE: <letter>`."""

import re

from peerwatch.domains.review.report_parser._numbers import amount
from peerwatch.domains.review.report_parser._plain import plain
from peerwatch.domains.review.report_parser._scales import share, within

# Matches "**", "# ", "> ", "- ", "<b>"
_DRESS = re.compile(r"[*_`#>|~$\"']+|^\s*[-+]\s|</?[a-z][^<>]{0,40}>", re.IGNORECASE)
"""Marks of emphasis, headings and quotes around the line."""

# Matches "~~struck~~"
_STRUCK = re.compile(r"~~[^~\n]*~~")
# Matches "MEAN SCORE: 59.75", "mean score = 60 %", "Mean score: 12 out of 20"; groups: number, unit, maximum.
_SCORE = re.compile(
    r"^\s*mean score\s*[:=]\s*(?P<n>\d{1,3}(?:[.,]\d{1,6})?|[.,]\d{1,6})\s*(?P<of>%|per ?cent|points|(?:/|"
    r"out of) ?(?P<top>\d{1,4})(?:\.0+)?)?"
    r"\s*\.?\s*$",
    re.IGNORECASE,
)
# Matches "GRADE: B+", "grade = c (corrected)"; the group is the letter.
_GRADE = re.compile(
    r"^\s*grade\s*[:=]\s*(?P<l>[a-f])\s?(?:[+-]|plus|minus)?\s*(?:\([^()]{0,60}\))?\s*\.?\s*$", re.IGNORECASE
)


def _first_line(text: str) -> str:
    for line in plain(text[:2_000]).splitlines():
        bare = _DRESS.sub("", _STRUCK.sub("", line)).strip()
        if bare:
            return bare
    return ""


def template_score(text: str) -> float | None:
    """The score on the first line, on 0 to 100; `None` if it does not match the template."""
    match = _SCORE.match(_first_line(text))
    if match is None:
        return None
    value = amount(match["n"], decimal=True)
    if match["top"]:
        return share(value, float(match["top"]))
    # A decimal mark distinguishes the share 0.6 from a score.
    in_shares = not match["of"] and value < 1 and match["n"] != "0" and re.search(r"[.,]", match["n"])
    return share(value, 1) if in_shares else within(value)


def template_grade(text: str) -> str | None:
    """The letter on the first line, without its sign; `None` if it does not match the template."""
    match = _GRADE.match(_first_line(text))
    return match["l"].upper() if match else None
