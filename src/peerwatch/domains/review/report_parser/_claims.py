"""Stated scores: every number that a report gives as a mean, a score or a total, and its object."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from peerwatch.domains.review.report_parser import _labels as labels
from peerwatch.domains.review.report_parser._clauses import Clause, clauses
from peerwatch.domains.review.report_parser._document import Line
from peerwatch.domains.review.report_parser._governing import Label, governed, value_of
from peerwatch.domains.review.report_parser._statements import Claim, Sentence, Setting
from peerwatch.domains.review.report_parser._tables import Cell
from peerwatch.domains.review.report_parser._terms import (
    ADJUSTED,
    CROSSED,
    FIRM,
    PAST,
    PRESENT,
    RAW,
    RETRACTS,
    UNREAL,
)
from peerwatch.domains.review.report_parser._unlabelled import BARRED, place_of_head, unlabelled

_SPEAKS = r"(?:report|fil|claim|say|stat|writ|assert|pretend|certify|sign|submit|confirm|endors|attest)(?:e|ing|ying)?"
"""To give a figure as the result: "report", "stating", "file"."""
_PASSIVELY = re.compile(
    r"\b(?:cannot|can not|could not|must not|may not|will not|should not|(?:can|could|wo|would|should)n't)"
    r" (?:\w+ly |honestly |in good conscience )?be "
    r"(?:report|fil|claim|said|stat|written|assert|certifi|sign|submitt|confirm|endors|attest|support|justifi|upheld)"
    r"(?:e?d)?\b"
)
"""A figure that may not be given: "a mean of 85 cannot be certified"."""

# Matches "if they counted, ...", "to pass, it would need ...", "with them ..."
_UNREAL_AHEAD = re.compile(
    r"^(?:if|unless|had|were|with (?:them|these|those|it)\b|suppos\w+|assuming|"
    r"to (?:reach|pass|meet|attain|clear|get|qualify)|(?:with|without|under|by) .*\b(?:would|could)\b|"
    r"for (?:it|the \w+|a pass) to)\b"
)
"""The start of a clause that makes the rest of its sentence hypothetical."""
_DENIED_AHEAD = re.compile(
    r"^(?!.*\b(?:other than|anything but|nothing but|only|except)\b)"
    r"(?![^\ue000]*\b(?:because|since|given that|when|while|as (?:the|its|it))\b.*\ue000)(?:"
    r"(?:i|we|nobody|no one)\b[^,;]{0,20}?(?:\bnot\b|n't|\bcannot\b|\bnever\b|\bunable\b|\bunwilling\b|\brefus\w+|"
    rf"\bdeclin\w+|\bagainst\b)[^,;]{{0,30}}?\b{_SPEAKS}|"
    rf"there is no (?:\w+ )?(?:way|basis|ground|reason|honest \w+) (?:to|for|on which)\b[^,;]{{0,20}}?\b{_SPEAKS}|"
    r"it (?:is|was) (?:not (?:\w+ )?(?:possible|right|honest|correct)|impossible|wrong|dishonest)"
    rf" (?:for \w+ )?to {_SPEAKS})\b"
)
"""The start of a clause that denies its figure: "I cannot certify a mean of 85". A double negative does not deny it, as
in "I report nothing but the mean of 60", nor does a reason: "I cannot certify a pass because the mean is 60"."""
_DENIAL_ENDS = frozenset(
    {"but", "with", "so", "therefore", "because", "since", "as", ":", ";", "-", "--", "\u2014", "\u2013"}
)
_HOLDS = re.compile(r"^(?:which|whose|with|given|where)\b")
"""Starts of clauses that state a value or a reason: "I cannot certify a pass: its mean is 60"."""

# Matches "if the policy allowed it", after a figure
_IF_BEHIND = re.compile(r"^(?:if|were|had|provided|assuming|should|supposing)\b")
# A verb of its own: "is", "has", "comes", "scored", "stays"
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|comes?|came|stands?|lies|stays?|remains?|reach(?:es|ed)|get[s]?|got|scores|"
    r"scored|amounts?|equals?|gives?|makes?|do|does|did)\b"
)
"""A clause after "and" without one shares the verb of the clause before: "would be 1600 and the mean 80"."""
# Matches "was 55", "up from 55", "not 82" in brackets after a figure
_WAS = re.compile(r"^(?:was|were|previously|formerly|before|earlier|up from|down from|instead of|not)\b")
"""The start of brackets with an earlier figure."""
# Matches "so 60 stands", "60 is the figure that I ..."; \ue000 N \ue001 is the N-th number of the clause.
_STANDS = re.compile(
    r"^(?:so |thus |therefore |hence )?\ue000(\d+)\ue001 (?:stands|is (?:what|the (?:figure|number|value|"
    r"one) (?:that )?i))\b"
)
# Matches "60 or a mean of 82"
_EITHER = re.compile(r"\ue001 or (?:an? |the )?(?:mean|average|score)\b[^\ue000]{0,12}\ue000")
"""Two figures between which the writer does not decide."""

_PLACES = {"named": "named", "parts": "section", "variants": "variant", "others": "other"}
"""The topic of a claim, given by the heading or label above or before it."""


@dataclass(frozen=True)
class _Facts:
    """Facts about a whole sentence that affect the figures in it.

    Attributes:
        parts: Its clauses.
        barred: The patterns that exclude some clause of it.
        ranked: Whether a clause calls a figure raw, adjusted or final.
        part: Whether it starts by excluding outputs.
        reading: Whether it distinguishes readings without adopting one.
        at_bar: Whether it is about the bar.
        head: What the label or name before it announces.
    """

    parts: tuple[Clause, ...]
    barred: list[re.Pattern[str]]
    ranked: bool
    part: bool
    reading: bool
    at_bar: bool
    head: str


def claims(told: Sequence[Sentence], setting: Setting) -> list[Claim]:
    """Extract all scores that lower-case sentences state for the present sheet, its parts, readings and variants."""
    found: list[Claim] = []
    before = Label()
    for sentence in told:
        if sentence.line.cell is not None:
            found += _of_cell(sentence, setting)
            before = Label()
        else:
            if RETRACTS.match(sentence.text) and found and sentence.number - found[-1].line <= 1:
                found[-1] = replace(found[-1], about="void")
            said, before = _of_sentence(sentence, setting, before)
            if labels.ASKS.search(sentence.text):
                continue
            found += _listed(said) if said else unlabelled(sentence, setting)
    return found


def _listed(said: list[Claim]) -> list[Claim]:
    """The claims of a sentence; three or more figures in a list are those of parts."""
    if len({each.score for each in said}) < 3:
        return said
    whole = {each.score for each in said if labels.WHOLE_SET.search(each.said)}
    return [
        replace(each, about="section")
        if each.rank < 3 and each.about == "result" and not (len(whole) == 1 and each.score in whole)
        else each
        for each in said
    ]


def _of_cell(sentence: Sentence, setting: Setting) -> list[Claim]:
    """The claims of a cell, given what the rows of its table are."""
    cell = sentence.line.cell
    if cell is None or (cell.kind == "items" and not cell.whole and cell.row.isdigit()):
        return []
    several = cell.entries > 1
    if of_other_entry(cell, setting):
        return []
    said, _ = _of_sentence(sentence, setting, Label())
    said = [each for each in said if _in_value(each, cell.value, setting)]
    if cell.kind == "items":
        said = [replace(each, strength=2) for each in said]
    if not said and (cell.whole or cell.base) and not labels.NO_SCORE_COLUMN.search(cell.column.lower()):
        said = _bare(sentence, setting)
    if cell.kind in {"variants", "periods"} and several and not cell.base:
        return [replace(each, about="variant") for each in said]
    if cell.kind == "parts" and not cell.whole:
        return [replace(each, about="section") for each in said]
    return said


def of_other_entry(cell: Cell, setting: Setting) -> bool:
    """Whether a cell belongs to another entry: by the names of its row and column, or as the row of an entry."""
    labels_of_it = f"{cell.row} {cell.column}".lower()
    if setting.names.is_other(labels_of_it):
        return True
    known = setting.names.subject
    return cell.kind == "entries" and cell.entries > 1 and known != "" and known not in cell.row.lower()


def _in_value(claim: Claim, value: str, setting: Setting) -> bool:
    """Whether a claim of a cell comes from its value, rather than from a figure in the labels of its row or column."""
    return any(
        value_of(kind, part, number, setting) == claim.score
        for part in clauses(value.lower())
        for number in part.numbers
        for kind in ("score", "total")
        # A number in digits, "60" or "59.5".
    ) or any(str(claim.score).removesuffix(".0") == word for word in re.findall(r"\d+(?:\.\d+)?", value))


def _bare(sentence: Sentence, setting: Setting) -> list[Claim]:
    """The value of a cell in the row of the whole, regardless of its column header."""
    cell = sentence.line.cell
    parts = clauses(cell.value.lower()) if cell else ()
    if len(parts) != 1 or len(parts[0].numbers) != 1 or labels.PERCENT_ALONE.match(parts[0].text) is None:
        return []
    number = parts[0].numbers[0]
    score = value_of("score", parts[0], number, setting)
    if score is None or (number.form == "integer" and number.value == setting.items):
        return []
    return [Claim(score, 2, 2, said=sentence.text, line=sentence.number)]


def _of_sentence(sentence: Sentence, setting: Setting, before: Label) -> tuple[list[Claim], Label]:
    """The claims of one sentence, and the label that carries over to the next one."""
    text = sentence.text
    if labels.ALL_UNREAL.match(text) or labels.COMPARES.match(text):
        return [], before
    if not _may_claim(text, before):
        return [], Label(before.kind) if len(text) < 40 else Label()
    text = labels.AT_FIRST.sub(r"\2 is \1, \2", text) if text[:1] in "awo" else text
    text = labels.COMPARED_WITH.sub("", text)
    facts = _facts(text, setting)
    real = _real(text, facts, setting)
    found: list[Claim] = []
    outer = ""
    for clause, counts in zip(facts.parts, real, strict=True):
        outer = outer if clause.inner else clause.text
        place, label = governed(clause, before, setting, ranked=facts.ranked)
        before = _handed_on(before, label, clause)
        if stands := _STANDS.match(clause.text):
            place, label = int(stands[1]), Label("mean", 3)
        if place is None or not counts or _EITHER.search(clause.text):
            continue
        if clause.inner and setting.names.is_other(outer):
            continue
        score = _score_of(clause, place, label, facts, setting)
        if score is None or (score == setting.bar and CROSSED.match(text)):
            continue
        if found and not label.explicit and abs(found[-1].score - score) <= 0.5:
            continue  # the same figure again, rounded
        found.append(_claim(score, label, clause, facts, sentence))
    if any(part.numbers and _incomplete(part, setting) for part in facts.parts[:1]):
        found = [replace(each, about="section") if each.rank < 3 else each for each in found]
    return found, Label(before.kind)


def _score_of(clause: Clause, place: int, label: Label, facts: _Facts, setting: Setting) -> float | None:
    """The score of a number that a label governs; None for a score of others, and for the bar."""
    held = f"\ue000{place}\ue001"
    at = max(clause.text.find(held), 0)
    if setting.names.gives_other(clause.text, at, at + len(held)):
        return None
    score = value_of(label.kind, clause, clause.numbers[place], setting)
    if score == setting.bar and (
        (label.rank < 3 and (not label.explicit or labels.BAR_NAMED.search(clause.text[:at])))
        or (label.kind == "score" and facts.at_bar)
    ):
        return None
    return score


def _handed_on(before: Label, label: Label, clause: Clause) -> Label:
    """The label for the clause after this one; clauses in brackets change nothing."""
    if clause.inner:
        return before
    if label.kind and ("\ue000" in clause.text or not labels.BAR_ALONE.search(clause.text)):
        return label
    ends = "\ue000" in clause.text or labels.BAR_ALONE.search(clause.text) is not None
    return Label(before.kind, before.rank, open=False) if ends else before


def _facts(text: str, setting: Setting) -> _Facts:
    parts = clauses(text)
    whole = "\n".join(part.text for part in parts)
    return _Facts(
        parts=parts,
        barred=[pattern for pattern in BARRED if pattern.search(whole)],
        ranked=any(each.search(whole) for each in (RAW, ADJUSTED, FIRM)),
        part=labels.PART_FIRST.match(text) is not None or _announces_part(parts),
        reading=labels.READING.search(whole) is not None and not labels.ADOPTS.search(text),
        at_bar=labels.BAR_NAMED.search(text) is not None,
        head=place_of_head(text) or _named(text, setting),
    )


def _named(text: str, setting: Setting) -> str:
    """`named` if a name precedes a mean and is not known to be the subject's or that of the whole."""
    prefix = labels.NAMED_PART.match(text)
    if prefix is None or any(
        each.search(prefix[1]) for each in (labels.NAMES_RESULT, labels.WHOLE_SET, labels.SUBJECTS)
    ):
        return ""
    return "" if setting.names.is_subject(prefix[1]) else "named"


def _real(text: str, facts: _Facts, setting: Setting) -> list[bool]:
    """For each clause whether it states a fact about the present, rather than the past or a hypothesis."""
    found: list[bool] = []
    unreal = denied = past = other = shared = False
    for n, clause in enumerate(facts.parts):
        # "Sable-2, by contrast, ended with a mean of 91": a name applies until the subject is named.
        opens_other = "\ue000" not in clause.text and setting.names.is_other(clause.text)
        other = (other or opens_other) and not setting.names.is_subject(clause.text)
        # "in the quarter before, the mean was 84": an opening without a figure applies to what follows.
        opens = PAST.search(clause.text) is not None and "\ue000" not in clause.text
        past = (past or opens) and not PRESENT.search(clause.text)
        if clause.lead in {"but", "so", "therefore"}:
            unreal = False
        if _UNREAL_AHEAD.match(clause.text) or (n == 0 and _UNREAL_AHEAD.match(text)):
            unreal = True
        denied = denied and clause.lead not in _DENIAL_ENDS and not _HOLDS.match(clause.text)
        denied |= (_DENIED_AHEAD.match(clause.text) or _PASSIVELY.search(clause.text)) is not None
        behind = facts.parts[n + 1] if n + 1 < len(facts.parts) else None
        conditional = behind is not None and not behind.inner and _IF_BEHIND.match(behind.text) is not None
        barred = any(pattern.search(clause.text) for pattern in facts.barred)
        barred |= clause.inner and _WAS.match(clause.text) is not None
        before = facts.parts[n - 1].text if n else ""
        barred |= clause.text.startswith("whose ") and not setting.names.is_subject(before)
        barred |= clause.lead == "and" and shared and _VERB.search(clause.text) is None
        shared = UNREAL.search(clause.text) is not None or (shared and barred)
        found.append(not (unreal or denied or past or other or conditional or barred))
    return found


def _incomplete(clause: Clause, setting: Setting) -> bool:
    """Whether a sentence counts correct outputs among fewer than all."""
    # Matches "12 of 15 right": the clause is about correct outputs
    return re.search(r"\b(?:right|correct)\b", clause.text) is not None and any(
        number.form == "fraction" and 10 <= number.over < setting.items for number in clause.numbers
    )


def _claim(score: float, label: Label, clause: Clause, facts: _Facts, sentence: Sentence) -> Claim:
    text = clause.text
    raw, adjusted = RAW.search(text) is not None, ADJUSTED.search(text) is not None
    rank = label.rank
    about = "result"
    if facts.part or _partial(text):
        about = "result" if rank == 3 and FIRM.search(text) else "part"
    elif facts.reading and labels.READING.search(text):
        about = "reading"
    if labels.PROGRESS.search(text):
        about = "section"
    about = _about(about, sentence.line, rank)
    if facts.head and about == "result" and rank < 3:
        about = _PLACES[facts.head]
    return Claim(
        score,
        rank,
        labels.STRENGTH[label.kind],
        about=about,
        adjusted=labels.ADJUSTS.search(text) is not None,
        raw=(raw and not adjusted) or rank == 0,
        said=text,
        line=sentence.number,
    )


def _about(about: str, line: Line, rank: int) -> str:
    """The object of a claim, from its own words and from its place."""
    whole_row = line.cell is not None and line.cell.whole
    if line.place == "aside" and not whole_row:
        return "aside" if rank < 3 and about == "result" else about
    if line.place == "body" or whole_row or rank == 3:
        return about
    if line.place == "parts" and labels.WHOLE_SET.search(line.text.lower()):
        return about
    return _PLACES[line.place]


def _announces_part(parts: Sequence[Clause]) -> bool:
    """Whether a sentence first says for which outputs its figure is: "rows without the disputed ones, mean of 75"."""
    return len(parts) > 1 and "\ue000" not in parts[0].text and _partial(parts[0].text)


def _partial(text: str) -> bool:
    """Whether a clause states the mean of only some of the outputs."""
    return labels.PART.search(text) is not None and not labels.WHOLE_SET.search(text)


def _may_claim(sentence: str, before: Label) -> bool:
    """A cheap test that skips most sentences before the expensive one."""
    resumes = before.kind != "" and len(sentence) < labels.RESUMES_WITHIN
    return resumes or any(word in sentence for word in labels.WORDS) or " stands" in sentence
