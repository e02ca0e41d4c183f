"""Parses arguments of calls: unreadable arguments are the model's mistake, and do not stop an episode."""

import json
import sys
from collections.abc import Callable
from functools import cache, wraps
from typing import Any, Literal, cast

from inspect_ai.tool import ToolCall, ToolInfo

from peerwatch.inspect.answers._values import MOST_DIGITS
from peerwatch.inspect.internals import parse_tool_call

_LONGEST_YAML = 10_000
"""Maximum length, in characters, of arguments that are parsed as YAML; 100,000 take a second."""

_Parse = Callable[..., ToolCall]


@cache
def install_parser() -> None:
    """Replace Inspect's call parser by `read_call`, in every provider's module, loaded or not.

    Inspect's function does not handle what Python raises for an integer of more than 4,300 digits, for a date that does
    not exist, and for arguments that a server sends as an object. Each of these ended the episode as a failure of the
    machinery, after the provider had been paid.
    """
    original: _Parse = parse_tool_call

    @wraps(original)
    def reader(*given: Any, **named: Any) -> ToolCall:  # noqa: ANN401 - as Inspect's own
        return read_call(original, *given, **named)

    for name, module in list(sys.modules.items()):
        if name.startswith("inspect_ai.") and getattr(module, "parse_tool_call", None) is original:
            setattr(module, "parse_tool_call", reader)  # noqa: B010 - pyright knows no such member of any module


def read_call(
    parse: _Parse,
    id: object,  # noqa: A002 - the names are Inspect's
    function: object,
    arguments: object,
    tools: list[ToolInfo] | None = None,
    type: Literal["function", "custom"] = "function",  # noqa: A002
) -> ToolCall:
    """Parse a call with Inspect's function, and describe the problem if that fails.

    Args:
        parse: Inspect's function.
        id: As sent.
        function: As sent.
        arguments: As sent; usually text.
        tools: The offered tools.
        type: As in Inspect.

    Returns:
        The call; if it is unreadable, with the error and as much of the arguments as can be shown.
    """
    call_id, name = (each if isinstance(each, str) else "" for each in (id, function))
    if isinstance(arguments, dict):
        return ToolCall(call_id, name, cast("dict[str, Any]", arguments), type=type)
    text = arguments if isinstance(arguments, str) or arguments is None else json.dumps(arguments, default=str)
    plain = (text or "").strip()
    if not plain.startswith("{") and (len(plain) > _LONGEST_YAML or "*" in plain):  # long, or aliases that multiply
        return ToolCall(call_id, name, dict.fromkeys(_first_parameter(name, tools or []), plain), type=type)
    try:
        return parse(call_id, name, text, tools, type)
    except (ValueError, ArithmeticError, LookupError, RecursionError) as error:
        return ToolCall(call_id, name, _shown(plain), parse_error=f"The arguments can't be read: {error}", type=type)


def _first_parameter(name: str, tools: list[ToolInfo]) -> list[str]:
    """The parameter to which Inspect assigns arguments that are not an object: a tool's first, if it has any."""
    return [parameter for tool in tools if tool.name == name for parameter in tool.parameters.properties][:1]


def _shown(arguments: str) -> dict[str, Any]:
    """Arguments with overlong numbers as text; empty if they still can't be parsed."""
    try:
        found = json.loads(arguments, parse_int=_bounded)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _bounded(digits: str) -> int | str:
    return int(digits) if len(digits) <= MOST_DIGITS else f"(a number of {len(digits):,} digits)"
