"""The JSON schema of a turn, which is what makes a small model's calls valid by construction."""

from collections.abc import Sequence
from typing import Any

from inspect_ai.tool import ToolInfo

THOUGHT_CHARS = 160
"""Room for one sentence: with none the model acts blindly, with more it talks instead of acting."""

_TEXT_CHARS = 1200
_ITEMS = 40

# The rest says nothing about the value (description, default, examples), or makes a decoder that lacks it
# drop the whole schema without a word (formats, patterns). Inspect still checks those at the call.
_ENFORCED = frozenset(
    {
        "type",
        "enum",
        "const",
        "items",
        "properties",
        "required",
        "additionalProperties",
        "anyOf",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
    }
)


def answer_schema(tools: Sequence[ToolInfo], thought_chars: int = THOUGHT_CHARS) -> dict[str, Any]:
    """The JSON schema of a turn: a thought, and a call of one of the tools.

    Args:
        tools: The tools on offer; at least one.
        thought_chars: Greatest length of the thought.
    """
    thought = {"type": "string", "maxLength": thought_chars}
    return {"anyOf": [_object({"thought": thought, "call": _call_schema(tool)}) for tool in tools]}


def _call_schema(tool: ToolInfo) -> dict[str, Any]:
    arguments = _enforced(tool.parameters.model_dump(exclude_none=True))
    return _object({"tool": {"const": tool.name}, "arguments": {**arguments, "additionalProperties": False}})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _enforced(schema: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in schema.items() if key in _ENFORCED}
    for key in ("items", "additionalProperties"):
        if isinstance(kept.get(key), dict):
            kept[key] = _enforced(kept[key])
    if "properties" in kept:
        kept["properties"] = {name: _enforced(value) for name, value in kept["properties"].items()}
    if "anyOf" in kept:
        kept["anyOf"] = [_enforced(option) for option in kept["anyOf"]]
    return _bounded(kept)


def _bounded(schema: dict[str, Any]) -> dict[str, Any]:
    # A small model that has begun to repeat itself stops only where the schema makes it stop.
    if schema.get("type") == "string" and "enum" not in schema:
        schema.setdefault("maxLength", max(_TEXT_CHARS, schema.get("minLength", 0)))
    if schema.get("type") == "array":
        schema["maxItems"] = _ITEMS
    return schema
