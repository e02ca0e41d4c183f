"""Options and arguments that the command line cannot read, each told in one line with what is legal."""

from typing import Any, cast

import typer
from pydantic import ValidationError

UsageError = cast("type[Exception]", typer.BadParameter.__mro__[1])
"""The base of what Typer raises for options and arguments that it cannot read; it exports no public name for it."""

_KINDS = {"int_parsing": "a whole number", "int_from_float": "a whole number", "float_parsing": "a number"}
"""Types of pydantic's errors to what the option takes."""

_BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("more than", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("less than", "lt"),
}


def in_a_line(error: Exception) -> str:
    """What is wrong with the words of a command, and where the legal ones are; empty where help is to be printed.

    Args:
        error: Of the type `UsageError`.
    """
    said: Any = error  # Typer's errors have no public type
    message = str(said.format_message()).strip()
    if message.startswith("Usage:"):  # nothing was given, and the help is what it has to say
        return ""
    command = said.ctx.command_path if said.ctx else "peerwatch"
    return f"{_value(said) or _ended(message)} `{command} --help` lists what is legal."


def _ended(message: str) -> str:
    """A message with one mark at its end."""
    return message if message.endswith((".", "?")) else f"{message}."


def _value(said: Any) -> str:  # noqa: ANN401 - Typer's errors have no public type
    """What is wrong with an option's value, in our words; empty where Typer's do."""
    if not isinstance(said.__cause__, ValidationError):
        return ""
    found = said.__cause__.errors()[0]
    option = said.param.opts[0] if said.param.opts and said.param.opts[0].startswith("-") else said.param.name
    if kind := _KINDS.get(found["type"]):
        return f"{option}: {found['input']!r} is not {kind}."
    if bound := _BOUNDS.get(found["type"]):
        return f"{option} {found['input']}: give {bound[0]} {found.get('ctx', {}).get(bound[1])}."
    return ""
