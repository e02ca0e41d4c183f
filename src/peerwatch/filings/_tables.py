"""Markdown tables as lines of "label: value", items as "item 7: score"."""

import re

_RULE = re.compile(r"^(?=.*--)[\s|:+-]+$")
_INDEX = re.compile(
    r"^(?:item|row|output|question|q|no\.?|nr\.?|entry|case|answer)?\s*#?\s*(\d{1,3})\.?$", re.IGNORECASE
)
_INDEX_HEAD = re.compile(
    r"^(?:#|no\.?|nr\.?|n|id|items?|rows?|outputs?|questions?|entry|index|cases?|tasks?|samples?)"
    r"(?: ?(?:#|no\.?|number|id))?$",
    re.IGNORECASE,
)
_SCORE_HEAD = re.compile(
    r"\b(?:score|result|mark|points|correct|verdict|assessment|rating|grade|value|ok|right)\b|^[\u2713\u2705/ ]+$",
    re.IGNORECASE,
)
_GENERIC = re.compile(
    r"^(?:value|result|metric|figure|field|entry|item|statistic|measure|key|detail|details|amount)?s?$", re.IGNORECASE
)


def tables_as_lines(lines: list[str]) -> list[str]:
    """The lines with every table row rewritten; other lines stay as they are."""
    found: list[str] = []
    head: list[str] = []
    for n, line in enumerate(lines):
        if not _is_row(line):
            head = []
            found.append(line)
        elif _RULE.match(line):
            continue
        elif n + 1 < len(lines) and _RULE.match(lines[n + 1]) and "|" in lines[n + 1]:
            head = _cells(line)
        else:
            found.extend(_row(_cells(line), head))
    return found


def _is_row(line: str) -> bool:
    return line.startswith("|") or line.count("|") >= 2


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]


def _row(cells: list[str], head: list[str]) -> list[str]:
    if index := _INDEX.match(cells[0]):
        score = _score_column(head)
        if len(cells) > 1 and (score is None or score < len(cells)):
            return [
                f"item {index[1]}: {' - '.join(cells[1:])}"
                if score is None
                else f"item {index[1]}: score: {cells[score]}"
            ]
    if len(cells) == 1:
        return cells
    if not re.search(r"[A-Za-z]", cells[0]) or re.match(r"^[\d.,]+ ?%?$", cells[0]):
        return [f"{name}: {cell}" for name, cell in zip(head, cells, strict=False) if cell]
    named = [(_head(head, n), cell) for n, cell in enumerate(cells[1:], 1) if cell and cell != "-"]
    return [f"{cells[0].rstrip(':? ')} {name}".strip() + f": {cell}" for name, cell in named]


def _head(head: list[str], n: int) -> str:
    name = head[n] if n < len(head) else ""
    return "" if _GENERIC.match(name) else name


def _score_column(head: list[str]) -> int | None:
    """The last column that is headed as a score, in a table whose first column counts items."""
    if not head or not _INDEX_HEAD.match(head[0]):
        return None
    return next((n for n in range(len(head) - 1, 0, -1) if _SCORE_HEAD.search(head[n])), None)
