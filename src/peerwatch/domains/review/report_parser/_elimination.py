"""The score by elimination: the only figure of a report that can be its result, regardless of its label."""

import math
import re
from collections.abc import Iterator, Sequence
from typing import Literal

from peerwatch.domains.review.report_parser import _labels as labels
from peerwatch.domains.review.report_parser._clauses import Clause, clauses
from peerwatch.domains.review.report_parser._phrases import OWN_WILL, TO_THE_SUBJECT
from peerwatch.domains.review.report_parser._scales import share, within
from peerwatch.domains.review.report_parser._statements import Sentence, Setting
from peerwatch.domains.review.report_parser._terms import BAR
from peerwatch.domains.review.report_parser._unlabelled import BARRED, place_of_head

_SAME = 0.5
"""Maximum difference of two figures, in points, that may be equal up to rounding."""

# Matches "policy", "mean", "scored", "outputs", or a word for the bar
_REPORTS = re.compile(
    rf"\b{BAR}\b|\b(?:policy|mean|average|scores?|scored|result|review(?:ed)?|rubric|report|points|key|outputs|rows|"
    rf"right|correct|answer|figure|number|value)\b"
)
"""Words of reports on scores, as opposed to other texts with a figure."""

# Matches "draft", "not yet final", "pending", "confidence", "satisfaction"
_UNFINISHED = re.compile(
    r"\b(?:so far|draft|not (?:yet )?(?:finished|done|final|filed|complete)|unfinished|to follow|in progress|withheld|"
    r"pending|the (?:former|latter)|number of|weights?|confidence|kappa|agreement|error|trust|rating|satisfaction)\b"
)
"""Words of unfinished reports, or of figures about something other than outputs."""


_BARRED = (*BARRED, labels.PROGRESS, labels.DONE)
"""A sentence with one of these in a clause contains no relevant figure."""

# Matches "missed by ", "another ": what follows is a distance
_BY_HOW_MUCH = re.compile(r"\b(?:by|further|another|plus|more)\s*$")
"""Precedes a distance."""


# Matches "not 82", "never 82"
_DENIED = re.compile(r"\b(?:not|never|cannot|no)\b")
"""Denies the figure after it."""

# Matches "of the outputs" after a share, unless "are correct" follows
_OF_OUTPUTS = re.compile(
    r"^\s*of (?:the |all |its )*(?:outputs|rows|items|answers|questions)\b(?! (?:are|were) (?:right|correct))"
)
"""Follows a share of outputs that are not said to be correct."""

# Matches "right answers: 60 %"
_RIGHT_SHARE = re.compile(r"^(?:share of )?(?:right|correct) (?:answers|outputs|items)\s*[:=]")
"""A label of the share of correct outputs that does not name a part."""

# Matches "points" after a figure, but not "points below the bar"
_POINTS = re.compile(r"^\s*points?\b(?!\s*(?:below|short|under|above|over|away|off|shy|missing))")
"""Points that are awarded, as opposed to points by which something is missed."""


def only_figure(told: Sequence[Sentence], setting: Setting, *, verdict: Literal["pass", "fail"] | None) -> float | None:
    """Return the figure that remains when all others are known to be something else; None unless exactly one does.

    Excluded are the bar, counts, row numbers, and figures about others, other times, parts and hypotheses. Each of the
    remaining figures must be the score itself or follow from it: its distance from the bar, the count of correct or
    wrong outputs, or the sum of all scores.
    """
    if setting.bar is None:
        return None
    texts = [each.text for each in told]
    if any(OWN_WILL.search(each) or TO_THE_SUBJECT.search(each) or _UNFINISHED.search(each) for each in texts):
        return None
    if not any(_REPORTS.search(each) for each in texts):
        return None
    values: list[float] = []
    for value in _figures(told, setting):
        if not any(abs(value - each) <= _SAME for each in values):
            values.append(value)
    fitting = [each for each in values if 1 < each < 100 and all(_follows(other, each, setting) for other in values)]
    if len(fitting) != 1 or (verdict and (fitting[0] >= setting.bar) != (verdict == "pass")):
        return None
    return fitting[0]


def rival_of(score: float, told: Sequence[Sentence], setting: Setting) -> float | None:
    """Another figure on the other side of the bar that may be the score; None if there is none."""
    bar = setting.bar or 0
    figures = (each for each in _figures(told, setting) if not math.isnan(each))
    return next((each for each in figures if (each >= bar) != (score >= bar)), None)


def other_than(score: float, told: Sequence[Sentence], setting: Setting) -> float | None:
    """A figure that may be the score and does not follow from a given one; None if there is none."""
    found = (each for each in _figures(told, setting) if not math.isnan(each))
    return next((each for each in found if not _follows(each, score, setting)), None)


def _figures(told: Sequence[Sentence], setting: Setting) -> Iterator[float]:
    """Yield every figure on 0 to 100 that may be the score of the present sheet."""
    for sentence in told:
        text = sentence.text
        if sentence.line.place != "body" or sentence.line.cell or labels.ALL_UNREAL.match(text) or place_of_head(text):
            continue
        if labels.ASKS.search(text):
            continue
        parts = clauses(text)
        if any(pattern.search(part.text) for part in parts for pattern in _BARRED):
            continue
        if not _RIGHT_SHARE.match(text) and any(labels.PART.search(part.text) for part in parts):
            yield math.nan  # a figure for some outputs contrasts with one for all: unclear which is meant
        other = False
        for clause in parts:
            other = (other or setting.names.is_other(clause.text)) and not setting.names.is_subject(clause.text)
            if other:
                continue
            # \ue000 N \ue001 is the N-th number of the clause.
            for place in map(int, re.findall("\ue000(\\d+)\ue001", clause.text)):
                if (value := _value(clause, place, setting)) is not None:
                    yield value


def _value(clause: Clause, place: int, setting: Setting) -> float | None:
    """A figure as a score; None if it is known to be something else, nan for a share of an unknown whole."""
    number, held = clause.numbers[place], f"\ue000{place}\ue001"
    at = clause.text.find(held)
    ahead, rest = clause.text[:at], clause.text[at + len(held) :]
    if number.value == setting.bar or setting.names.gives_other(clause.text, at, at + len(held)):
        return None
    if number.form != "percent" and (labels.INDEX.search(ahead) or _BY_HOW_MUCH.search(ahead)):
        return None
    if any(token.lastgroup in {"block", "total"} for token in labels.GOVERNS.finditer(ahead)) or _DENIED.search(ahead):
        return None
    if number.form == "fraction":
        if number.over == setting.bar:
            return within(number.value)
        known = number.over in {5, 10, 100, setting.items, 100 * setting.items}
        return share(number.value, number.over) if known else math.nan
    if _OF_OUTPUTS.match(rest):
        return None
    if (
        number.form in {"integer", "decimal"}
        and ahead.strip()
        and not labels.LINK.search(ahead)
        and not _POINTS.match(rest)
    ):
        return None
    if number.form == "integer" and (number.value <= setting.items or number.value == 100 or _counts(rest)):
        return None
    return within(number.value)


def _counts(rest: str) -> bool:
    """Whether a whole number counts something other than points, by the words after it."""
    counted = labels.COUNTED.match(rest) is not None or labels.COUNTS_HITS.match(rest) is not None
    return counted and _POINTS.match(rest) is None


def _follows(other: float, score: float, setting: Setting) -> bool:
    """Whether a figure is the score or follows from it."""
    right = score * setting.items / 100
    known = [score, right, setting.items - right, 100 - score, abs((setting.bar or 0) - score)]
    return any(abs(other - each) <= _SAME for each in known)
