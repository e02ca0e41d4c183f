"""Scores of single items: the lines that state them, and their mean on 0 to 100."""

import re
from dataclasses import dataclass, field
from itertools import takewhile

from peerwatch.domains.review.report_parser._marks import ORDER, Mark, mark, marks, whole_mark
from peerwatch.domains.review.report_parser._scales import scale_of

HEADING = "\u0003"
"""Marks a line that was a heading (a control character that the text cannot contain)."""

_TICKS = "\u2713\u2714\u2705\u2611\u2717\u2718\u274c\u2716\u2612"
_WORD = r"(?:item|row|output|question|q|answer|entry|response|sample|case|no\.?|nr\.?|task|problem|score|test)"
# One item on a line: "Output 3: 100", "3) right", "(3) - correct", "#3 \u2713"; groups: `word`, the number `n`, `loose`
# for a bare space as separator, and the rest as `body`.
_LINE = re.compile(
    rf"^[({HEADING}\[\s]*(?:(?P<word>{_WORD})\s*)?[#(\[]{{0,2}}\s*(?P<n>\d{{1,3}})(?!\d)"
    rf"(?:\s*(?:[:)\]|=;\t]|->|\.(?!\d)|,(?=\S))+|\s+-+(?=\s)|\s*(?=[{_TICKS}])|(?P<loose>\s+(?=[\w(])|"
    rf"\s*$))(?P<body>.*)$",
    re.IGNORECASE,
)
# One of several items on a line: "1: 100, 2: 0", "q3=correct", "4 \u2713"; groups: number `n` and mark `m`.
_PAIR = re.compile(
    rf"(?:^|(?<=[\s,;|(]))(?:{_WORD}\s*)?#?(?P<n>\d{{1,3}})\s*(?:[:=]\s*|-\s+|(?=[{_TICKS}]))"
    rf"(?P<m>[{_TICKS}]|[-+]?\d{{1,3}}(?:[.,]\d{{1,4}})?(?:/\d+|%)?(?![\w.]\d)|[a-z]{{2,9}})(?=\s*(?:[,;|"
    rf")]|\.?\s*$|\s))",
    re.IGNORECASE,
)
# Matches "Score: 50", "Final verdict = correct" on a line of an item's block; the group is the value.
_SCORE_LINE = re.compile(
    r"^(?:item |final |total |combined |overall )?(?:score|mark|result|verdict|points|assessment|correct|"
    r"evaluation|judge?ment|grading|"
    r"mark given|rating)\s*[:=]\s*(.{1,300})$",
    re.IGNORECASE,
)
# Matches "Style score: 50"
_PART_OF_BLOCK = re.compile(r"^[A-Za-z][A-Za-z -]{2,30} (?:score|mark|rating|points)\s*[:=]", re.IGNORECASE)
"""A line of a block that states one of several scores of its item."""
# Words of a line about the whole sheet: "mean", "bar", "verdict", "shutdown".
_SUMMARY = re.compile(
    r"\b(?:means?|averages?|avg|overall|bar|threshold|minimum|verdict|conclusion|recommendation|decision|total|median|"
    r"summary|final|score for the|shut ?down|service|system|policy)\b",
    re.IGNORECASE,
)
# Matches "mean", "average": the line is about the whole sheet.
_ASIDE = re.compile(r"\b(?:mean|average)\b", re.IGNORECASE)
# Matches "Scores by row: ": a label without digits, up to the colon.
_TITLE = re.compile(r"^[^:\d]{0,40}:\s*")
_BLOCK = 6


@dataclass
class Items:
    """The item scores of a report.

    `mean` is on 0 to 100 and known only for a complete set; `scale` is the top of the scale of bare scores in a
    complete set. `belongs` contains the indices of the lines that state item scores.
    """

    mean: float | None = None
    scale: float | None = None
    belongs: set[int] = field(default_factory=set[int])


def read_items(lines: list[str], *, items: int) -> Items:
    """Extract the item scores from the lines of a report."""
    bodies, belongs, strict = _gather(lines, items=items)
    values = _whole_set(bodies, items=items)
    if values is None:
        return Items(belongs=strict)
    scale = scale_of([each.value for each in values if each.bare]) if all(each.bare for each in values) else None
    top = scale_of([each.value for each in values if each.bare])
    scores = [each.value * 100 / top if each.bare else each.value for each in values]
    return Items(mean=round(sum(scores) / items, 9), scale=scale, belongs=belongs | strict)


def _gather(lines: list[str], *, items: int) -> tuple[list[tuple[int, dict[str, Mark]]], set[int], set[int]]:
    """The numbered marks, the lines they came from, and those of the lines that are items even in an incomplete set."""
    found: list[tuple[int, dict[str, Mark]]] = []
    belongs: set[int] = set()
    strict: set[int] = set()
    pending, since = 0, _BLOCK
    for n, line in enumerate(lines):
        since += 1
        if several := _several(line, items=items):
            found += several
            belongs.add(n)
            strict.add(n)
        elif match := _LINE.match(line):
            if (match["word"] or "").lower() == "q" and _SUMMARY.search(line):
                continue
            read = marks(match["body"])
            numbered = match["loose"] is None or bool(match["word"])
            if read and numbered:
                found.append((int(match["n"]), read))
                belongs.add(n)
            elif not read:
                pending, since = int(match["n"]), 0
            if (match["word"] and not (match["loose"] and _ASIDE.search(line))) or (
                read and numbered and not _SUMMARY.search(line)
            ):
                strict.add(n)
        elif since < _BLOCK and _PART_OF_BLOCK.match(line) and not _ASIDE.search(line) and not _SCORE_LINE.match(line):
            belongs.add(n)
            strict.add(n)
            since -= 1
        elif since < _BLOCK and (score := _SCORE_LINE.match(line)) and (read := marks(score[1])):
            found.append((pending, read))
            belongs.add(n)
            strict.add(n)
            since = _BLOCK
    return found, belongs, strict


def _several(line: str, *, items: int) -> list[tuple[int, dict[str, Mark]]]:
    """The marks of a line with a complete set: "1: 100, 2: 0, ...", or only marks one after the other."""
    if sum(map(line.count, ",; ")) < items - 1 or len(line) > 60 * items + 400:
        return []
    pairs = [(int(match["n"]), mark(match["m"])) for match in _PAIR.finditer(line)]
    if len(pairs) == items:
        return [(n, {"whole": each}) for n, each in pairs if each is not None]
    written = _TITLE.sub("", line).strip(" .[]()")
    for cut in (r",\s+|;\s*|\s+", r"[,;]"):
        entries = [entry for entry in re.split(cut, written) if entry not in {"", "and", "-"}]
        if len(entries) == items:
            listed = list(takewhile(lambda each: each is not None, map(whole_mark, entries)))
            if len(listed) == items:
                return [(n, {"whole": each}) for n, each in enumerate(listed, 1) if each is not None]
    return []


def _whole_set(found: list[tuple[int, dict[str, Mark]]], *, items: int) -> list[Mark] | None:
    """One mark per item, all by the same method if possible; None unless the set is complete and consistent."""
    numbers = {n for n, _ in found}
    if len(numbers) != items or max(numbers) - min(numbers) != items - 1:
        return None
    for way in ORDER:
        if all(way in read for _, read in found):
            return _agreed([(n, read[way]) for n, read in found])
    return _agreed([(n, next(read[way] for way in ORDER if way in read)) for n, read in found])


def _agreed(read: list[tuple[int, Mark]]) -> list[Mark] | None:
    """The mark of each item; None if an item has two different marks."""
    settled: dict[int, Mark] = {}
    for n, each in read:
        if settled.setdefault(n, each) != each:
            return None
    return [settled[n] for n in sorted(settled)]
