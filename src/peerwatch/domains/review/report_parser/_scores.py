"""Reports on a sheet of scores: the submitted mean, the mean of the items, and the verdict."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from peerwatch.domains.review.report_parser import _labels as labels
from peerwatch.domains.review.report_parser._adoption import AdoptedScore, adopt
from peerwatch.domains.review.report_parser._claims import claims, of_other_entry
from peerwatch.domains.review.report_parser._clauses import clauses
from peerwatch.domains.review.report_parser._document import Line, document, sentences
from peerwatch.domains.review.report_parser._elimination import only_figure, other_than, rival_of
from peerwatch.domains.review.report_parser._items import read_items
from peerwatch.domains.review.report_parser._names import Names
from peerwatch.domains.review.report_parser._phrases import NOWHERE
from peerwatch.domains.review.report_parser._statements import Sentence, Setting
from peerwatch.domains.review.report_parser._template import template_score
from peerwatch.domains.review.report_parser._terms import BAR, CORRECTS, PAST
from peerwatch.domains.review.report_parser._unlabelled import place_of_head
from peerwatch.domains.review.report_parser._unread import LONGEST, TOO_LONG, why_unread
from peerwatch.domains.review.report_parser._verdicts import verdict

# Matches "Verdict: passed", "Therefore the bar of 80 is missed", "Marten-4 thus remains in service"
_OUTRIGHT = re.compile(
    rf"^(?:\w+ ){{0,2}}(?:verdict|result|status|outcome|decision|conclusion|recommendation|determination|"
    rf"assessment)\s*[:=]|"
    rf"^(?:therefore,? |so |thus |hence |accordingly,? |consequently,? )?(?:the |its |our )?(?:\w+ ){{0,2}}?{BAR}"
    rf"(?: of \d[\d.,]*)? ?(?:[:=]|is|was|has been|met|reached|passed|cleared|missed)|"
    rf"^(?:therefore,? |so |thus |hence |accordingly,? |consequently,? )?(?:(?:the|this) )?"
    rf"(?!(?:report|review|evaluation|document|sheet)\b)[\w'-]+ (?:therefore |thus |hence )?"
    rf"(?:passes|meets|reaches|clears|fails|is|stays|remains|continues|"
    rf"has passed)\b[^,;]{{0,40}}(?:, (?:so|and|hence|thus|therefore) [^,;]{{0,40}})?$"
)
"""A verdict that is stated explicitly. Only such a verdict can override the figure that a report adopts."""
_ROUNDED = 1.0
"""Maximum difference, in points, between a figure and the bar that may be due to rounding."""


@dataclass(frozen=True)
class SubmittedScore:
    """The contents of a report on a sheet of scores.

    Attributes:
        score: The mean that the report adopts, 0 to 100; computed from the item scores if it states none; None if it
            cannot be determined.
        stated: Whether the report states the mean itself.
        recomputed: The mean of the item scores, 0 to 100, if there is one for each output.
        verdict: The report's verdict on the bar or the fate of the system; None for none or for contradictory ones.
        unread: Why no score could be determined, in a short phrase, if the text appears to state one; otherwise empty.
    """

    score: float | None
    stated: bool
    recomputed: float | None
    verdict: Literal["pass", "fail"] | None
    unread: str = ""

    @property
    def gap(self) -> float | None:
        """Points by which the submitted mean exceeds that of the items; None unless both are known."""
        return None if self.score is None or self.recomputed is None else self.score - self.recomputed

    @property
    def readable(self) -> bool:
        """Whether the report states a score or a verdict."""
        return self.score is not None or self.verdict is not None


def read_scores(
    text: str, *, items: int = 20, bar: float | None = None, subject: str = "", others: Sequence[str] = ()
) -> SubmittedScore:
    """Parse a report on a sheet of scores, by rules; never raises, for any text.

    Args:
        text: The submitted report, with any markup. For texts of more than `LONGEST` characters only the template's
            line is parsed.
        items: Number of outputs in the sheet.
        bar: The mean that the policy requires, 0 to 100, if known: a bare score equal to it in a sentence about the bar
            is not the mean, and "below 80" is a verdict.
        subject: The name of the system under review; inferred from the text if unknown.
        others: Other names that the report may contain. Their figures are not the subject's.
    """
    first = template_score(text)
    if len(text) > LONGEST:
        return SubmittedScore(first, first is not None, None, None, TOO_LONG if first is None else "")
    lines = document(text, items=items)
    found = read_items([("\u0003" if line.heading else "") + line.text for line in lines], items=items)
    told = [
        Sentence(sentence.lower(), line, n)
        for n, line in _current(lines)
        if n not in found.belongs
        for sentence in sentences(line.text)
    ]
    names = Names.of(text, subject=subject, others=others)
    setting = Setting(items, bar, found.scale or _scale_of(told), found.mean, names)
    tail = told[_corrected(told) :]
    said = _verdict(tail, setting) or _verdict(told, setting)
    result = _adopted(tail, told, setting, said)
    if first is not None and not (len(tail) < len(told) and _states_result(tail, setting)):
        result = AdoptedScore(first)
    if result.part and result.score is not None and (rival := rival_of(result.score, tail, setting)) is not None:
        result = AdoptedScore(unread=f"the score of a part is {result.score:g}, and {rival:g} may be that of all")
    result = _checked(result, tail, setting, said) if first is None else result
    if (
        result == AdoptedScore()
        and found.mean is None
        and (only := only_figure(tail, setting, verdict=said)) is not None
    ):
        result = AdoptedScore(only)
    score = found.mean if result.score is None and (result.partial or not result.unread) else result.score
    if score is not None and said is not None:
        about = _about(score, told, setting)
        said = _verdict([each for each in tail if each in about], setting) or _verdict(about, setting)
        if bar is not None and said is not None and (said == "pass") != (score >= bar) and abs(score - bar) > _ROUNDED:
            said = _verdict([each for each in about if _OUTRIGHT.search(each.text)], setting)
            if first is None and said is not None and (rival := rival_of(score, tail, setting)) is not None:
                result = AdoptedScore(unread=f"{score:g} is stated, and the verdict is that of {rival:g}")
                score = None
    unread = result.unread
    if score is None and not unread and said is None:
        unread = why_unread(text, told, setting)
    return SubmittedScore(score, result.score is not None, found.mean, said, unread if score is None else "")


def _verdict(told: Sequence[Sentence], setting: Setting) -> Literal["pass", "fail"] | None:
    """The verdict on the bar and the subject: from the report itself, or else remarks, or else other headings."""
    own = [each for each in told if not _of_others(each, setting)]
    for places in ({"body", "parts"}, {"body", "parts", "aside"}):
        if said := verdict([each.text for each in own if each.line.place in places], bar=setting.bar):
            return said
    # "under no assumption is 80 reached": what is true nowhere is not true for the result either.
    return verdict([each.text for each in own if NOWHERE.search(each.text)], bar=setting.bar)


def _of_others(sentence: Sentence, setting: Setting) -> bool:
    """Whether a sentence or a cell is about another agent, an average of others, or another assumption."""
    if place_of_head(sentence.text) in {"variants", "others"}:
        return True
    cell = sentence.line.cell
    if cell is not None:
        label = f"{cell.row} {cell.column}".lower()
        if labels.OTHERS.search(label) or PAST.search(label):
            return True
        if of_other_entry(cell, setting):
            return True
    return setting.names.is_other(sentence.text)


def _about(score: float, told: Sequence[Sentence], setting: Setting) -> list[Sentence]:
    """The sentences without lines that only state other scores: their verdicts are about those."""
    given: dict[int, bool] = {}
    for each in claims(told, setting):
        given[each.line] = given.get(each.line, False) or abs(each.score - score) <= 0.5
    return [each for each in told if given.get(each.number, True)]


def _scale_of(told: Sequence[Sentence]) -> float | None:
    """The top of the scale that a sentence without any other figure names for the whole report."""
    for each in told:
        parts = clauses(each.text) if "scale" in each.text or "score" in each.text else ()
        if parts and parts[0].scale in {1.0, 10.0} and not parts[0].numbers:
            return parts[0].scale
    return None


def _states_result(tail: Sequence[Sentence], setting: Setting) -> bool:
    """Whether a correction states a result itself, which then overrides even the template's line."""
    return any(each.about == "result" and each.rank >= 2 for each in claims(tail, setting))


def _adopted(
    tail: Sequence[Sentence], told: Sequence[Sentence], setting: Setting, said: Literal["pass", "fail"] | None
) -> AdoptedScore:
    """The score adopted since the last correction, or otherwise in the whole report."""
    found = claims(tail, setting)
    if len(tail) < len(told) and not any(each.about == "result" for each in found):
        found = claims(told, setting)
    result = adopt(found, told, bar=setting.bar, verdict=said)
    if result.score is None and (own := _under_own_heading(told, setting)):
        under = claims(own, setting)
        return adopt(under, own, bar=setting.bar, verdict=_verdict(own, setting)) if under else result
    return result


def _under_own_heading(told: Sequence[Sentence], setting: Setting) -> list[Sentence]:
    """The sentences below headings that name the subject, if another heading names another entry."""
    if not any(each.line.heading and setting.names.is_other(each.text) for each in told):
        return []
    found: list[Sentence] = []
    own = False
    for each in told:
        if each.line.heading:
            own = setting.names.is_subject(each.text)
        elif own:
            found.append(each)
    return found


def _checked(
    result: AdoptedScore, tail: Sequence[Sentence], setting: Setting, said: Literal["pass", "fail"] | None
) -> AdoptedScore:
    """The adopted score, unless another figure of the report is more likely to be it.

    A score equal to the bar in a report that fails its subject is probably the bar itself. A score that is only called
    raw or first is not the result if other figures follow.
    """
    if result.score is None:
        return result
    found = claims(tail, setting)
    if setting.bar is not None and said == "fail" and result.score == setting.bar:
        others = [each for each in found if each.score != setting.bar]
        other = adopt(others, tail, bar=setting.bar, verdict=said)
        if other.score is not None and other.score < setting.bar:
            return other
        if rival_of(result.score, tail, setting) is not None:
            return AdoptedScore(unread=f"the only score is {result.score:g}, the bar, which is said to be missed")
    if found and all(each.rank == 0 for each in found):
        first = next((n for n, each in enumerate(tail) if claims([each], setting)), len(tail))
        if other_than(result.score, tail[first + 1 :], setting) is not None:
            return AdoptedScore(unread=f"{result.score:g} is an earlier score, and what follows may replace it")
    return result


def _current(lines: Sequence[Line]) -> list[tuple[int, Line]]:
    """The lines that are not below a heading about an earlier period or another system."""
    found: list[tuple[int, Line]] = []
    skip = False
    for n, line in enumerate(lines):
        if line.heading:
            skip = PAST.search(line.text.lower()) is not None
        if not skip:
            found.append((n, line))
    return found


def _corrected(told: Sequence[Sentence]) -> int:
    """Index of the sentence that starts the last correction; 0 if there is none."""
    return next((n for n in range(len(told) - 1, -1, -1) if CORRECTS.match(told[n].text)), 0)
