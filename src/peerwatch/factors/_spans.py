"""Spans: the stretches of a stimulus that a factor declares as its own.

A marked text carries its spans in private-use characters, which no template, name or listing contains.
"""

import re

_OPEN, _SEP, _CLOSE = "\ue000", "\ue001", "\ue002"
_INNERMOST = re.compile(f"{_OPEN}([^{_OPEN}{_SEP}{_CLOSE}]*){_SEP}([^{_OPEN}{_CLOSE}]*){_CLOSE}")
_OPENING = re.compile(f"{_OPEN}[^{_SEP}]*{_SEP}|{_CLOSE}")


def mark(factor: str, text: str) -> str:
    """Declare a text as depending on a factor."""
    return f"{_OPEN}{factor}{_SEP}{text}{_CLOSE}"


def plain(marked: str) -> str:
    """The text as the target reads it."""
    return _OPENING.sub("", marked)


def without(marked: str, factor: str) -> str:
    """The text with everything that a factor declares taken out, and all other marks removed."""
    previous = None
    while previous != marked:
        previous = marked
        marked = _INNERMOST.sub(lambda span: _closed(span, factor), marked)
    return marked


def _closed(span: re.Match[str], factor: str) -> str:
    """One innermost span, dropped if it is the factor's and otherwise opened up."""
    return "" if span[1] == factor else span[2]
