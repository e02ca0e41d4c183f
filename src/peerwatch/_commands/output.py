"""Printing results, for people and for machines."""

import json
import math
import os
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from peerwatch.logs import Unread


def console(*, as_json: bool) -> Console:
    """Where people read: standard output, or standard error while standard output holds JSON."""
    return Console(file=sys.stderr if as_json else sys.stdout, soft_wrap=True, highlight=False)


def print_json(value: Any) -> None:  # noqa: ANN401 - any JSON
    """Print JSON with nan as null."""
    sys.stdout.write(scrubbed(json.dumps(without_nan(value), indent=2, ensure_ascii=False)) + "\n")


def without_nan(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """The same value with nan, which JSON has not, as None."""
    if isinstance(value, dict):
        return {name: without_nan(each) for name, each in value.items()}  # pyright: ignore[reportUnknownVariableType] - any JSON
    if isinstance(value, list | tuple):
        return [without_nan(each) for each in value]  # pyright: ignore[reportUnknownVariableType] - any JSON
    return None if isinstance(value, float) and math.isnan(value) else value


_SECRET = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD)$")
_SHORTEST = 8
"""Shorter values, such as `none`, are placeholders and would blot out ordinary words."""


def scrubbed(text: str) -> str:
    """A text without the values of the environment's keys; providers quote them in their error messages."""
    secrets = [value for name, value in os.environ.items() if _SECRET.search(name) and len(value) >= _SHORTEST]
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "[scrubbed]")
    return text


def table(title: str, columns: list[str], rows: list[list[str]]) -> Table:
    """A plain table with a title."""
    made = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    for number, column in enumerate(columns):
        made.add_column(column, overflow="fold", no_wrap=number == 0)  # names stay whole, to be copied
    for row in rows:
        made.add_row(*row)
    return made


def insist_on_all(unread: "Sequence[Unread]") -> None:
    """Make sure that every file was read, once the result of the others has been printed.

    Raises:
        LogError: If some could not be read.
    """
    if unread:
        from peerwatch.logs import LogError, in_one  # not at the top: every start of the command line would load it

        raise LogError(f"{in_one(unread)} The result is that of the other logs.")
