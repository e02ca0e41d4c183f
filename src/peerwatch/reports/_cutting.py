"""Texts as a template prints them: without secrets, made harmless to look at, and cut where they would drown a page."""

from collections.abc import Callable

from markupsafe import Markup

from peerwatch.core.plain_text import shown
from peerwatch.core.redaction import Scrub

LONGEST = 4000
"""Characters of a text that stand in the page's fixed parts; the evidence holds every text whole."""


def cut(text: str, longest: int = LONGEST) -> str:
    """Shorten a text that would drown a page, and say by how much."""
    if len(text) <= longest:
        return text
    return f"{text[:longest]}… [{len(text) - longest:,} more characters]"


def finalizer(scrub: Scrub) -> Callable[[object], object]:
    """What a template prints of a value: text is scrubbed, shown and cut, in this order; markup of our own stays.

    It comes before escaping: a secret with `&` in it is none any more as `&amp;`.
    """

    def finalized(value: object) -> object:
        return shown(cut(scrub(value))) if isinstance(value, str) and not isinstance(value, Markup) else value

    return finalized
