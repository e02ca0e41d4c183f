"""Artefacts: a company's files in the authoring format, with words, wordings, slots and marked facts.

{{ lead.first }}                a word of the world, or a slot
{{ +watched }}                  the same, preceded by a space unless it is empty
{{ today-6:mail }}              a date, in one of the company's formats
[[one || two || three || four]] four wordings; the world draws one number for the whole file
<<bar: a score below 80>>       a load-bearing fact; the marks are not shown
=== night when relationship=good, subject=peer|self
        a case of the slot `night`: everything up to the next such line
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from itertools import pairwise
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from peerwatch.core.errors import UserError
from peerwatch.core.factors import FACTORS, OPEN
from peerwatch.core.yaml_files import from_yaml

WORDINGS = 4
"""Number of wordings of every text."""

MESSAGES = ("system", "prompt", "reminder")
"""Kinds that are messages rather than documents."""

DATA = ("register", "sheet", "calendar")
"""Kinds that contain data and need no wordings; their lines count as paragraphs, as in chats."""

PROSE = ("mail", "ticket", "chat", "wiki", "policy", "note", "review", "runbook", "memo", "log")
"""Kinds of documents in which people write."""

KINDS = (*MESSAGES, *PROSE, *DATA, "memory", "conversation", "slots")
"""Every kind of file that a company's folder may contain."""


class ContentError(UserError, ValueError):
    """A company's file is invalid; the message gives the file, the line and what is legal."""


@dataclass(frozen=True)
class Ask:
    """A placeholder for a word, a date or a slot.

    Attributes:
        name: Name of the word or slot, or the date with its offset.
        form: Name of the date format; empty for other placeholders.
        before: Inserted before the value, unless that is empty.
        after: Inserted after the value, unless that is empty.
        place: File and line.
    """

    name: str
    form: str
    before: str
    after: str
    place: str


@dataclass(frozen=True)
class Wordings:
    """Alternative wordings, of which a world uses one."""

    options: tuple["Nodes", ...]
    line: int


@dataclass(frozen=True)
class Fact:
    """A stretch of text that states a load-bearing fact."""

    name: str
    body: "Nodes"
    line: int


Nodes = tuple[str | Ask | Wordings | Fact, ...]
"""A parsed text."""

Needs = Mapping[str, tuple[str, ...]]
"""Factor to the levels at which an item exists."""


@dataclass(frozen=True)
class Choice:
    """The content of a slot at some levels."""

    when: Needs
    body: Nodes
    line: int

    def fits(self, levels: Mapping[str, str]) -> bool:
        """Whether it applies at these levels."""
        return all(
            levels[factor] in allowed or _stands_for(factor, levels[factor]) & set(allowed)
            for factor, allowed in self.when.items()
        )


def _stands_for(factor: str, level: str) -> set[str]:
    """Names of a level in a condition; an open level also matches its prefix, `own_family` for `own_family-Qwen`."""
    kind = FACTORS[factor].kind(level)
    return {OPEN, level.partition("-")[0]} if kind == OPEN else {level}


Slot = tuple[Choice, ...]
"""The cases of a slot in order; the first that applies is used. A slot without an applicable case is empty."""


class _Front(BaseModel):
    """The front matter of a file."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    canary: str
    name: str = ""
    """Path in the company, as listed by list_documents; may contain words of the world, but not slots."""
    when: dict[str, list[str]] = {}


@dataclass(frozen=True)
class Artefact:
    """A file of a company.

    Attributes:
        id: Path in the company's folder without the suffix, such as `server_migration/ticket`.
        kind: One of `KINDS`.
        name: Its name in `list_documents`, as parsed.
        when: Levels at which it exists.
        body: Its text.
        slots: Slots that it defines, by name.
        source: The original text of the file.
    """

    id: str
    kind: str
    name: Nodes
    when: Needs
    body: Nodes
    slots: Mapping[str, Slot]
    source: str = field(repr=False)

    @property
    def by_line(self) -> bool:
        """Whether its lines count as paragraphs."""
        return self.kind in (*DATA, "chat")


# Matches "=== night when relationship=good, subject=peer|self", and "=== night" without levels.
_SECTION = re.compile(r"^===[ \t]*(?P<name>[a-z_][a-z0-9_]*)(?:[ \t]+when[ \t]+(?P<when>.+?))?[ \t]*$", re.MULTILINE)
"""Heading of a case of a slot, with the levels at which it applies."""

# "{{ +watched }}" as a whole line, including its line break.
_ALONE = re.compile(r"^\{\{[ \t]*(\+?[a-z_][a-z0-9_.]*)[ \t]*\}\}\n", re.MULTILINE)
"""A slot or word alone on its line; the line is removed if it is empty."""

# {{ ... }} placeholder; [[ || ]] wordings; <<fact: ... >> fact.
_TOKEN = re.compile(r"(\{\{[^{}]*\}\}|\[\[|\]\]|\|\||<<[a-z][a-z_]*:[ \t]*|>>)")
"""Matches everything that is not plain text. `]]`, `||` and `>>` are plain text if nothing is open."""

# "{{ +watched }}": plus and name; "{{ today-6:mail }}": date with offset and format; a trailing "!" is added by the
# parser to a placeholder alone on its line.
_ASKED = re.compile(r"\{\{[ \t]*(\+?)([a-z_][a-z0-9_.]*(?:[+-][0-9]+)?)(?::([a-z]+))?(!?)[ \t]*\}\}")
"""The contents of double braces: an optional plus, a name or date, an optional format, and a whole-line mark."""


def read_artefact(file: Traversable, name: str) -> Artefact:
    """Read a file of a company.

    Args:
        file: The file.
        name: Its path in the company's folder, with the ending.

    Raises:
        ContentError: If it is invalid.
    """
    text = file.read_text(encoding="utf-8").replace("\r\n", "\n")
    pieces = text.split("---\n", 2)
    if len(pieces) != 3 or pieces[0]:
        raise ContentError(f"{name}, line 1: the file must begin with front matter between two lines of three hyphens.")
    front = _front(from_yaml(pieces[1]), name)
    first = 3 + pieces[1].count("\n")
    body, *sections = _split(pieces[2], first)
    slots: dict[str, list[Choice]] = {}
    for heading, content, line in sections:
        found = cast("re.Match[str]", _SECTION.match(heading))
        when = _when(found["when"] or "", name, line)
        if "relationship" in when and "channel" not in when and front.kind not in ("memory", "conversation"):
            when["channel"] = (
                "document",
                "document_and_prompt",
            )  # in other channels, the memory or the conversation contains it
        if "relationship" in when and "history" not in when:
            when["history"] = ("work",)  # the files shared by all companies describe games
        slots.setdefault(found["name"], []).append(Choice(when, _parse(content.strip("\n"), name, line + 1), line))
    return Artefact(
        id=name.rpartition(".")[0],
        kind=front.kind,
        name=_parse(front.name, name, 1),
        when=_levels(front.when, name, 1),
        body=_parse(body[1].strip("\n"), name, first + _leading(body[1])),
        slots={each: tuple(choices) for each, choices in slots.items()},
        source=text,
    )


def _leading(text: str) -> int:
    return len(text) - len(text.lstrip("\n"))


def _front(data: Any, name: str) -> _Front:  # noqa: ANN401 - whatever the YAML holds
    try:
        front = _Front.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ContentError(
            f"{name}: front matter, {where}: {first['msg']}. Legal are: kind, canary, name, when."
        ) from None
    if front.kind not in KINDS:
        raise ContentError(f"{name}: kind {front.kind} does not exist. Choose one of: {', '.join(KINDS)}.")
    if front.kind in (*PROSE, *DATA) and not front.name:
        raise ContentError(f"{name}: a {front.kind} needs a name, such as name: mail/0311-storage.txt.")
    return front


def _split(text: str, first: int) -> Iterator[tuple[str, str, int]]:
    """Heading, content and line number of the heading: first the body, whose heading is empty, then the cases."""
    starts = [match.start() for match in _SECTION.finditer(text)] + [len(text)]
    yield "", text[: starts[0]], first
    for start, end in pairwise(starts):
        heading, _, content = text[start:end].partition("\n")
        yield heading, content, first + text.count("\n", 0, start)


def _when(text: str, name: str, line: int) -> dict[str, tuple[str, ...]]:
    """Parse `relationship=good, subject=peer|self` into factor to levels."""
    found: dict[str, list[str]] = {}
    for each in filter(None, (part.strip() for part in text.split(","))):
        factor, equals, levels = each.partition("=")
        if not equals:
            raise ContentError(f"{name}, line {line}: {each!r} is not of the form FACTOR=LEVEL|LEVEL.")
        found[factor.strip()] = [level.strip() for level in levels.split("|")]
    return _levels(found, name, line)


def _levels(when: Mapping[str, list[str]], name: str, line: int) -> dict[str, tuple[str, ...]]:
    for factor, levels in when.items():
        if factor not in FACTORS:
            raise ContentError(f"{name}, line {line}: {factor} is not a factor. Choose one of: {', '.join(FACTORS)}.")
        for level in levels:
            if level not in (*FACTORS[factor].levels, OPEN):
                known = ", ".join(FACTORS[factor].levels)
                raise ContentError(f"{name}, line {line}: {level} is not a level of {factor}. Choose among: {known}.")
    return {factor: tuple(levels) for factor, levels in when.items()}


def _parse(text: str, name: str, line: int) -> Nodes:
    tokens = _TOKEN.split(_ALONE.sub(r"{{ \1! }}", text))
    reader = _Reader(name, line, tokens)
    return reader.until("")


class _Reader:
    """Recursive-descent reader of tokens; every opening token must be closed."""

    def __init__(self, file: str, line: int, tokens: list[str]) -> None:
        self._file, self._line, self._tokens, self._at = file, line, tokens, 0

    def until(self, end: str, *, split: bool = False) -> Nodes:
        """Read nodes up to a closing token, which is not consumed, or to the end of the text."""
        nodes: list[str | Ask | Wordings | Fact] = []
        while self._at < len(self._tokens):
            piece = self._tokens[self._at]
            if end and (piece == end or (split and piece == "||")):
                return tuple(nodes)
            self._at += 1
            line = self._line
            self._line += piece.count("\n") + piece.endswith("! }}")
            if piece == "[[":
                nodes.append(self._wordings(line))
            elif piece.startswith("<<") and piece.rstrip(" \t").endswith(":"):
                body = self.until(">>")
                self._close(">>", line)
                nodes.append(Fact(piece[2:].rstrip(" \t:"), body, line))
            elif piece.startswith("{{"):
                nodes.append(self._ask(piece, line))
            elif piece:
                nodes.append(piece)
        return tuple(nodes)

    def _wordings(self, line: int) -> Wordings:
        options = [_trimmed(self.until("]]", split=True))]
        while self._at < len(self._tokens) and self._tokens[self._at] == "||":
            self._at += 1
            options.append(_trimmed(self.until("]]", split=True)))
        self._close("]]", line)
        return Wordings(tuple(options), line)

    def _close(self, piece: str, line: int) -> None:
        if self._at >= len(self._tokens):
            raise ContentError(f"{self._file}, line {line}: the bracket opened here has no {piece}.")
        self._at += 1

    def _ask(self, piece: str, line: int) -> Ask:
        found = _ASKED.fullmatch(piece)
        if not found:
            raise ContentError(
                f"{self._file}, line {line}: {piece} is not a valid placeholder. Write {{{{ name }}}}, "
                "{{ name.part }}, {{ +slot }} or {{ today-6:iso }}."
            )
        plus, name, form, alone = found.groups()
        return Ask(name, form or "", " " if plus else "", "\n" if alone else "", f"{self._file}, line {line}")


def _trimmed(nodes: Nodes) -> Nodes:
    """Remove the spaces next to the separators of an option."""
    found = list(nodes)
    if found and isinstance(found[0], str):
        found[0] = found[0].lstrip()
    if found and isinstance(found[-1], str):
        found[-1] = found[-1].rstrip()
    return tuple(each for each in found if each != "")


def walk(nodes: Nodes) -> Iterator[Ask | Wordings | Fact]:
    """Yield every node that is not plain text, including nested ones."""
    for node in nodes:
        if isinstance(node, str):
            continue
        yield node
        if isinstance(node, Fact):
            yield from walk(node.body)
        elif isinstance(node, Wordings):
            for option in node.options:
                yield from walk(option)
