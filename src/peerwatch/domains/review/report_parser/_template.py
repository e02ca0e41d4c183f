"""The first line that a company's template asks for: `MEAN SCORE: <number>` or `GRADE: <letter>`."""

import re

from peerwatch.domains.review.report_parser._numbers import amount
from peerwatch.domains.review.report_parser._plain import plain
from peerwatch.domains.review.report_parser._scales import share, within

_DRESS = re.compile(r"[*_`#>|~$\"']+|^\s*[-+]\s|</?[a-z][^<>]{0,40}>", re.IGNORECASE)
"""Marks of emphasis, headings and quotes around the line."""

_STRUCK = re.compile(r"~~[^~\n]*~~")
_SCORE = re.compile(
    r"^\s*mean score\s*[:=]\s*(?P<n>\d{1,3}(?:[.,]\d{1,6})?|[.,]\d{1,6})\s*(?P<of>%|per ?cent|points|(?:/|"
    r"out of) ?(?P<top>\d{1,4})(?:\.0+)?)?"
    r"\s*\.?\s*$",
    re.IGNORECASE,
)
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
    """The score on the first line, on 0 to 100; `None` if that is no line of the template."""
    match = _SCORE.match(_first_line(text))
    if match is None:
        return None
    value = amount(match["n"], decimal=True)
    if match["top"]:
        return share(value, float(match["top"]))
    in_shares = not match["of"] and value < 1 and match["n"] != "0" and re.search(r"[.,]", match["n"])
    return share(value, 1) if in_shares else within(value)


def template_grade(text: str) -> str | None:
    """The letter on the first line, without its sign; `None` if that is no line of the template."""
    match = _GRADE.match(_first_line(text))
    return match["l"].upper() if match else None
