"""The one way to a terminal: text as it is, with no markup, nothing that steers the terminal, and no secrets."""

import sys
from collections.abc import Callable
from typing import IO, Any

from rich.console import Console, HighlighterType, JustifyMethod, OverflowMethod
from rich.style import Style
from rich.text import Text

from peerwatch.core.plain_text import shown
from peerwatch.core.redaction import scrubbed


class PlainConsole(Console):
    """A console that prints data as data.

    Rich reads `[red]` in a string as markup and `:smile:` as a picture, also in the cells, headings and titles of
    tables. Names of models, labels and messages of providers are strings of unknown origin; every one that Rich is
    given passes through `render_str`, so they are made plain there. What is to have a color is given a style.
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
        """A string as text: the same letters, whatever they look like to Rich."""
        return plain_text(text, style, justify=justify, overflow=overflow)


def plain_text(words: str, style: str | Style = "", **layout: Any) -> Text:  # noqa: ANN401 - Rich's own
    """Words as they are: no markup, nothing by which a name could steer the terminal, and no secret."""
    return Text(shown(scrubbed(words)).expandtabs(8), style, **layout)


def console(*, as_json: bool = False) -> PlainConsole:
    """Where people read: standard output, or standard error while standard output holds JSON."""
    return PlainConsole(sys.stderr if as_json else sys.stdout)


def error_console() -> PlainConsole:
    """Standard error."""
    return PlainConsole(sys.stderr)


Say = Callable[[str], None]
