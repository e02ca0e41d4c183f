"""One-line messages for options and arguments that cannot be parsed."""

from typing import Any, cast

import typer
from pydantic import ValidationError

UsageError = cast("type[Exception]", typer.BadParameter.__mro__[1])
"""Base class of Typer's errors for options and arguments; Typer exports no public name for it."""

_KINDS = {"int_parsing": "a whole number", "int_from_float": "a whole number", "float_parsing": "a number"}
"""Pydantic's error type to the kind of value that the option accepts."""

_BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("more than", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("less than", "lt"),
}


def in_a_line(error: Exception) -> str:
    """Return a one-line message with a pointer to the help; empty if the help should be printed instead.

    Args:
        error: An error of type `UsageError`.
    """
    said: Any = error  # Typer's errors have no public type
    message = str(said.format_message()).strip()
    if message.startswith("Usage:"):  # no arguments: Typer prints the help
        return ""
    command = said.ctx.command_path if said.ctx else "peerwatch"
    return f"{_value(said) or _ended(message)} `{command} --help` lists the legal options."


def _ended(message: str) -> str:
    """Return the message with exactly one punctuation mark at the end."""
    return message if message.endswith((".", "?")) else f"{message}."


def _value(said: Any) -> str:  # noqa: ANN401 - Typer's errors have no public type
    """Return Peerwatch's message for an option's value; empty if Typer's message is sufficient."""
    if not isinstance(said.__cause__, ValidationError):
        return ""
    found = said.__cause__.errors()[0]
    option = said.param.opts[0] if said.param.opts and said.param.opts[0].startswith("-") else said.param.name
    if kind := _KINDS.get(found["type"]):
        return f"{option}: {found['input']!r} is not {kind}."
    if bound := _BOUNDS.get(found["type"]):
        return f"{option} {found['input']}: give {bound[0]} {found.get('ctx', {}).get(bound[1])}."
    return ""
