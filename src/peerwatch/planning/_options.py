"""Validates Inspect's generation options without importing Inspect: names and types are read from its source."""

import ast
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from peerwatch.planning._field_errors import in_words
from peerwatch.records import known

_SOURCE, _CLASS = "model/_generate_config.py", "GenerateConfig"

_PLAIN: dict[str, Any] = {"Any": Any, "Literal": Literal}
"""Names in types, other than Python's own, that are plain."""

_BUILTINS = frozenset({"int", "float", "str", "bool", "list", "dict"})


def check_options(config: Mapping[str, Any]) -> None:
    """Reject a generation option that Inspect does not have, or a value of the wrong type.

    Inspect itself is imported only for options whose type is one of its records, such as `response_schema`.

    Raises:
        ValueError: If an option is unknown or its value invalid; the message lists what is legal.
    """
    names, plain = _options()
    for name in config:
        known("a generation option of Inspect's", name, sorted(names))
    if set(config) <= set(plain.model_fields):
        try:
            plain.model_validate(dict(config))
        except ValidationError as error:
            first = error.errors()[0]
            place = [first["loc"][0]]
            first["input"] = config[str(place[0])]  # the whole value, even if only a part of it is wrong
            raise ValueError(f"{place[0]}: {in_words(first, place, plain.model_json_schema())}") from error
        return
    from inspect_ai.model import GenerateConfig

    GenerateConfig.model_validate(dict(config))


@cache
def _options() -> tuple[frozenset[str], type[BaseModel]]:
    """The names of all options, and a record class for those of plain types."""
    written = _written()
    plain = {name: text for name, (text, used) in written.items() if used <= _BUILTINS | _PLAIN.keys()}
    holder = type("Options", (), {"__annotations__": plain})
    fields: dict[str, Any] = {name: (hint, None) for name, hint in get_type_hints(holder, globalns=_PLAIN).items()}
    return frozenset(written), create_model("Options", __config__=ConfigDict(extra="forbid"), **fields)


def _written() -> dict[str, tuple[str, set[str]]]:
    """Option to its type in Inspect's source, and the names in that type."""
    spec = find_spec("inspect_ai")
    source = Path(str(spec.origin)).parent / _SOURCE if spec else Path(_SOURCE)
    if source.is_file():
        for node in ast.parse(source.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and node.name == _CLASS:
                return {
                    each.target.id: (ast.unparse(each.annotation), _names(each.annotation))
                    for each in node.body
                    if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
                }
    from inspect_ai.model import GenerateConfig  # another version, which has its options elsewhere

    return {name: ("", {_CLASS}) for name in GenerateConfig.model_fields}


def _names(annotation: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)}
