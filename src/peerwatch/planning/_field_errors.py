"""Readable messages for pydantic errors: the value, what is legal, and what to write instead."""

import reprlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from peerwatch.core.errors import choices

Schema = Mapping[str, Any]
"""A JSON schema, as pydantic makes it of a record."""

_KINDS: dict[str, tuple[type, ...]] = {
    "integer": (int,),
    "number": (int, float),
    "string": (str,),
    "array": (list,),
    "object": (dict,),
    "boolean": (bool,),
}

OWN = ("value_error", "missing", "extra_forbidden")
"""Types of pydantic errors that already have our message, or that are not about a value."""


def unusable(error: ValidationError | UnicodeDecodeError) -> str:
    """Why a file that Peerwatch wrote can't be read now: what is wrong first, and where it is.

    A name that a package offered is among these once the package is gone, so installing it is the first advice.
    """
    if isinstance(error, UnicodeDecodeError):
        return f"is damaged: {error}."
    first = error.errors()[0]
    what = first["msg"].removeprefix("Value error, ").rstrip(".")
    if first["type"] == "json_invalid" or not first["loc"]:
        return f"is damaged or from another version: {what}."
    where = ".".join(map(str, first["loc"]))
    advice = "Install the package that offers it, or use the version that wrote the file."
    return f"can't be used here, at {where}: {what}. {advice}"


def in_words(error: ErrorDetails, place: Sequence[str | int], schema: Schema) -> str:
    """One mistake of a record's value, as in `'twenty' is not a whole number from 1 to 100. Give one, such as 10`.

    Args:
        error: As pydantic has it, of none of the types in `OWN`.
        place: Where it is, from the root of the schema.
        schema: The JSON schema of the record.
    """
    found = list(_below(schema, schema, place))
    value = error["input"]
    if not found:
        return f"{error['msg']}, not {reprlib.repr(value)}."
    if error["type"] == "too_short" and value == []:
        return "this list is empty. Give at least one entry."
    if value is None:
        return "the value is missing. Give one, or leave the field out."
    names = [name for each in found for name in each.get("enum", [each["const"]] if "const" in each else [])]
    if names:
        return f"{_shown(value)} is not legal here. {choices(str(value), map(str, names))}"
    legal = " or ".join(dict.fromkeys(map(_legal, found)))
    return f"{_shown(value)} is not {legal}.{_instead(found, schema, value, place)}"


def _below(node: Schema, root: Schema, place: Sequence[str | int]) -> Iterator[Schema]:
    """Yield the schemas that are legal at a place, except `null`: an absent field means the same."""
    for each in _alternatives(node, root):
        if not place:
            if each.get("type") != "null":
                yield each
            continue
        first = place[0]
        inner = each.get("items") if isinstance(first, int) else _property(each, first)
        if isinstance(inner, Mapping):
            yield from _below(cast("Schema", inner), root, place[1:])


def _property(node: Schema, name: str) -> object:
    return node.get("properties", {}).get(name, node.get("additionalProperties"))


def _alternatives(node: Schema, root: Schema) -> Iterator[Schema]:
    """A schema with references followed and alternatives taken apart; each keeps the default of the whole."""
    if "$ref" in node:
        target = root["$defs"][str(node["$ref"]).rpartition("/")[2]]
        yield from _alternatives({**target, **{key: each for key, each in node.items() if key != "$ref"}}, root)
    elif "anyOf" in node:
        rest = {key: each for key, each in node.items() if key not in ("anyOf", "title")}
        for each in node["anyOf"]:
            yield from _alternatives({**each, **rest}, root)
    else:
        yield node


def _legal(node: Schema) -> str:
    kind = str(node.get("type", ""))
    if kind in ("integer", "number"):
        return f"a {'whole ' if kind == 'integer' else ''}number{_range(node)}"
    if kind == "array":
        return "a list"
    if kind == "object":
        fields = ", ".join(node.get("properties", {}))
        return f"a mapping with {fields}" if fields else "a mapping of names to values"
    if kind == "boolean":
        return "true or false"
    return "text" if kind == "string" else "legal here"


def _range(node: Schema) -> str:
    low, high = node.get("minimum"), node.get("maximum")
    if low is not None and high is not None:
        return f" from {low:,} to {high:,}"
    said = [
        f"{words} {node[name]:,}"
        for name, words in (
            ("minimum", "of at least"),
            ("exclusiveMinimum", "above"),
            ("maximum", "of at most"),
            ("exclusiveMaximum", "below"),
        )
        if node.get(name) is not None
    ]
    return f" {' and '.join(said)}" if said else ""


def _instead(found: Sequence[Schema], root: Schema, value: object, place: Sequence[str | int]) -> str:
    """Return a suggestion: the value wrapped in the missing list or mapping, or else an example."""
    for each in found:
        wrapped = _wrapped(each, root, value)
        if wrapped is not None:
            name = place[-1] if place else ""
            text = _in_yaml({name: wrapped})[1:-1] if isinstance(name, str) and name else _in_yaml(wrapped)
            return f" Write `{text}`."
        default = each.get("default")
        if isinstance(default, int | float) and not isinstance(default, bool):
            return f" Give one, such as {default:g}."
    return ""


def _wrapped(node: Schema, root: Schema, value: object) -> object:
    """A value in quotes, or inside the list or the mapping that belongs around it; `None` if nothing helps.

    In a mapping it goes to the first field that takes a value like it, fields of fixed words before others.
    """
    if node.get("type") == "string" and isinstance(value, int | float):
        return str(value)  # which YAML writes in quotes
    if isinstance(value, list):
        return None
    if node.get("type") == "array":
        inside = list(_alternatives(node.get("items", {}), root))
        if any(_fits(each, value) for each in inside):
            return [value]
        deeper = next((found for each in inside if (found := _wrapped(each, root, value)) is not None), None)
        return None if deeper is None else [deeper]
    if node.get("type") != "object":
        return None
    fields = {name: list(_alternatives(each, root)) for name, each in node.get("properties", {}).items()}
    words = [name for name, each in fields.items() if any(value in kind.get("enum", ()) for kind in each)]
    typed = [name for name, each in fields.items() if any(_fits(kind, value) for kind in each)]
    name = next(iter([*words, *typed]), None)
    return None if name is None else {name: value}


def _fits(node: Schema, value: object) -> bool:
    if "enum" in node:
        return value in node["enum"]
    return isinstance(value, _KINDS.get(str(node.get("type", "")), ())) and not isinstance(value, bool)


def _in_yaml(value: object) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, width=float("inf"), allow_unicode=True, sort_keys=False)
    return text.removesuffix("...\n").strip()


def _shown(value: object) -> str:
    """A value as a person reads it: a long list or mapping by its beginning."""
    kind = "the list " if isinstance(value, list) else "the mapping " if isinstance(value, dict) else ""
    return kind + reprlib.repr(cast("object", value))
