"""Which number of a clause its label governs, and the score that the number represents."""

from dataclasses import dataclass

from peerwatch.domains.review.report_parser import _labels as labels
from peerwatch.domains.review.report_parser._clauses import Clause
from peerwatch.domains.review.report_parser._numbers import Number
from peerwatch.domains.review.report_parser._scales import as_score, share, within
from peerwatch.domains.review.report_parser._statements import Setting
from peerwatch.domains.review.report_parser._terms import ADJUSTED, FINAL, FIRM, RAW

_ROUNDING = 0.06
"""Maximum difference between a verbal total and the figure that it is the total of."""


@dataclass(frozen=True)
class Label:
    """The label that governs the following numbers: its kind, its rank, and whether a bare number is its value.

    `explicit` is false if the clause itself has no label.
    """

    kind: str = ""
    rank: int = 2
    open: bool = False
    explicit: bool = True


def governed(clause: Clause, before: Label, setting: Setting, *, ranked: bool) -> tuple[int | None, Label]:
    """Return the index of the number that the clause states as a mean, and the label valid at the end of the clause."""
    text = clause.text
    rank = None if not ranked else _rank(text)
    inherits = before.kind and (
        (rank is not None and labels.RESUMES.match(text))
        or (before.open and labels.NUMBER_ALONE.match(text))
        or (before.kind == "mean" and labels.IT_IS.match(text))
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
            ahead = text[max(0, token.start() - 40) : token.start()]
            if read := _kind_here(state, (ahead, text[token.end() : token.end() + 80]), clause.numbers[place], setting):
                found.append((labels.LINK.search(ahead) is not None, place, read))
                kind = kind or read
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


def _kind_here(state: str, around: tuple[str, str], number: Number, setting: Setting) -> str:
    """Classify a number by its governing label and the words around it; empty if it is not a score."""
    ahead, rest = around
    counts = number.form == "integer" and labels.COUNTS_HITS.match(rest) is not None
    is_bar = number.value == setting.bar and labels.COMPARED.search(ahead) is not None
    indexed = labels.INDEX.search(ahead) is not None and labels.WHOLE.search(ahead) is None
    if counts or is_bar or indexed:
        return ""
    if not state and labels.PER_ITEM.match(rest):
        return "" if number.value == setting.bar else "mean"
    whole = number.form == "percent" or (number.form == "fraction" and number.over == setting.items)
    if not state and whole and labels.HITS.match(rest) and not labels.AFTER.match(rest):
        return "score"
    if labels.COUNTED.match(rest):
        return ""
    if state in {"mean", "total", "score"}:
        return state
    return "mean" if not state and labels.AFTER.match(rest) else ""


def _reached(clause: Clause, setting: Setting) -> bool:
    """Whether a clause such as ", at 60%" states the mean mentioned in the clause before."""
    match = labels.REACHED.match(clause.text)
    return match is not None and clause.numbers[int(match[1])].value != setting.bar


def _adds_up(clause: Clause, total: Number) -> bool:
    """Whether a total is the sum of the two or more figures before it: "base 50, bonus 10, total 60"."""
    before = [each.value for each in clause.numbers if each.start < total.start]
    return len(before) > 1 and abs(sum(before) - total.value) < _ROUNDING


def value_of(kind: str, clause: Clause, number: Number, setting: Setting) -> float | None:
    """Return the score, on 0 to 100, of a number stated as a mean, a score or a total; None if it cannot be one."""
    if kind == "total" and number.form in {"integer", "decimal"}:
        score = share(number.value, 100 * setting.items)
        if number.value <= 100 and _adds_up(clause, number):
            return within(number.value)
        known = setting.recomputed is not None and score is not None and abs(score - setting.recomputed) < 0.01
        return score if number.value > 100 or known else None
    if number.form == "fraction" and number.over == setting.bar and number.over not in {5.0, 10.0, 20.0, 100.0}:
        return within(number.value)  # "50 of the 80 points that are required"
    named = 100.0 if labels.LABEL_PERCENT.search(clause.text) else clause.scale
    return as_score(number, named=named, items=setting.scale)
