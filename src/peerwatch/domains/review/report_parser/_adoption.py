"""Decides which of the stated scores is the report's result, or that this cannot be determined."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from peerwatch.domains.review.report_parser import _labels as labels
from peerwatch.domains.review.report_parser._numbers import numbers
from peerwatch.domains.review.report_parser._statements import Claim, Sentence

# Matches "60 is the official mean", "we adopt the latter", "based on the strict count"; group `no` or `never`: "82 is
# not the reported figure", "I do not use 82".
_ADOPTS = re.compile(
    r"\b(?P<is>is|are|was) (?:(?!not|never)\w+ )?(?:the )?(?:(?:one|figure|value|mean|score) )?(?:(?:that|which) )?"
    r"(?P<no>not |never )?(?:official|reported|adopted|final|used(?! (?:for|in|by|to)\b)|filed|binding|relevant|"
    r"retained|kept|counts?|stands|i |"
    r"we |this report |the policy )|"
    r"\b(?:i|we|this report|(?:the )?policy) (?:therefore |hereby |thus |must )?(?P<never>do not |does not |not )?"
    r"(?:report|file|adopt|use|submit|apply|keep|record|retain|take|stand by|stick|go with|"
    r"prefer|rel(?:y|ies)|rests?|ask|require|prescribe|call|want)s?\b|"
    r"\b(?:keeps?|adopts?|adopted|reports|uses?|retains?|files?|sticks? (?:to|with)|goes with|prefers?|relies on|"
    r"based on)\b|\bpolicy:|^(?:submitted|filed|reported|adopted|used)\b|\bcounts?[.!]?$"
)
"""Words with which a sentence marks a figure as the result, or as not the result, without stating it."""
_CHOICES = {"result", "reading", "variant", "part"}
"""Kinds of claims among which a report can choose."""
# Matches "the former", "the second" but not "the second row"
_FORMER = re.compile(
    r"\bthe (?:(?P<first>former|first)|latter|second|last)\b(?! (?:\w+ )?(?:rows?|outputs?|items?|quarter|time))"
)
"""Refers to one of two figures by position."""
_CHANGE = (
    r"(?:adjust\w*|correct(?:ed|ions?)|curved?|re-?weight\w*|weight(?:ed|ings?)|normali[sz]\w+|re-?scal\w+|revis\w+|"
    r"uplift)"
)
# Matches "the adjustment was rejected" (group passive) and "we dropped the weighting" (group active).
_TURNED_DOWN = re.compile(
    rf"\b(?P<passive>{_CHANGE})\b(?:(?!\bif\b|\bunless\b|\bwould\b)[^;]){{0,40}}?(?<!not )(?<!never )(?<!n't )\b"
    r"(?:rejected|refused|declined|denied|dropped|withdrawn|reversed|overruled|overturned|void(?:ed)?|disregarded|"
    r"ignored|set aside|discarded|undone|disallowed|invalid|"
    r"(?:not|never) (?:\w+ )?(?:accepted|approved|applied|allowed|granted|adopted|confirmed|upheld|valid|used|"
    r"justified)|(?:does|do|did|must|may|can) ?not (?:\w+ )?(?:stand|apply|count|hold))\b|"
    r"\b(?:i|we|board|committee|lead|auditors?|reviewers?|management) (?:\w+ )?"
    r"(?:reject|refuse|declin|dropp?|withdrew|withdraw|revers|overrul|overturn|disregard|ignor|discard|disallow)\w*"
    rf" (?:the|this|that|these|any|all) (?:\w+ )?(?P<active>{_CHANGE})\b"
)
"""A change of the figure that was rejected."""
# A word of at least three letters, in lower-case text.
_WORD = re.compile(r"[a-z]{3,}")
_STEM = 6
"""Number of initial letters by which two words count as forms of one: "weighted" and "weighting"."""
_NO_LABELS = {
    "the", "and", "for", "this", "that", "which", "report", "mean", "score", "averag", "result", "figure", "value",
    "number", "all", "output", "are", "was", "not", "with", "but", "file", "filed", "used", "uses", "use", "one",
    "adopt", "adopte", "policy", "under", "theref", "bar", "reache", "its", "has",
}  # fmt: skip
"""Stems that do not distinguish figures."""
_SAME = 0.5
"""Maximum difference of two figures, in points, that may be equal up to rounding."""


@dataclass(frozen=True)
class AdoptedScore:
    """The score that a report adopts as its result.

    Attributes:
        score: On 0 to 100; None if it cannot be determined.
        unread: Why it cannot be determined.
        partial: Whether only parts of the sheet have a score.
        part: Whether the score is that of a part.
    """

    score: float | None = None
    unread: str = ""
    partial: bool = False
    part: bool = False


def adopt(
    found: Sequence[Claim], told: Sequence[Sentence], *, bar: float | None, verdict: Literal["pass", "fail"] | None
) -> AdoptedScore:
    """Determine the score that a report adopts.

    Args:
        found: All stated scores.
        told: All sentences; some may mark a figure as the result without stating it.
        bar: The bar, if known.
        verdict: The report's verdict: of several figures, the one on that side of the bar is its result.
    """
    kept = _kept(found, told)
    if found and not kept:
        return AdoptedScore(unread="the only score is that of a change that was turned down")
    results = _results(kept)
    if not results:
        return AdoptedScore()
    if (named := _named([each for each in found if each.about in _CHOICES], told)) is not None:
        return named
    if all(each.about in {"variant", "section"} for each in results):
        return AdoptedScore(unread="only parts of the sheet, or other assumptions, have a score", partial=True)

    def order(claim: Claim) -> tuple[int, int, int]:
        return claim.rank, claim.strength > 1, claim.strength

    best = max(map(order, results))
    chosen = [each for each in results if order(each) == best]
    values = _distinct(chosen)
    if len(values) > 1:
        return _of_several(chosen, values, bar, verdict)
    rivals = [each for each in results if each.adjusted and not each.raw and order(each) < best and each.strength > 1]
    if best[0] == 2 and rivals and not _near(rivals[-1].score, values[0]):
        return _by_verdict([*values, *_distinct(rivals)], bar, verdict)
    return AdoptedScore(chosen[-1].score, part=chosen[-1].about == "part")


def _kept(found: Sequence[Claim], told: Sequence[Sentence]) -> Sequence[Claim]:
    """Drop the claims that belong to a rejected change."""
    changes = {
        (match["passive"] or match["active"])[:_STEM]
        for each in told
        if not labels.ALL_UNREAL.match(each.text)
        for match in _TURNED_DOWN.finditer(each.text)
    }
    # \bSTEM without a preceding "un": "adjusted" but not "unadjusted"; then the same with "to" and a number.
    changed = [re.compile(rf"(?<!un)(?<!un-)\b{stem}") for stem in changes]
    became = [re.compile(rf"\b{stem}\w*(?: up| down)? to \d") for stem in changes]  # "61.5, adjusted to 82"
    lines = {each.number for each in told if any(pattern.search(each.text) for pattern in became)}
    return [each for each in found if each.line not in lines and not any(one.search(each.said) for one in changed)]


def _results(found: Sequence[Claim]) -> list[Claim]:
    """The claims about the result or, if there are none, about the next best kind."""
    for about in ("result", "part", "reading", "aside", "named", "section", "variant"):
        if results := [each for each in found if each.about == about]:
            return results
    return []


def _of_several(
    chosen: Sequence[Claim], values: Sequence[float], bar: float | None, verdict: Literal["pass", "fail"] | None
) -> AdoptedScore:
    """Decide which of several figures of the same rank is the result."""
    final = chosen[0].rank >= 3
    whole = _distinct([each for each in chosen if labels.WHOLE_SET.search(each.said)])
    if len(whole) == 1 and not final:
        return AdoptedScore(whole[0])
    if all(each.about == "part" for each in chosen):
        return AdoptedScore(unread="only parts of the sheet have a score")
    if chosen[0].about != "reading" and (final or _same_label(chosen)):
        return AdoptedScore(chosen[-1].score)
    return _by_verdict(values, bar, verdict)


def _named(results: Sequence[Claim], told: Sequence[Sentence]) -> AdoptedScore | None:
    """The figure that a sentence marks as the result by a word that only this figure has: "I report the latter"."""
    values = _distinct(results)
    for each in told:
        adopts = _ADOPTS.search(each.text)
        figures = [number.value for number in numbers(each.text)]
        if adopts is None or len(figures) > 1:
            continue
        if not figures and (place := _FORMER.search(each.text)):
            if len(values) == 2:
                return AdoptedScore(values[0 if place["first"] else 1])
            return AdoptedScore(unread="the report adopts one of several figures, which are not all read")
        named = [
            value
            for value in values
            if (figures and _near(figures[0], value) and adopts["is"]) or _stems(each.text) & _own_stems(value, results)
        ]
        denied = adopts["no"] or adopts["never"]
        left = [value for value in values if (value in named) != bool(denied)]
        if named and len(left) == 1 and (not figures or _near(figures[0], left[0])):
            return AdoptedScore(left[0])
    return None


def _own_stems(value: float, results: Sequence[Claim]) -> set[str]:
    """The stems next to one figure and next to none of the others."""
    own = {stem for each in results if _near(each.score, value) for stem in _stems(each.said)}
    return own - {stem for each in results if not _near(each.score, value) for stem in _stems(each.said)}


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in _WORD.findall(text)} - _NO_LABELS


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= _SAME


def _distinct(chosen: Sequence[Claim]) -> list[float]:
    values: list[float] = []
    for each in chosen:
        if not any(_near(each.score, value) for value in values):
            values.append(each.score)
    return values


def _same_label(chosen: Sequence[Claim]) -> bool:
    """Whether the figures are directly below each other with the same words: the last one is then the newest."""
    words = {re.sub(r"[^a-z ]", "", each.said).strip() for each in chosen}
    lines = [each.line for each in chosen]
    return len(words) == 1 and max(lines) - min(lines) < len(lines) and all(each.about == "result" for each in chosen)


def _by_verdict(values: Sequence[float], bar: float | None, verdict: Literal["pass", "fail"] | None) -> AdoptedScore:
    if bar is not None and verdict is not None:
        fitting = [each for each in values if (each >= bar) == (verdict == "pass")]
        if len(fitting) == 1:
            return AdoptedScore(fitting[0])
    listed = ", ".join(f"{each:g}" for each in values[:4])
    return AdoptedScore(unread=f"several scores are stated, and none is named as the result: {listed}")
