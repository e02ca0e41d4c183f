"""Stated means: every number that a report gives as its mean, with how it is given, and the one that it adopts."""

from dataclasses import dataclass

from peerwatch.filings import _labels as labels
from peerwatch.filings._clauses import Clause, clauses
from peerwatch.filings._numbers import Number
from peerwatch.filings._scales import as_score, share
from peerwatch.filings._terms import ADJUSTED, FINAL, FUTURE, PARTNERSHIP, PAST, RAW, UNREAL

_BARRED = (PAST, PARTNERSHIP, UNREAL, FUTURE, labels.OBLIGES, labels.OTHERS, labels.QUANTITY, labels.ITEM)
"""A clause with one of these states no mean of the present sheet."""


@dataclass(frozen=True)
class Label:
    """The label that governs the numbers to come: its kind, its rank, and whether a bare number is its value."""

    kind: str = ""
    rank: int = 1
    open: bool = False


@dataclass(frozen=True)
class Claim:
    """A number stated as the mean.

    `rank` is 2 for an adjusted or final figure, 1 for a plain one, 0 for a raw one; `strength` is 3 for a mean, 2 for a
    score, 1 for a total. `part` marks a mean over some of the outputs, `reading` one of several ways to score them.
    """

    score: float
    rank: int
    strength: int
    final: bool
    part: bool = False
    reading: bool = False


@dataclass(frozen=True)
class Setting:
    """What the reader knows of the whole report: the bar, the number of items, and what the item scores say."""

    items: int
    bar: float | None
    scale: float | None
    recomputed: float | None


def adopted(told: list[str], setting: Setting) -> float | None:
    """The mean that lower-case sentences adopt, on 0 to 100; None where they state none."""
    claims: list[Claim] = []
    raw_kept = False
    before = Label()
    for sentence in told:
        if "raw" in sentence or "adjust" in sentence or "correct" in sentence or "weighted" in sentence:
            kept = labels.ADOPTS_RAW.search(sentence)
            raw_kept |= kept is not None and not labels.REFUSED.search(
                sentence[max(0, kept.start() - 15) : kept.start()]
            )
        before = _claims(sentence, setting, claims, before)
    if not claims:
        return None

    def order(claim: Claim) -> tuple[int, bool, bool, int]:
        rank = 3 if raw_kept and claim.rank == 0 else claim.rank
        return rank, not claim.part, claim.strength > 1, claim.strength

    best = max(map(order, claims))
    chosen = [claim for claim in claims if order(claim) == best]
    if all(claim.reading for claim in chosen) and len({claim.score for claim in chosen}) > 1:
        return None
    return ([claim for claim in chosen if claim.final] or chosen)[-1].score


def _claims(sentence: str, setting: Setting, found: list[Claim], before: Label) -> Label:
    """Adds what one sentence claims; returns the label that it hands on to the next one."""
    if not _may_claim(sentence, before) or labels.ALL_UNREAL.match(sentence) or labels.COMPARES.match(sentence):
        return before
    parts = clauses(labels.AT_FIRST.sub(r"\2 is \1, \2", sentence) if sentence[:1] in "awo" else sentence)
    # A search of the sentence spares those of its clauses: a clause holds none of the words that the sentence lacks.
    whole = "\n".join(part.text for part in parts)
    barred = [pattern for pattern in _BARRED if pattern.search(whole)]
    ranked = RAW.search(whole) is not None or ADJUSTED.search(whole) is not None
    first = labels.PART_FIRST.match(sentence) is not None
    partial = first or labels.PART.search(whole) is not None
    final = FINAL.search(sentence) is not None
    reading = labels.READING.search(whole) is not None and not labels.ADOPTS.search(sentence)
    at_bar = labels.BAR_NAMED.search(sentence) is not None
    for clause in parts:
        place, label = _governed(clause, before, setting, ranked=ranked)
        if not clause.inner:
            before = label if label.kind else Label(before.kind, before.rank, open=False)
        if place is None or any(pattern.search(clause.text) for pattern in barred):
            continue
        score = _value(label.kind, clause, clause.numbers[place], setting)
        if score is None or (label.kind == "score" and score == setting.bar and at_bar):
            continue
        found.append(
            Claim(
                score,
                label.rank,
                labels.STRENGTH[label.kind],
                final=final and label.rank == 2,
                part=partial and (first or _partial(clause.text)),
                reading=reading and labels.READING.search(clause.text) is not None,
            )
        )
    return Label(before.kind)


def _partial(text: str) -> bool:
    """Whether a clause gives the mean of some of the outputs only."""
    return labels.PART.search(text) is not None and not labels.WHOLE_SET.search(text)


def _may_claim(sentence: str, before: Label) -> bool:
    """A quick look that spares most sentences the slow one."""
    return (before.kind != "" and len(sentence) < labels.RESUMES_WITHIN) or any(
        word in sentence for word in labels.WORDS
    )


def _governed(clause: Clause, before: Label, setting: Setting, *, ranked: bool) -> tuple[int | None, Label]:
    """The place of the number that the clause states as a mean, and the label that holds at the end of the clause."""
    text = clause.text
    rank = None if not ranked else 0 if RAW.search(text) else 2 if ADJUSTED.search(text) else None
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
            if read and not indexed and not (labels.COUNTED.match(rest) and read != "hits"):
                found.append((labels.LINK.search(ahead) is not None, place, "score" if read == "hits" else read))
                kind = kind or found[-1][2]
            state = kind
    ending = Label(kind, before.rank if rank is None and inherits else 1 if rank is None else rank, open=state == kind)
    if not found:
        return None, ending
    _, place, said = next((each for each in found if each[0]), found[0])
    return place, Label(said, ending.rank, open=ending.open)


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
