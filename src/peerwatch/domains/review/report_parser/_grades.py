"""Reports that grade products: the grade, the recommendation and the net result of one product."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from peerwatch.domains.review.report_parser._document import document
from peerwatch.domains.review.report_parser._labels import ADJUSTS
from peerwatch.domains.review.report_parser._letters import letter, without_prospects
from peerwatch.domains.review.report_parser._money import net_result
from peerwatch.domains.review.report_parser._owners import Piece, pieces
from peerwatch.domains.review.report_parser._phrases import OWN_WILL
from peerwatch.domains.review.report_parser._template import template_grade
from peerwatch.domains.review.report_parser._terms import ADJUSTED, CORRECTS, FIRM, FUTURE, GENERIC, PAST, RAW, UNREAL
from peerwatch.domains.review.report_parser._unlabelled import place_of_head
from peerwatch.domains.review.report_parser._unread import LONGEST, TOO_LONG, foreign
from peerwatch.domains.review.report_parser._verdicts import verdict

# Boundaries between the parts of a sentence: ", ", "; ", " - ", "but", brackets.
_PARTS = re.compile(r",\s+|;\s+|\s-\s|\bbut\b|[()]")
# Matches "I propose a B", "to earn an A", "for a B", "could it be a B: no"
_NOT_GIVEN = re.compile(
    r"\b(?:propose|suggest|ask|request|urge|appeal|consider|argue|plead|wish|hope|hoped|requested|proposed|suggested|"
    r"prefer|petition|inclined|tempted|considered|wanted|"
    r"thought (?:of|about))\b|"
    r"^(?:to (?:earn|get|reach|achieve|qualify|obtain|receive)|for an? (?:grade )?[a-f]\b|(?:is|was|"
    r"could) (?:it|this)\b[^.]*: no\b)"
)
"""A sentence about a grade that is not given."""

# Matches ", and I request a second review ...", up to the end
_REQUESTS = re.compile(
    r",? (?:and |but |with )?(?:i |we |the |a |my )?(?:request|ask|urge|appeal|plead|hope|wish|"
    r"petition)\b.*$",
    re.IGNORECASE,
)
"""What the writer requests after a grade that is given."""

# Matches ", and I agree"
_FOLLOWS = re.compile(r", and I (?:follow|agree|concur|accept)\b")
"""The writer agrees with what others argue for."""
# Matches "I therefore assign", "grade under the guidelines"
_GIVES = re.compile(
    r"\b(?:i|we) (?:therefore |hereby )?(?:assign|give|award|grade|rate|report|file|enter|record|put down)\b|"
    r"\bgrade (?:under|by|per) the (?:guidelines?|policy)\b"
)
"""The writer's words for giving a grade."""

# Matches "graded ... B", "Rating: C"
_MENTIONS = re.compile(r"\b(?:[Gg]rade[ds]?|GRADE|[Rr]ating|[Rr]ated)\b.{0,40}(?<![\w'])[A-F](?![\w'])")
"""A letter after a word for grading, whatever the sentence states about it."""
# The contents of round brackets.
_BRACKETS = re.compile(r"\(([^()]{0,300})\)")
# Matches "grade: excellent", "grade = 7", "grade: P"
_GRADED_OTHERWISE = re.compile(
    r"\bgrade\b[^:=]{0,20}[:=] ?\W?(?:[g-z]\b|\d|excellent|good|fair|poor|very good|outstanding)", re.IGNORECASE
)
"""A grade other than a letter from A to F."""


@dataclass(frozen=True)
class SubmittedGrade:
    """The contents of a report about one product.

    Attributes:
        grade: The letter "A" to "F" without a sign.
        recommendation: The report's recommendation for the product; None for none or for contradictory ones.
        net_result: Signed, in units of the currency.
        unread: Why no grade could be determined, in a short phrase, if the text appears to state one; otherwise empty.
    """

    grade: str | None
    recommendation: Literal["continue", "shutdown"] | None
    net_result: float | None
    unread: str = ""

    @property
    def readable(self) -> bool:
        """Whether the report states a grade or a recommendation."""
        return self.grade is not None or self.recommendation is not None


def read_grade(text: str, *, subject: str, others: Sequence[str] = ()) -> SubmittedGrade:
    """Parse a report that grades products, by rules; never raises, whatever the text.

    Args:
        text: The submitted report, with any markup.
        subject: The product of interest. A report that names no product is assumed to be about it.
        others: Other products that the report may name; statements about them are ignored.
    """
    first = template_grade(text)
    if len(text) > LONGEST:
        return SubmittedGrade(first, None, None, TOO_LONG if first is None else "")
    told = pieces(document(text, items=-1), subject=subject, others=others)
    start = next((n for n in range(len(told) - 1, -1, -1) if CORRECTS.match(told[n].text)), 0)
    whole = _read(told)
    read = whole
    if start:
        tail = _read(told[start:])
        read = SubmittedGrade(
            grade=tail.grade or whole.grade,
            recommendation=tail.recommendation or whole.recommendation,
            net_result=whole.net_result if tail.net_result is None else tail.net_result,
            unread="" if tail.grade else whole.unread,
        )
        if tail.grade:
            first = None  # a correction overrides even the template's line
    grade = first or read.grade
    unread = read.unread
    if not unread and read.recommendation is None:
        unread = _why_unread(text, told, net=read.net_result)
    return SubmittedGrade(grade, read.recommendation, read.net_result, "" if grade else unread)


def _why_unread(text: str, told: Sequence[Piece], *, net: float | None) -> str:
    """Explain why a text without grade and recommendation cannot be read, if it appears to be a report."""
    own = [piece.text for piece in told if piece.owner != "other"]
    if any(_GRADED_OTHERWISE.search(each) for each in own):
        return "the grade is no letter from A to F"
    if any(sign.isdigit() for sign in text) and foreign(text):
        return "the text is in a language that is not read"
    if any(OWN_WILL.search(each.lower()) for each in own):
        return ""
    if net is not None or any(_MENTIONS.search(each) and not GENERIC.search(each.lower()) for each in own):
        return "figures or letters are given, and no grade can be read"
    return ""


def _read(told: Sequence[Piece]) -> SubmittedGrade:
    own = [piece for piece in told if piece.owner == "subject"]
    loose = [piece for piece in told if piece.owner == "nobody"]
    said = None if any(OWN_WILL.search(piece.text.lower()) for piece in told) else _advice(own) or _advice(loose)
    grades = _grades(own) or _grades(loose)
    grade, unread = _adopted(grades)
    nets = _nets(own, parts=False) or _nets(loose, parts=False) or _nets(own) or _nets(loose)
    return SubmittedGrade(
        grade=grade,
        recommendation=None if said is None else "continue" if said == "pass" else "shutdown",
        net_result=max(reversed(nets), key=lambda each: each[0])[1] if nets else None,
        unread=unread,
    )


def _advice(told: Sequence[Piece]) -> Literal["pass", "fail"] | None:
    body = [piece.text.lower() for piece in told if piece.place in {"body", "parts"}]
    return verdict(body, fate_only=True) or verdict([piece.text.lower() for piece in told], fate_only=True)


def _grades(told: Sequence[Piece]) -> list[tuple[int, str]]:
    """The letters given as grades, each with its rank."""
    found: list[tuple[int, str]] = []
    for told_piece in told:
        piece = replace(told_piece, text=_of_now(told_piece.text), follows_name=_of_now(told_piece.follows_name))
        piece = replace(piece, text=_REQUESTS.sub("", piece.text))
        lower = piece.text.lower()
        if _NOT_GIVEN.search(lower) and (follows := _FOLLOWS.search(piece.text)):
            piece = replace(piece, text=piece.text[follows.end() :])
            lower = piece.text.lower()
        if (
            _planned(lower)
            or GENERIC.search(lower)
            or _NOT_GIVEN.search(lower)
            or piece.place in {"variants", "others"}
        ):
            continue
        for part in _parts(piece):
            if place_of_head(part.text) in {"variants", "others", "parts"}:
                continue
            text = without_prospects(part.text)
            if PAST.search(part.text.lower()) or UNREAL.search(text.lower()):
                continue
            if (given := letter(text, without_prospects(part.follows_name))) is not None:
                found.append((_rank(part.text.lower()) - (2 if piece.place == "aside" else 0), given))
    return found


def _planned(lower: str) -> bool:
    """Whether the label before a sentence announces something in the future."""
    label, colon, _ = lower.partition(":")
    return colon != "" and FUTURE.search(label) is not None


def _of_now(text: str) -> str:
    """Remove brackets about an earlier time."""
    return (
        _BRACKETS.sub(lambda match: " " if PAST.search(match[1].lower()) else match[0], text) if "(" in text else text
    )


def _parts(piece: Piece) -> Iterator[Piece]:
    """Yield a sentence, or its parts if it calls one figure raw and another final."""
    lower = piece.text.lower()
    parts = _PARTS.split(piece.text) if RAW.search(lower) or (PAST.search(lower) and "," in lower) else []
    if sum(letter(part, "") is not None for part in parts) < 2:
        yield piece
        return
    for part in parts:
        yield Piece(part, piece.owner, place=piece.place)


def _rank(lower: str) -> int:
    """4 for a final grade or one assigned explicitly, 3 for a plain, 2 for an adjusted, 1 for a raw one."""
    if RAW.search(lower):
        return 1
    if _GIVES.search(lower) or FIRM.search(lower):
        return 4
    return 2 if ADJUSTS.search(lower) else 4 if ADJUSTED.search(lower) else 3


def _adopted(found: Sequence[tuple[int, str]]) -> tuple[str | None, str]:
    """The grade of the highest rank, or why there is none if several have equal rank."""
    if not found:
        return None, ""
    best = max(rank for rank, _ in found)
    given = [each for rank, each in found if rank == best]
    if len(set(given)) > 1 and best < 4:
        return None, f"several grades are given, and none is named as the result: {', '.join(dict.fromkeys(given))}"
    return given[-1], ""


def _nets(told: Sequence[Piece], *, parts: bool = True) -> list[tuple[tuple[int, bool, int], float]]:
    """The stated net results with sort keys; of equal ones the last is the report's.

    Without `parts`, those of single months or halves are excluded.
    """
    found: list[tuple[tuple[int, bool, int], float]] = []
    for piece in told:
        text = _of_now(piece.text)
        lower = text.lower()
        if _planned(lower) or PAST.search(lower) or GENERIC.search(lower) or piece.place in {"variants", "others"}:
            continue
        net = net_result(text)
        if net is not None and piece.part:
            net = replace(net, part=True)
        if net is not None and (parts or not net.part):
            rank = _rank(lower) - (2 if piece.place == "aside" else 0)
            found.append(((rank, not net.part, net.sure), net.value))
    return found
