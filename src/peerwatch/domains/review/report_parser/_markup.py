"""Parses markup: a report in Markdown, HTML, JSON, YAML or CSV as headings, lines and tables, without struck text."""

import re
from dataclasses import dataclass, field
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from peerwatch.domains.review.report_parser._html import html_as_markdown
from peerwatch.domains.review.report_parser._plain import plain, squeezed
from peerwatch.domains.review.report_parser._records import csv_as_markdown, json_as_lines, yaml_as_lines


@dataclass(frozen=True)
class Block:
    """A block of a document.

    Attributes:
        kind: A heading, a line of prose or of a list, a table, or the end of a paragraph or list entry.
        text: Text of a heading or a line.
        level: Level of a heading, from 1; for a break, 1 if it is a rule across the page.
        rows: Rows of a table, its header first; the header is empty if there is none.
        quoted: Whether it is in a block quotation.
    """

    kind: Literal["heading", "line", "table", "break"]
    text: str = ""
    level: int = 0
    rows: list[list[str]] = field(default_factory=list[list[str]])
    quoted: bool = False


_MARKDOWN = (
    MarkdownIt("commonmark", {"html": False, "maxNesting": 12})
    .enable(["table", "strikethrough"])
    # "[Score]: 60" is a line rather than a link definition; links and tags are handled before.
    .disable(["reference", "link", "image", "autolink", "html_block", "html_inline"])
)
# Matches "[text](https://...)", "![image](path.png)"; the group is the text.
_LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\]\((?:https?:|#|/|mailto:|\w+\.\w)[^()\s]{0,300}\)")
# Matches "**", "__", "*", "`", "~~" next to a word
_MARKS = re.compile(r"\*\*|(?<!\w)__(?=\S)|(?<=\S)__(?!\w)|(?<![\w*])\*(?=\w)|(?<=\w)\*(?![\w*])|`|~~")
"""Emphasis marks that remain where Markdown does not recognize them."""
# A line of table rules only: "|---|:-:|".
_RULED = re.compile(r"^[\s|+:=-]*$")
# Matches "Mean score: 60", "Mean -> 60", "Mean 60"
_FIELD = re.compile(r"^\s*[A-Za-z][\w './()-]{0,40}(?:[:=]|->| (?=[\d-]))\s*\S")
"""A label with its value."""
# A Unicode bullet at the start of a line, such as U+2022.
_BULLET = re.compile(r"^\s*[\u2022\u2023\u25aa\u25cf\u25e6\u2043\u2219\u25b8\u27a4]\s*")
# Matches "mean=60 bar=80": name and value.
_ASSIGNED = re.compile(r"(?:^|(?<=\s))([A-Za-z]\w{0,40})=(\S{1,60})")


def blocks(text: str, *, items: int) -> list[Block]:
    """The blocks of a text, in order."""
    text = json_as_lines(plain(text), items=items)
    text = csv_as_markdown(html_as_markdown(text))
    return _tables_of_pipes(_parsed(_LINK.sub(r"\1", text) if "](" in text else text, items=items))


def _parsed(text: str, *, items: int) -> list[Block]:
    reader = _Reader(items)
    for token in _MARKDOWN.parse(text):
        if token.type == "inline":
            reader.inline(token)
        elif token.type in {"fence", "code_block"}:
            reader.code(token)
        else:
            reader.mark(token)
    return reader.found


class _Reader:
    """Collects blocks from Markdown tokens."""

    def __init__(self, items: int) -> None:
        self.found: list[Block] = []
        self._items = items
        self._markers: list[str] = []
        self._rows: list[list[str]] | None = None
        self._heading = 0
        self._quoted = 0

    def mark(self, token: Token) -> None:
        """Process a token that opens or closes something."""
        if token.type == "heading_open":
            self._heading = int(token.tag[1:])
        elif token.type == "list_item_open":
            self._markers.append(f"{token.info}{token.markup} " if token.info else "")
        elif token.type == "list_item_close":
            self._markers.clear()
            self.found.append(Block("break"))
        elif token.type in {"blockquote_open", "blockquote_close"}:
            self._quoted += token.nesting
        elif token.type == "table_open":
            self._rows = []
        elif token.type == "table_close":
            self.found += _table(self._rows or [])
            self._rows = None
        elif token.type == "tr_open" and self._rows is not None:
            self._rows.append([])
        elif token.type == "hr":
            self.found.append(Block("break", level=1))

    def code(self, token: Token) -> None:
        """Process a code block, which may be YAML."""
        written = yaml_as_lines(token.content, items=self._items) if token.type == "fence" else token.content
        self.found += [Block("line", squeezed(line)) for line in written.splitlines() if line.strip()]
        self.found.append(Block("break"))

    def inline(self, token: Token) -> None:
        """Process the text of a paragraph, a heading or a cell."""
        lines = _lines(token)
        if self._rows is not None:
            self._rows[-1].append(" ".join(lines))
        elif self._heading:
            self.found += [Block("heading", line, self._heading) for line in lines]
            self._heading = 0
        else:
            lead = "".join(self._markers)
            self._markers.clear()
            self.found += [
                Block("line", f"{'' if n else lead}{line}", quoted=self._quoted > 0) for n, line in enumerate(lines)
            ]
            self.found.append(Block("break"))


def _lines(inline: Token) -> list[str]:
    """The lines of a paragraph without marks and struck text."""
    parts: list[str] = []
    struck = 0
    for child in inline.children or []:
        if child.type in {"s_open", "s_close"}:
            struck += 1 if child.type == "s_open" else -1
            parts.append(" ")
        elif child.type in {"softbreak", "hardbreak"}:
            parts.append("\n")
        elif not struck:
            parts.append(child.content)
    written = "".join(parts)
    written = _MARKS.sub("", written) if any(mark in written for mark in "*_`~") else written
    lines = (squeezed(each) for line in written.split("\n") for each in _assigned(_BULLET.sub("", line)))
    return [line for line in lines if line and not (len(line) > 2 and _RULED.match(line) and "|" not in line)]


def _assigned(line: str) -> list[str]:
    """Split a line of several "name=value" into one line each."""
    pairs = _ASSIGNED.findall(line) if line.count("=") > 1 else []
    return (
        [f"{name}: {value.rstrip(',;')}" for name, value in pairs]
        if len(pairs) > 1 and len(pairs) == len(line.split())
        else [line]
    )


def _table(rows: list[list[str]]) -> list[Block]:
    """A table; a line of prose directly below it, which Markdown parses as a one-cell row, becomes a line again."""
    below: list[Block] = []
    while len(rows) > 2 and len(rows[0]) > 1 and rows[-1][0] and not any(rows[-1][1:]) and len(rows[-1][0]) > 3:
        below.insert(0, Block("line", rows.pop()[0]))
    return [Block("table", rows=rows), *below, Block("break")]


def _tables_of_pipes(found: list[Block]) -> list[Block]:
    """Convert lines with pipes to tables even without a rule below the header."""
    made: list[Block] = []
    rows: list[list[str]] = []
    for block in [*found, Block("break")]:
        piped = block.kind == "line" and (block.text.startswith("|") or block.text.count("|") >= 2)
        if piped:
            cells = block.text.strip().strip("|").split("|")
            if not rows and len(cells) > 1 and all(_FIELD.match(cell) for cell in cells):
                made += [Block("line", cell.strip()) for cell in cells]
            elif not _RULED.match(block.text):
                rows.append([cell.strip() for cell in cells])
            elif len(rows) == 1:
                rows.insert(0, ["<header>"])
            continue
        if rows:
            ruled = rows[0] == ["<header>"]
            made.append(Block("table", rows=rows[1:] if ruled else rows if _headed(rows) else [[], *rows]))
            rows = []
        made.append(block)
    return made


def _headed(rows: list[list[str]]) -> bool:
    """Whether the first of some rows without a rule is a header: only words, above at least one figure."""
    if len(rows) < 2 or any(any(sign.isdigit() for sign in cell) for cell in rows[0]):
        return False
    return len(rows) > 2 and all(len(row) == len(rows[0]) for row in rows)
