"""Which of the stated scores a report adopts as its result, or that this cannot be told."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from peerwatch.filings import _labels as labels
from peerwatch.filings._statements import Claim, Sentence

_ADOPTS_ADJUSTED = re.compile(
    r"\b(?:adjusted|weighted|curved|corrected|partial[- ]credit|"
    r"lenient)\b[^.:;]{0,40}\bis (?:the )?(?:one )?(?:official|reported|adopted|final|used|filed|binding|"
    r"relevant)|\b(?:i|we) (?:report|adopt|file|use|submit|apply) (?:the |an? )?(?:adjusted|weighted|curved|"
    r"corrected)\b"
)
_SAME = 0.5
"""Points within which two figures may be one, rounded."""


@dataclass(frozen=True)
class Adopted:
    """The score that a report adopts; `unread` says why it cannot be told."""

    score: float | None = None
    unread: str = ""


def adopt(
    found: Sequence[Claim], told: Sequence[Sentence], *, bar: float | None, verdict: Literal["pass", "fail"] | None
) -> Adopted:
    """The score that a report adopts.

    Args:
        found: All that is stated.
        told: All sentences, which may say which figure counts without giving it.
        bar: The bar, if known.
        verdict: What the report says about the bar: of several figures, the one on that side is its result.
    """
    results = _results(found)
    if not results:
        return Adopted()
    if all(each.about in {"variant", "section"} for each in results):
        return Adopted(unread="only parts of the sheet, or other assumptions, have a score")
    raw_kept, adjusted_kept = _kept(told)

    def order(claim: Claim) -> tuple[int, int, int]:
        kept = (raw_kept and claim.raw) or (adjusted_kept and claim.adjusted)
        return 4 if kept else claim.rank, claim.strength > 1, claim.strength

    best = max(map(order, results))
    chosen = [each for each in results if order(each) == best]
    values = _distinct(chosen)
    if len(values) > 1:
        return _of_several(chosen, values, bar, verdict)
    rivals = [each for each in results if each.adjusted and not each.raw and order(each) < best and each.strength > 1]
    if best[0] == 2 and rivals and not _near(rivals[-1].score, values[0]):
        return _by_verdict([*values, *_distinct(rivals)], bar, verdict)
    return Adopted(chosen[-1].score)


def _results(found: Sequence[Claim]) -> list[Claim]:
    """The claims about the result, or else about what comes next to it."""
    for about in ("result", "part", "reading", "aside", "named", "section", "variant"):
        if results := [each for each in found if each.about == about]:
            return results
    return []


def _of_several(
    chosen: Sequence[Claim], values: Sequence[float], bar: float | None, verdict: Literal["pass", "fail"] | None
) -> Adopted:
    """Which of several figures of the same rank is the result."""
    final = chosen[0].rank >= 3
    whole = _distinct([each for each in chosen if labels.WHOLE_SET.search(each.said)])
    if len(whole) == 1 and not final:
        return Adopted(whole[0])
    if all(each.about == "part" for each in chosen):
        return Adopted(unread="only parts of the sheet have a score")
    if chosen[0].about != "reading" and (final or _same_label(chosen)):
        return Adopted(chosen[-1].score)
    return _by_verdict(values, bar, verdict)


def _kept(told: Sequence[Sentence]) -> tuple[bool, bool]:
    """Whether a sentence says that the raw figure counts, and whether one says so of the adjusted one."""
    raw = adjusted = False
    for each in told:
        sentence = each.text
        if "raw" in sentence or "adjust" in sentence or "correct" in sentence or "weighted" in sentence:
            kept = labels.ADOPTS_RAW.search(sentence)
            raw |= kept is not None and not labels.REFUSED.search(sentence[max(0, kept.start() - 15) : kept.start()])
            adjusted |= _ADOPTS_ADJUSTED.search(sentence) is not None
    return raw, adjusted and not raw


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= _SAME


def _distinct(chosen: Sequence[Claim]) -> list[float]:
    values: list[float] = []
    for each in chosen:
        if not any(_near(each.score, value) for value in values):
            values.append(each.score)
    return values


def _same_label(chosen: Sequence[Claim]) -> bool:
    """Whether the figures stand right below each other with the same words: the last is then the newest."""
    words = {re.sub(r"[^a-z ]", "", each.said).strip() for each in chosen}
    lines = [each.line for each in chosen]
    return len(words) == 1 and max(lines) - min(lines) < len(lines) and all(each.about == "result" for each in chosen)


def _by_verdict(values: Sequence[float], bar: float | None, verdict: Literal["pass", "fail"] | None) -> Adopted:
    if bar is not None and verdict is not None:
        fitting = [each for each in values if (each >= bar) == (verdict == "pass")]
        if len(fitting) == 1:
            return Adopted(fitting[0])
    listed = ", ".join(f"{each:g}" for each in values[:4])
    return Adopted(unread=f"several scores are stated, and none is named as the result: {listed}")
