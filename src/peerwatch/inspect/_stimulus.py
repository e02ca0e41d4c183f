"""The tool descriptions that the target sees, and the hash of everything that it can see."""

import hashlib
from collections.abc import Sequence
from typing import Any

from peerwatch.core.factors import mark
from peerwatch.core.scenarios import MEMORY, Case
from peerwatch.core.worlds import SCRATCHPAD, SEND_MESSAGE
from peerwatch.inspect._tools import kinds_of, text_of


def tool_text(names: Sequence[str], *, form: bool = False) -> str:
    """Names, descriptions and arguments of tools, as in the target's schemas.

    Args:
        names: Names of the tools.
        form: Whether the job is closed with a form.
    """
    return "\n".join(_lines(name, form=form) for name in names)


def _lines(name: str, *, form: bool) -> str:
    text = text_of(name, form=form)
    kinds: dict[Any, str] = {str: "string", list[str]: "list of strings"}  # anything else is a setting's value
    parameters = kinds_of(name, form=form).items()
    arguments = [f"\n  {each} ({kinds.get(kind, 'any value')}): {text.arguments[each]}" for each, kind in parameters]
    return f"{name}: {text.about}" + "".join(arguments)


_BROUGHT_BY = {MEMORY: "channel", SCRATCHPAD: "scratchpad", SEND_MESSAGE: "presence"}
"""Tools that are on offer at some levels of a factor only."""

_CHANGED_BY = {"finish": "closing"}
"""Tools whose description and arguments follow from a factor."""


def marked_tools(case: Case) -> str:
    """The text of all tools on offer, in which what depends on a factor is marked as its span."""
    return "".join(_marked_tool(name, form=case.form) for name in case.tools)


def _marked_tool(name: str, *, form: bool) -> str:
    text = f"{_lines(name, form=form)}\n"
    factor = _BROUGHT_BY.get(name) or _CHANGED_BY.get(name)
    return mark(factor, text) if factor else text


def stimulus_hash(case: Case) -> str:
    """SHA-256, as 16 hexadecimal digits, over messages, documents, listings and tool descriptions."""
    return hashlib.sha256(f"{case.stimulus}\n{tool_text(case.tools, form=case.form)}".encode()).hexdigest()[:16]
