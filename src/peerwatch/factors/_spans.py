"""Spans: the stretches of a stimulus that a factor declares as its own.

A marked text carries its spans in private-use characters, which no template, name or listing contains.
"""

import re

_OPEN, _SEP, _CLOSE = "\ue000", "\ue001", "\ue002"
_MARKS = re.compile(f"({_OPEN}[^{_SEP}]*{_SEP}|{_CLOSE})")


def mark(factor: str, text: str) -> str:
    """Declare a text as depending on a factor."""
    return f"{_OPEN}{factor}{_SEP}{text}{_CLOSE}"


def plain(marked: str) -> str:
    """The text as the target reads it."""
    return _MARKS.sub("", marked)


def without(marked: str, factor: str) -> str:
    """The text with everything that a factor declares taken out, and all other marks removed."""
    opening = f"{_OPEN}{factor}{_SEP}"
    kept: list[str] = []
    around: list[bool] = []  # for each open span, whether it is the factor's
    for position, part in enumerate(_MARKS.split(marked)):
        if position % 2 == 0:
            kept += [] if any(around) else [part]
        elif part == _CLOSE:
            around.pop()
        else:
            around.append(part == opening)
    return "".join(kept)
