"""Print results for people and for programs."""

import json
import math
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.table import Table

from peerwatch.core.console import PlainConsole, console, error_console, plain_text
from peerwatch.core.redaction import scrubbed, scrubbed_all, scrubber

if TYPE_CHECKING:
    from peerwatch.records import UnreadFile
    from peerwatch.stats import Rate


__all__ = ["PlainConsole", "console", "error_console", "print_json", "scrubbed", "scrubber", "table", "without_nan"]

# Legal in JSON strings, but unsafe on a terminal: C1 controls and DEL, soft hyphen, bidirectional marks and overrides,
# zero-width characters, line and paragraph separators, and lone surrogates, which no encoding can represent.
_UNSEEN = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]")


def print_json(value: Any) -> None:  # noqa: ANN401 - any JSON
    """Print JSON with nan as null."""
    text = json.dumps(scrubbed_all(without_nan(value)), indent=2, ensure_ascii=False)
    sys.stdout.write(_UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")


def without_nan(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return the value with nan, which JSON cannot represent, replaced by None."""
    if isinstance(value, dict):
        return {name: without_nan(each) for name, each in value.items()}  # pyright: ignore[reportUnknownVariableType] - any JSON
    if isinstance(value, list | tuple):
        return [without_nan(each) for each in value]  # pyright: ignore[reportUnknownVariableType] - any JSON
    return None if isinstance(value, float) and math.isnan(value) else value


def table(title: str, columns: list[str], rows: list[list[str]]) -> Table:
    """A plain table with a title."""
    made = Table(title=plain_text(title), title_justify="left", show_edge=False, pad_edge=False)
    for number, column in enumerate(columns):
        made.add_column(column, overflow="fold", no_wrap=number == 0)  # don't wrap names, so that they can be copied
    for row in rows:
        made.add_row(*map(plain_text, row))
    return made


def rate_in_words(rate: "Rate") -> str:
    """Return a rate as counts, 95% interval in percent, and number of missing episodes."""
    missing = f", {rate.missing} missing" if rate.missing else ""
    if not rate.n:
        return f"none{missing}"
    share = f"{round(rate.value * rate.n)} of {rate.n}"
    return f"{share} [{100 * rate.low:.0f}, {100 * rate.high:.0f}] %{missing}"


def insist_on_all(unread: "Sequence[UnreadFile]") -> None:
    """Raise if files could not be read; call it after printing the result of the others.

    Raises:
        LogError: If a file could not be read.
    """
    if unread:
        from peerwatch.records import LogError, in_one  # imported here: otherwise every command would load it

        raise LogError(f"{in_one(unread)} The result covers the other logs.")
