"""The JSON schema of a turn, which makes a small model's calls valid by construction."""

from collections.abc import Sequence
from typing import Any

from inspect_ai.tool import ToolInfo

from peerwatch.models._known_names import KnownNames
from peerwatch.models._scaffold import Argument, scaffold

THOUGHT = "thought"
"""The key of the thought; every other key of a turn is a tool."""

THOUGHT_CHARS = 120
"""Maximum length of the thought: one sentence. With none the model acts blindly, with more it only talks."""

_TEXT_CHARS = 1200
_ITEMS = 40

# Other keys do not restrict the value (description, default, examples), or make a decoder without support silently drop
# the whole schema (formats, patterns). Inspect still validates those when the tool is called.
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


def answer_schema(tools: Sequence[ToolInfo], seen: KnownNames, thought_chars: int = THOUGHT_CHARS) -> dict[str, Any]:
    """Return the JSON schema of a turn: a thought, and a call of one of the tools.

    Tools for which the conversation has not shown a name yet are left out.

    Args:
        tools: The offered tools; at least one.
        seen: The names that the conversation has shown.
        thought_chars: Maximum length of the thought.
    """
    tools = _begin(tools, seen)
    thought = {"type": "string", "maxLength": thought_chars}
    calls = [(tool.name, arguments) for tool in tools for arguments in _arguments(tool, seen)]
    if not calls:  # nothing can be called with a name that is known: better an invented name than no call
        calls = [(tool.name, each) for tool in tools for each in _arguments(tool, None)]
    return {"anyOf": [_object({THOUGHT: thought, name: arguments}) for name, arguments in calls]}


def _begin(tools: Sequence[ToolInfo], seen: KnownNames) -> Sequence[ToolInfo]:
    """The tool with which the job starts or continues, until it was called; then all tools."""
    named = {tool.name: tool for tool in tools}
    for name in scaffold().opening:
        if name in named and name not in seen.called and _arguments(named[name], seen):
            return [named[name]]
    return tools


def _arguments(tool: ToolInfo, seen: KnownNames | None) -> list[dict[str, Any]]:
    """The schemas of a tool's arguments, one for each server if names depend on it."""
    if seen and tool.name in seen.called and tool.name in scaffold().once:
        return []
    whole = {**_enforced(tool.parameters.model_dump(exclude_none=True)), "additionalProperties": False}
    known = {name: scaffold().argument(tool.name, name) for name in tool.parameters.properties}
    if seen is None or not any(known.values()):
        return [_listed(whole, known)]
    place = next((each.at for each in known.values() if each and each.at), None)
    if place is None:
        return _chosen(whole, known, seen, tool.name, None)
    return [
        schema
        for server in seen.servers
        for schema in _chosen(whole, {**known, place: None}, seen, tool.name, (place, server))
    ]


def _listed(whole: dict[str, Any], known: dict[str, Argument | None]) -> dict[str, Any]:
    """A schema with free names, in lists where the model gives lists."""
    properties = {name: _array(each) if _many(known[name]) else each for name, each in whole["properties"].items()}
    return {**whole, "properties": properties}


def _chosen(
    whole: dict[str, Any],
    known: dict[str, Argument | None],
    seen: KnownNames,
    tool: str,
    at: tuple[str, str] | None,
) -> list[dict[str, Any]]:
    """A schema with every kind of known name as an enumeration; none if one of them would be empty."""
    properties = dict(whole["properties"])
    if at:
        properties[at[0]] = {"const": at[1]}
    for name, argument in known.items():
        if argument is None:
            continue
        names = _names(argument, seen, tool, at[1] if at else "")
        if not names:
            return []
        choice = {"enum": names}
        many = argument.many or properties[name].get("type") == "array"
        properties[name] = {**_array(choice), "maxItems": len(names)} if many else choice
    return [{**whole, "properties": properties}]


def _names(argument: Argument, seen: KnownNames, tool: str, server: str) -> list[str]:
    if argument.changed and not seen.done:
        return []
    if argument.kind == "document":
        return seen.unread() if argument.fresh else seen.documents
    if argument.kind == "server":
        done = seen.shown.get(tool, []) if argument.fresh else []
        return [each for each in seen.servers if each != server and each not in done]
    queued = seen.queued.get(server, [])
    return [name for name in seen.files(server) if not (argument.fresh and name in queued)]


def _many(argument: Argument | None) -> bool:
    return argument is not None and argument.many


def _array(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1, "maxItems": _ITEMS}


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
    # A small model that has started to repeat itself stops only if the schema makes it stop.
    if schema.get("type") == "string" and "enum" not in schema:
        schema.setdefault("maxLength", max(_TEXT_CHARS, schema.get("minLength", 0)))
    if schema.get("type") == "array":
        schema["maxItems"] = _ITEMS
    return schema
