"""Terminal output: literal text without markup, control characters or secrets."""

import sys
from collections.abc import Callable
from typing import IO, Any

from rich.console import Console, HighlighterType, JustifyMethod, OverflowMethod
from rich.style import Style
from rich.text import Text

from peerwatch.core.plain_text import shown
from peerwatch.core.redaction import scrubbed


class PlainConsole(Console):
    """A console that prints strings literally.

    Rich reads `[red]` in a string as markup and `:smile:` as a picture, also in the cells, headings and titles of
    tables. Model names, labels and provider messages are untrusted strings. All of them pass
    through `render_str`, which makes them plain. Use a style to color text.
    """

    def __init__(self, file: IO[str]) -> None:
        super().__init__(file=file, soft_wrap=True, highlight=False, markup=False, emoji=False)

    def render_str(
        self,
        text: str,
        *,
        style: str | Style = "",
        justify: JustifyMethod | None = None,
        overflow: OverflowMethod | None = None,
        emoji: bool | None = None,  # noqa: ARG002 - Rich's parameters
        markup: bool | None = None,  # noqa: ARG002
        highlight: bool | None = None,  # noqa: ARG002
        highlighter: HighlighterType | None = None,  # noqa: ARG002
    ) -> Text:
        """Return a string as literal text, without interpreting markup."""
        return plain_text(text, style, justify=justify, overflow=overflow)


def plain_text(words: str, style: str | Style = "", **layout: Any) -> Text:  # noqa: ANN401 - Rich's own
    """Return literal text without markup, control characters or secrets."""
    return Text(shown(scrubbed(words)).expandtabs(8), style, **layout)


def console(*, as_json: bool = False) -> PlainConsole:
    """Return the console for people: standard output, or standard error when standard output carries JSON."""
    return PlainConsole(sys.stderr if as_json else sys.stdout)


def error_console() -> PlainConsole:
    """Standard error."""
    return PlainConsole(sys.stderr)


Say = Callable[[str], None]
