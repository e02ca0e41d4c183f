"""Prepare texts for templates: remove secrets, neutralize control characters, shorten overlong texts."""

from collections.abc import Callable

from markupsafe import Markup

from peerwatch.core.plain_text import shown
from peerwatch.core.redaction import Scrub

LONGEST = 4000
"""Maximum characters of a text in the page's fixed parts. The evidence contains all texts in full."""


def cut(text: str, longest: int = LONGEST) -> str:
    """Shorten an overlong text and state how many characters were cut."""
    if len(text) <= longest:
        return text
    return f"{text[:longest]}… [{len(text) - longest:,} more characters]"


def finalizer(scrub: Scrub) -> Callable[[object], object]:
    """Return the function that Jinja applies to every printed value.

    It scrubs, neutralizes and shortens texts, in this order; the template's own markup is unchanged.

    This must happen before escaping: a secret that contains `&` is no longer found once it is `&amp;`.
    """

    def finalized(value: object) -> object:
        return shown(cut(scrub(value))) if isinstance(value, str) and not isinstance(value, Markup) else value

    return finalized
