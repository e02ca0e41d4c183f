"""Table cells with their row and column labels, and what the rows are: items, parts, variants or entries."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from peerwatch.domains.review.report_parser._terms import PART_WORDS, VARIANT_WORDS

# A row label that numbers an item: "Output 3", "#3", "3.".
_INDEX = re.compile(
    r"^(?:item|row|output|question|q|no\.?|nr\.?|entry|case|answer|task|sample|text|response)?\s*#?\s*(\d{1,3})[.)]?$",
    re.IGNORECASE,
)
# A header of item numbers: "#", "No.", "Item", "Output no".
_INDEX_HEAD = re.compile(
    r"^(?:#|no\.?|nr\.?|n|id|items?|rows?|outputs?|questions?|entry|index|cases?|tasks?|samples?|texts?|responses?)"
    r"(?: ?(?:#|no\.?|number|id))?$",
    re.IGNORECASE,
)
# A header of scores: "Score", "Correct?", "\u2713/\u2717".
_SCORE_HEAD = re.compile(
    r"\b(?:score|result|mark|points|pts|correct|verdict|assessment|rating|grade|value|ok|right)\b|\?$|"
    r"^[\u2713\u2705/ ]+$",
    re.IGNORECASE,
)
# A header without information: "Value", "Metric", "Details".
_GENERIC = re.compile(
    r"^(?:value|result|metric|figure|field|entry|item|statistic|measure|key|detail|details|amount|answer|question|"
    r"description|parameter|property|attribute|information|summary|score|data|finding|quantity)?s?$",
    re.IGNORECASE,
)
# For each kind, any of its words as a whole word.
_KINDS = [
    (kind, re.compile(rf"\b(?:{words})\b", re.IGNORECASE))
    for kind, words in {
        "variants": rf"{VARIANT_WORDS}|cases?|readings?|methods?|basis|approach|treatment|adjustments?|version|scheme|"
        r"scoring|conditions?|options?|analysis",
        "parts": rf"{PART_WORDS}|subjects? areas?|aspects?|skills?|dim|range|rows|outputs|half|facet",
        "periods": r"quarters?|periods?|years?|months?|cycles?|dates?|reviews?|weeks?|runs?",
        "entries": r"systems?|agents?|entry|entries|subjects?|names?|products?|models?|register|peers?|candidates?",
    }.items()
]
"""The kind of a table's rows, by a word in its first header."""
# Matches "Overall", "Grand total", "Mean of all", "Full year"
_WHOLE = re.compile(
    r"^(?:the |grand |weighted |arithmetic |sheet |my |=+ ?)*(?:overall|total|totals|mean|average|avg\.?|all|aggregate|"
    r"combined|final|composite|result|sum|summary|(?:full |whole )?year|annual|fy)\b",
    re.IGNORECASE,
)
"""Start of the row for the whole, below rows of parts or items."""

# Matches "Base case", "As reported", "This quarter", "Policy"
_BASE = re.compile(
    r"\b(?:base(?:line)?(?: case)?|policy|as (?:filed|scored|written|required|is|reported)|actual|reported|official|"
    r"this (?:report|quarter|review|period|year|month|cycle)|current(?:ly)?|present|standard|adopted|filed|"
    r"strict policy)\b",
    re.IGNORECASE,
)
"""Marks the row, among variants or periods, that is the result itself."""

# Matches "Revenue", "Costs"
_MONEY_HEAD = re.compile(r"\b(?:revenues?|costs?|expenses|income)\b", re.IGNORECASE)
"""A header next to which a column "Result" contains money."""

# Matches "Q1", "H2 2025", "March", "2025"
_PERIOD = re.compile(
    r"^(?:q[1-4]|h[12]|jan\w*|feb\w*|mar\w*|apr\w*|may|june?|july?|aug\w*|sep\w*|oct\w*|nov\w*|dec\w*|(?:19|20)\d\d)"
    r"(?: ?(?:19|20)?\d\d)?$",
    re.IGNORECASE,
)
"""A header that names a quarter, half, month or year."""

_MOST_COLUMNS = 40
_LONGEST_CELL = 400
_LONGEST_LABEL = 80
"""Maximum length of a label, which is repeated before every cell of its row."""

# Matches "yes", "not reached", "met", or nothing.
_ANSWER = re.compile(r"^\W*(?:yes|no|true|false|not \w+|met|missed|reached)?\W*$", re.IGNORECASE)
# Matches "Pass?", "Met", "Bar reached", "Reaches the bar"
_MET_HEAD = re.compile(
    r"^(?:(?:bar|threshold|target|standard|minimum) )?(?:is |was )?"
    r"(?:pass(?:ed|es)?|met|reached|cleared|attained|satisfied)"
    r"(?: (?:the )?(?:bar|threshold|target|standard|minimum))?\W*$",
    re.IGNORECASE,
)
"""A header of answers to whether the bar is reached, without the bar's figure."""
# Matches "Mean score", "Overall result"
_JUDGED = re.compile(r"\b(?:mean|average|score|overall|result)\b", re.IGNORECASE)
"""A row for the result, in a table of measures."""
# A cell that starts with a figure: "60", "(1,200", "$ 5".
_FIGURE = re.compile(r"^[^\w(+-]*[(+-]?[\d.,' ]+")


@dataclass(frozen=True)
class Cell:
    """One cell with the labels of its row and column.

    Attributes:
        row: The label of the row.
        column: The header of the column; empty for an uninformative one such as "Value".
        value: Its contents.
        kind: What the rows are: `items`, `parts`, `variants`, `periods`, `entries`, or `measures`.
        whole: Whether the row is that of the whole in a table of parts or items.
        base: Whether the row is the one of several variants or periods that is the result itself.
        entries: Number of rows, without the header.
    """

    row: str
    column: str
    value: str
    kind: str
    whole: bool = False
    base: bool = False
    entries: int = 0

    @property
    def text(self) -> str:
        """The cell as one line."""
        if self.kind == "items" and not self.whole:
            return f"item {self.row}: score: {self.value}" if self.column else f"item {self.row}: {self.value}"
        if self.row and _ANSWER.match(self.value) and _MET_HEAD.match(self.column):
            asked = f" {self.column.rstrip('?: ')}:" if self._is_judged else ""
            return f"{self.row}:{asked} {self.value}"
        # The answer to a question directly follows it: "strict reaches 80: no".
        labels = (self.column, self.row) if _ANSWER.match(self.value) else (self.row, self.column)
        label = " ".join(filter(None, labels))
        return f"{label}: {self.value}" if label else self.value

    @property
    def _is_judged(self) -> bool:
        """Whether the row is the one that passes or fails as a whole, not one check or one output."""
        return self.kind == "entries" or (
            self.kind == "measures" and (self.whole or _JUDGED.search(self.row) is not None)
        )


def cells(rows: list[list[str]]) -> Iterator[Cell]:
    """Yield the informative cells of a table, whose header comes first."""
    rows = [[cell[:_LONGEST_CELL] for cell in row[:_MOST_COLUMNS]] for row in rows]
    header, body = (rows[0], rows[1:]) if rows else ([], [])
    if any(_MONEY_HEAD.search(cell) for cell in header):
        header = ["Net result" if cell.lower() in {"result", "balance"} else cell for cell in header]
    if len(header) == 2 and not any(_cellkind(header[0])) and _figures(header[1:]) and not _figures(header[:1]):
        header, body = [], rows  # the first of several pairs was mistaken for a header
    periods = sum(_PERIOD.match(cell) is not None for cell in header[1:]) > 1
    if (
        len(body) > 1
        and len(header) > 2
        and (periods or ("entries" in _cellkind(header[0]) and _measures(body, most=True)))
    ):
        # Periods or entries side by side: transpose the table to one row for each of them.
        first, width = "Period" if periods else header[0], len(header)
        header, *body = map(list, zip(*([*row, *[""] * width][:width] for row in rows), strict=True))
        header[0] = first
    if _pairs(header):
        header, body = [], [header, *body]
    indexed = _indexed(header, body)
    kind = "items" if indexed else _kind(header, body)
    for row in body:
        if _pairs(row) and not header:
            for label, value in zip(row[::2], row[1::2], strict=True):
                yield Cell(label[:_LONGEST_LABEL].rstrip(":? "), "", value, "measures")
        else:
            yield from _row(row, header, kind, len(body))


def _cellkind(text: str) -> list[str]:
    return [kind for kind, pattern in _KINDS if pattern.search(text)]


def _figures(texts: list[str]) -> bool:
    return any(_FIGURE.match(text) for text in texts)


def _pairs(row: list[str]) -> bool:
    """Whether a row consists of labels, each followed by a figure: "Mean | 60 | Bar | 80"."""
    labels, values = row[::2], row[1::2]
    return (
        len(row) >= 4 and len(row) % 2 == 0 and all(map(_FIGURE.match, values)) and not any(map(_FIGURE.match, labels))
    )


def _indexed(header: list[str], body: list[list[str]]) -> bool:
    """Whether the rows are numbered items."""
    numbered = sum(1 for row in body if row and _INDEX.match(row[0]))
    if numbered >= 3 and numbered >= len(body) - 3:
        return True
    return bool(header) and bool(numbered) and _INDEX_HEAD.match(header[0]) is not None


def _kind(header: list[str], body: list[list[str]]) -> str:
    first = header[0] if header else ""
    found = _cellkind(first)
    if found and not (len(header) == 2 and _GENERIC.match(first) and len(body) > 0 and _measures(body)):
        return found[0]
    return "measures"


def _measures(body: list[list[str]], *, most: bool = False) -> bool:
    """Whether a row, or most of them, are labelled with a measure."""
    # Words for measures in a row label.
    words = re.compile(
        r"\b(?:mean|score|average|bar|threshold|minimum|grade|net|revenue|verdict|outcome)\b", re.IGNORECASE
    )
    named = sum(words.search(row[0]) is not None for row in body if row)
    return named > 0 and (not most or 2 * named > len(body))


def _row(row: list[str], header: list[str], kind: str, entries: int) -> Iterator[Cell]:
    filled = [(n, cell) for n, cell in enumerate(row) if cell and cell not in {"-", "\u2013", "n/a"}]
    if not filled:
        return
    index = _INDEX.match(row[0]) if kind == "items" else None
    if index:
        score = _score_column(header)
        if score is not None and score < len(row):
            yield Cell(index[1], header[score], row[score], kind, entries=entries)
        elif score is None and len(row) > 1:
            yield Cell(index[1], "", " - ".join(row[1:]), kind, entries=entries)
        return
    words = [
        # A letter of any script.
        (n, cell[:_LONGEST_LABEL])
        for n, cell in filled
        if not _FIGURE.match(cell) and re.search(r"[^\W\d]", cell) and not (n and _ANSWER.match(cell))
    ]
    if kind not in {"measures", "items"} and row[0]:
        words = [(0, row[0][:_LONGEST_LABEL])]
    if not words or (len(filled) == 1):
        for n, cell in filled:
            yield Cell("", _column(header, n), cell, kind, entries=entries)
        return
    at, label = words[0]
    whole = _WHOLE.match(label) is not None
    base = _BASE.search(label) is not None
    for n, cell in filled:
        if n != at:
            yield Cell(label.rstrip(":? "), _column(header, n), cell, kind, whole, base, entries)


def _column(header: list[str], n: int) -> str:
    name = header[n][:_LONGEST_LABEL] if n < len(header) else ""
    return "" if _GENERIC.match(name) and name.lower() != "score" else name


def _score_column(header: list[str]) -> int | None:
    """The last column with a header for scores."""
    return next((n for n in range(len(header) - 1, 0, -1) if _SCORE_HEAD.search(header[n])), None)
