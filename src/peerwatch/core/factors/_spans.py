"""Spans: the parts of a stimulus that depend on a factor.

A marked text carries its spans in private-use characters, which no template, name or listing contains.
"""

import re
from collections.abc import Callable

_OPEN, _SEP, _CLOSE = "\ue000", "\ue001", "\ue002"
# Matches the mark before a span, which includes the factor's name, or the mark after it.
_MARKS = re.compile(f"({_OPEN}[^{_SEP}]*{_SEP}|{_CLOSE})")


def mark(factor: str, text: str) -> str:
    """Mark a text as depending on a factor."""
    return f"{_OPEN}{factor}{_SEP}{text}{_CLOSE}"


def plain(marked: str) -> str:
    """Return the text as the target reads it, without marks."""
    return _MARKS.sub("", marked)


def without(marked: str, factor: str) -> str:
    """Return the text without a factor's spans and without all other marks."""
    opening = f"{_OPEN}{factor}{_SEP}"
    if opening not in marked:
        return plain(marked)
    kept: list[str] = []
    around: list[bool] = []  # one entry per open span: whether it belongs to the factor
    for position, part in enumerate(_MARKS.split(marked)):
        if position % 2 == 0:
            kept += [] if any(around) else [part]
        elif part == _CLOSE:
            around.pop()
        else:
            around.append(part == opening)
    return "".join(kept)


def swapped(marked: str, factor: str, swap: Callable[[str], str]) -> str:
    """Return the text with every span of a factor replaced, inner spans first, and all marks removed.

    Args:
        marked: A marked text.
        factor: The factor whose spans are replaced.
        swap: Called with the plain text of each span, in which inner spans are already replaced.
    """
    opening = f"{_OPEN}{factor}{_SEP}"
    open_spans: list[tuple[bool, list[str]]] = [(False, [])]
    for position, part in enumerate(_MARKS.split(marked)):
        if position % 2 == 0:
            open_spans[-1][1].append(part)
        elif part != _CLOSE:
            open_spans.append((part == opening, []))
        else:
            own, kept = open_spans.pop()
            inner = "".join(kept)
            open_spans[-1][1].append(swap(inner) if own else inner)
    return "".join(open_spans[0][1])
