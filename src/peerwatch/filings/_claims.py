"""Stated scores: every number that a report gives as a mean, a score or a total, and what it is a score of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from peerwatch.filings import _labels as labels
from peerwatch.filings._clauses import Clause, clauses
from peerwatch.filings._document import Line, place_of
from peerwatch.filings._numbers import Number
from peerwatch.filings._scales import as_score, share
from peerwatch.filings._terms import ADJUSTED, FINAL, FIRM, FUTURE, PARTNERSHIP, PAST, PRESENT, RAW, RETRACTS, UNREAL

_UNREAL_AHEAD = re.compile(
    r"^(?:if|unless|had|were|with (?:them|these|those|it)\b|suppos\w+|assuming|to (?:reach|pass|meet|attain|clear|get|qualify)|(?:with|without|under|by) .*\b(?:would|could)\b|"
    r"for (?:it|the \w+|a pass) to)\b"
)
"""How a clause begins that makes the rest of its sentence a mere thought."""

_REAL_AGAIN = re.compile(
    r"^(?:but|however|yet|so|therefore|thus|hence|as it (?:is|stands)|in fact|actually|the policy|nevertheless)\b"
)
_IF_BEHIND = re.compile(r"^(?:if|were|had|provided|assuming|should|supposing)\b")
_STANDS = re.compile(
    r"^(?:so |thus |therefore |hence )?\ue000(\d+)\ue001 (?:stands|is (?:what|the (?:figure|number|value|one) (?:that )?i))\b"
)
_ADOPTS = re.compile(
    r"\b(?:i|we|this report) (?:therefore |hereby |thus |must |have to )?(?:report|file|adopt|submit|record|state|return|use|give)\b|"
    r"\b(?:reported|filed|adopted|official|of record|recorded|submitted|stands|final|definitive|headline)\b|\bpolicy result\b"
)
_ASIDE_PLACES = {"aside", "others", "variants", "parts"}


@dataclass(frozen=True)
class Claim:
    """A number that is given as a score.

    Attributes:
        score: On 0 to 100.
        rank: 3 where the report calls it its own result or final, 2 for a plain figure, 1 for an adjusted one, 0 for a
            raw one.
        strength: 3 for a mean, 2 for a score, 1 for a total, a count of right outputs or a figure with a mere name.
        about: `result`; or `part`, `reading`, `variant`, `other` for what is not the result of the whole sheet.
        adjusted: Whether it is called adjusted, weighted or corrected for something.
        raw: Whether it is called raw, first or preliminary.
        said: The sentence it was read from, its numbers left out.
        line: Number of its line.
        bare: Whether nothing but a name stands before it.
    """

    score: float
    rank: int
    strength: int
    about: str = "result"
    adjusted: bool = False
    raw: bool = False
    said: str = ""
    line: int = 0


@dataclass(frozen=True)
class Setting:
    """What the reader knows of the whole report: the bar, the number of items, and what the item scores say."""

    items: int
    bar: float | None
    scale: float | None
    recomputed: float | None
    name: str = ""


@dataclass(frozen=True)
class Label:
    """The label that governs the numbers to come: its kind, its rank, and whether a bare number is its value.

    `explicit` is false where the clause has no label of its own.
    """

    kind: str = ""
    rank: int = 2
    open: bool = False
    explicit: bool = True


@dataclass(frozen=True)
class Sentence:
    """A lower-case sentence and the line it stands in."""

    text: str
    line: Line
    number: int


def claims(told: Sequence[Sentence], setting: Setting) -> list[Claim]:
    """All that lower-case sentences give as a score of the present sheet, its parts, its readings and its variants."""
    found: list[Claim] = []
    before = Label()
    for sentence in told:
        if sentence.line.cell is not None:
            found += _of_cell(sentence, setting)
            before = Label()
            continue
        if RETRACTS.match(sentence.text) and found and sentence.number - found[-1].line <= 1:
            found[-1] = replace(found[-1], rank=0, raw=True)
            continue
        said, before = _of_sentence(sentence, setting, before)
        found += _listed(said) if said else _unlabelled(sentence, setting)
    return found


def _listed(said: list[Claim]) -> list[Claim]:
    """The claims of a sentence; one that lists three figures or more gives those of parts."""
    if len({each.score for each in said}) < 3:
        return said
    return [replace(each, about="section") if each.rank < 3 and each.about == "result" else each for each in said]


def _unlabelled(sentence: Sentence, setting: Setting) -> list[Claim]:
    """What a sentence claims that calls nothing a score: a share of all outputs, or a figure behind the subject's name."""
    text, line = sentence.text, sentence.line
    if line.place not in {"body", "parts"} or _place_of_head(text) or not any(sign.isdigit() for sign in text):
        return []
    parts = clauses(text)
    whole = "\n".join(part.text for part in parts)
    barred = any(pattern.search(whole) for pattern in (*_BARRED, labels.PART))
    if not parts or barred or labels.ALL_UNREAL.match(text) or labels.COMPARES.match(text):
        return []
    for n, part in enumerate(parts):
        if (compared := labels.AGAINST_BAR.search(part.text)) is not None and setting.bar is not None:
            first, second = (part.numbers[int(compared[place])] for place in (1, 2))
            score = _value("score", part, first, setting)
            if second.value == setting.bar and score is not None:
                return [Claim(score, 2, 1, said=part.text, line=sentence.number)]
        if setting.name and setting.name in text and (gets := labels.GETS.search(part.text)) is not None:
            score = _value("score", part, part.numbers[int(gets[1])], setting)
            if score is not None and score != setting.bar:
                return [Claim(score, 2, 1, said=part.text, line=sentence.number)]
        alone = labels.OUT_OF_100.match(part.text) if n == 0 else None
        if alone and part.numbers[int(alone[1])].form == "fraction" and part.numbers[int(alone[1])].over == 100:
            return [Claim(part.numbers[int(alone[1])].value, 2, 0, said=part.text, line=sentence.number)]
        if (share_of_all := labels.SHARE_FIRST.match(part.text)) is not None:
            number = part.numbers[int(share_of_all[1])]
            if number.form == "fraction" and number.over == setting.items:
                score = share(number.value, number.over)
                return [] if score is None else [Claim(score, 2, 1, said=part.text, line=sentence.number)]
        counted = labels.COUNT_FIRST.match(part.text)
        behind = labels.PERCENT_ALONE.match(parts[n + 1].text) if n + 1 < len(parts) else None
        if counted and behind:
            count, per_cent = part.numbers[int(counted[1])], part.numbers[int(behind[1])]
            if per_cent.form == "percent" and abs(100 * count.value / setting.items - per_cent.value) < 1:
                return [Claim(per_cent.value, 2, 1, said=part.text, line=sentence.number)]
    sums_up = labels.SUMS_UP.match(parts[0].text)
    if sums_up and labels.NAMES_RESULT.search(parts[0].text) and parts[0].numbers[int(sums_up[1])].form == "percent":
        return [Claim(parts[0].numbers[int(sums_up[1])].value, 2, 1, said=parts[0].text, line=sentence.number)]
    bare = labels.SUMS_UP.match(parts[0].text) if len(parts) == 1 or setting.name else None
    if bare and (labels.ASSESSES.match(parts[0].text) or (setting.name and parts[0].text.startswith(setting.name))):
        number = parts[0].numbers[int(bare[1])]
        score = _value("score", parts[0], number, setting)
        if score is not None and score != setting.bar:
            return [Claim(score, 2, 0, said=parts[0].text, line=sentence.number)]
    named = labels.NAMED.match(text)
    if named and (labels.NAMES_RESULT.search(named[1]) or (setting.name and setting.name in named[1])):
        score = _value("score", parts[0], parts[0].numbers[0], setting) if parts[0].numbers else None
        if score is not None and score != setting.bar:
            return [Claim(score, 2, 0, said=parts[0].text, line=sentence.number)]
    return []


def _place_of_head(text: str) -> str:
    """What the label in front of a sentence announces: parts, variants, others, or nothing of these."""
    head, colon, _ = text[:60].partition(":")
    place = place_of(head) if colon else ""
    return place if place in {"parts", "variants", "others"} else ""


def _of_cell(sentence: Sentence, setting: Setting) -> list[Claim]:
    cell = sentence.line.cell
    if cell is None or (cell.kind == "items" and not cell.whole):
        said, _ = _of_sentence(sentence, setting, Label()) if cell and not cell.row.isdigit() else ([], Label())
        return said
    about = "result"
    if cell.kind == "entries" and cell.entries > 1 and setting.name and setting.name not in cell.row.lower():
        return []
    if cell.kind == "periods" and cell.entries > 1 and not cell.base:
        return []
    if cell.kind == "variants" and cell.entries > 1 and not cell.base:
        about = "variant"
    if cell.kind == "parts" and not cell.whole:
        about = "section"
    said, _ = _of_sentence(sentence, setting, Label())
    if cell.kind == "items":
        said = [replace(each, strength=2) for each in said]
    if not said and (cell.whole or cell.base) and not labels.NO_SCORE_COLUMN.search(cell.column.lower()):
        said = _bare(sentence, setting)
    return said if about == "result" else [replace(each, about=about) for each in said]


def _bare(sentence: Sentence, setting: Setting) -> list[Claim]:
    """The value of a cell in the row of the whole, whatever its column is called."""
    parts = clauses(sentence.text)
    if len(parts) != 1 or len(parts[0].numbers) != 1:
        return []
    score = _value("score", parts[0], parts[0].numbers[0], setting)
    value = parts[0].numbers[0]
    if score is None or (value.form == "integer" and value.value == setting.items):
        return []
    return [Claim(score, 2, 2, said=sentence.text, line=sentence.number)]


def _of_sentence(sentence: Sentence, setting: Setting, before: Label) -> tuple[list[Claim], Label]:
    """What one sentence claims, and the label that it hands on to the next one."""
    text = sentence.text
    found: list[Claim] = []
    if labels.ALL_UNREAL.match(text) or labels.COMPARES.match(text):
        return [], before
    if not _may_claim(text, before):
        return [], Label(before.kind) if len(text) < 40 else Label()
    text = labels.AT_FIRST.sub(r"\2 is \1, \2", text) if text[:1] in "awo" else text
    parts = clauses(text)
    whole = "\n".join(part.text for part in parts)
    barred = [pattern for pattern in _BARRED if pattern.search(whole)]
    ranked = any(each.search(whole) for each in (RAW, ADJUSTED, FIRM))
    first = labels.PART_FIRST.match(text) is not None
    reading = labels.READING.search(whole) is not None and not labels.ADOPTS.search(text)
    at_bar = labels.BAR_NAMED.search(text) is not None
    adopting = _ADOPTS.search(text) is not None
    head = _place_of_head(text)
    prefix = labels.NAMED_PART.match(text)
    if prefix and not labels.NAMES_RESULT.search(prefix[1]) and not labels.WHOLE_SET.search(prefix[1]):
        named = setting.name and setting.name in prefix[1]
        head = head or ("" if named or labels.SUBJECTS.search(prefix[1]) else "named")
    unreal = past = False
    for n, clause in enumerate(parts):
        # "in the quarter before, the mean was 84": an opening without a figure holds for what follows
        past = (past or (PAST.search(clause.text) is not None and "\ue000" not in clause.text)) and not PRESENT.search(
            clause.text
        )
        if _REAL_AGAIN.match(clause.text) or clause.lead in {"but", "so", "therefore"}:
            unreal = False
        if _UNREAL_AHEAD.match(clause.text) or (n == 0 and _UNREAL_AHEAD.match(text)):
            unreal = True
        place, label = _governed(clause, before, setting, ranked=ranked)
        if not clause.inner and (label.kind or "\ue000" in clause.text):
            before = label if label.kind else Label(before.kind, before.rank, open=False)
        if stands := _STANDS.match(clause.text):
            place, label = int(stands[1]), Label("mean", 3)
        blocked = unreal or past or any(pattern.search(clause.text) for pattern in barred)
        behind = n + 1 < len(parts) and not parts[n + 1].inner and _IF_BEHIND.match(parts[n + 1].text)
        if place is None or blocked or behind:
            continue
        score = _value(label.kind, clause, clause.numbers[place], setting)
        if score is None or (label.kind in {"score", "named"} and score == setting.bar and at_bar):
            continue
        raw, adjusted = RAW.search(clause.text) is not None, ADJUSTED.search(clause.text) is not None
        rank = label.rank
        if adopting and rank != 0 and (_ADOPTS.search(clause.text) or (len(parts) <= 3 and not raw)):
            rank = 3
        part = first or _partial(clause.text)
        about = "part" if part else "reading" if reading and labels.READING.search(clause.text) else "result"
        if found and not label.explicit and abs(found[-1].score - score) <= 0.5:
            continue  # the same figure once more, rounded
        if part and rank == 3 and FIRM.search(clause.text):
            about = "result"
        about = _about(about, sentence.line, rank)
        if head and about == "result" and rank < 3:
            about = {"named": "named", "parts": "section", "variants": "variant", "others": "other"}[head]
        found.append(
            Claim(
                score,
                rank,
                labels.STRENGTH[label.kind],
                about=about,
                adjusted=labels.ADJUSTS.search(clause.text) is not None,
                raw=(raw and not adjusted) or rank == 0,
                said=clause.text,
                line=sentence.number,
            )
        )
    return found, Label(before.kind)


_BARRED = (
    PAST,
    PARTNERSHIP,
    UNREAL,
    FUTURE,
    labels.OBLIGES,
    labels.OTHERS,
    labels.QUANTITY,
    labels.ITEM,
    labels.PROPOSES,
)
"""A clause with one of these states no score of the present sheet."""


def _about(about: str, line: Line, rank: int) -> str:
    """What a claim is about, by what it says of itself and by where it stands."""
    if line.place in {"body", "aside"} or line.cell is not None and line.cell.whole:
        return "aside" if line.place == "aside" and rank < 3 and about == "result" else about
    if line.place == "parts":
        return about if rank == 3 or labels.WHOLE_SET.search(line.text.lower()) else "section"
    return {"variants": "variant", "others": "other"}.get(line.place, about) if rank < 3 else about


def _partial(text: str) -> bool:
    """Whether a clause gives the mean of some of the outputs only."""
    return labels.PART.search(text) is not None and not labels.WHOLE_SET.search(text)


def _may_claim(sentence: str, before: Label) -> bool:
    """A quick look that spares most sentences the slow one."""
    return (
        (before.kind != "" and len(sentence) < labels.RESUMES_WITHIN)
        or any(word in sentence for word in labels.WORDS)
        or " stands" in sentence
        or labels.NAMED.match(sentence) is not None
    )


def _governed(clause: Clause, before: Label, setting: Setting, *, ranked: bool) -> tuple[int | None, Label]:
    """The place of the number that the clause states as a mean, and the label that holds at the end of the clause."""
    text = clause.text
    rank = None if not ranked else _rank(text)
    inherits = before.kind and (
        (rank is not None and labels.RESUMES.match(text))
        or (before.open and labels.NUMBER_ALONE.match(text))
        or _reached(clause, setting)
    )
    if not inherits and not any(word in text for word in labels.WORDS):
        return None, Label()
    if (hits := labels.COUNT_OF_HITS.match(text)) and not inherits:
        number = clause.numbers[int(hits[1])]
        if number.form == "fraction" and number.over == setting.items:
            return int(hits[1]), Label("score")
    kind = before.kind if inherits else ""
    state: str = kind
    found: list[tuple[bool, int, str]] = []
    for token in labels.GOVERNS.finditer(text):
        sort = token.lastgroup or ""
        if sort in {"mean", "total", "score"}:
            if state != "block":
                kind = state = sort if not (kind == "mean" and sort == "score") else kind
        elif sort != "number":
            state = sort if state != "block" else state
        else:
            place = int(token[0][1:-1])
            rest = text[token.end() : token.end() + 80]
            ahead = text[max(0, token.start() - 40) : token.start()]
            read = _kind_here(state, rest, clause.numbers[place], setting)
            indexed = labels.INDEX.search(ahead) and not labels.WHOLE.search(ahead)
            if clause.numbers[place].form == "integer" and labels.COUNTS_HITS.match(rest):
                read = ""
            if clause.numbers[place].value == setting.bar and labels.COMPARED.search(ahead):
                read = ""
            if read and not indexed and not (labels.COUNTED.match(rest) and read != "hits"):
                found.append((labels.LINK.search(ahead) is not None, place, "score" if read == "hits" else read))
                kind = kind or found[-1][2]
            state = kind
    ending = Label(kind, before.rank if rank is None and inherits else 2 if rank is None else rank, open=state == kind)
    if not found:
        return None, ending
    _, place, said = next((each for each in found if each[0]), found[0])
    return place, Label(said, ending.rank, open=ending.open, explicit=not inherits)


def _rank(text: str) -> int | None:
    """The rank of a figure that is called raw, adjusted or final."""
    if RAW.search(text):
        return 0
    if ADJUSTED.search(text) or FIRM.search(text):
        return 1 if labels.ADJUSTS.search(text) and not FINAL.search(text) else 3
    return None


def _kind_here(state: str, rest: str, number: Number, setting: Setting) -> str:
    if state in {"mean", "total", "score"}:
        return state
    if state:
        return ""
    if labels.AFTER.match(rest):
        return "mean"
    whole = number.form == "percent" or (number.form == "fraction" and number.over == setting.items)
    return "hits" if whole and labels.HITS.match(rest) else ""


def _reached(clause: Clause, setting: Setting) -> bool:
    """Whether a clause such as ", at 60%" gives the mean that the clause before spoke of."""
    match = labels.REACHED.match(clause.text)
    return match is not None and clause.numbers[int(match[1])].value != setting.bar


def _value(kind: str, clause: Clause, number: Number, setting: Setting) -> float | None:
    if kind == "total" and number.form in {"integer", "decimal"}:
        score = share(number.value, 100 * setting.items)
        known = setting.recomputed is not None and score is not None and abs(score - setting.recomputed) < 0.01
        return score if number.value > 100 or known else None
    named = 100.0 if labels.LABEL_PERCENT.search(clause.text) else clause.scale
    return as_score(number, named=named, items=setting.scale)
