"""Study files: loading from YAML with line numbers in errors, the shipped files, and the JSON schema."""

import difflib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from peerwatch.core.errors import choices
from peerwatch.core.yaml_files import TooLargeError, check_size, problem
from peerwatch.inspect._salt import SaltError
from peerwatch.planning._design import Design
from peerwatch.planning._field_errors import in_words
from peerwatch.planning._model_entries import ANEW
from peerwatch.planning._yaml_checks import tree, unsupported
from peerwatch.records import StudyError

SUFFIX = ".yaml"


def shipped() -> dict[str, Path]:
    """The studies that ship with Peerwatch: name to file."""
    folder = Path(str(files("peerwatch.planning").joinpath("files")))
    return {file.stem: file for file in sorted(folder.glob(f"*{SUFFIX}"))}


def study_file(name: str) -> Path:
    """Return the path of a study file, given its path or the name of a shipped study.

    Raises:
        StudyError: If there is none.
    """
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        if path.is_dir():
            raise StudyError(f"{name} is a folder. Give a study file (YAML), or one of: {', '.join(shipped())}.")
        if not path.is_file():
            raise StudyError(f"{name} does not exist. Give a study file (YAML), or one of: {', '.join(shipped())}.")
        return path
    if name not in shipped():
        raise StudyError(f"{name} is not a study file (YAML) or a study. {choices(name, shipped())}")
    return shipped()[name]


def load_design(file: Path) -> Design:
    """Load a study file.

    Raises:
        StudyError: If it is not valid YAML or a field is invalid; the message gives the line, value and legal values of
            every error.
    """
    try:
        text = file.read_text(encoding="utf-8")
        check_size(text)
        root = tree(text)
    except TooLargeError as error:
        raise StudyError(f"{file} is too large for a study: {error}.") from error
    except UnicodeDecodeError as error:
        raise StudyError(
            f"{file} is not a text in UTF-8, so it is not a study file (YAML). Save it as UTF-8."
        ) from error
    except yaml.YAMLError as error:
        raise StudyError(f"{file} is not valid YAML: {problem(error)}") from error
    except RecursionError as error:
        raise StudyError(f"{file} is nested too deeply for a study. Flatten it.") from error
    if not isinstance(root, yaml.MappingNode):
        raise StudyError(f"{file} is not a study: it must be a mapping with {', '.join(Design.model_fields)}.")
    if found := next(unsupported(root), None):
        raise StudyError(f"{file}, line {_line(found[0])}: {found[1]}")
    try:
        return Design.model_validate(yaml.safe_load(text), context=ANEW).salted(file.parent)
    except ValidationError as error:
        said = [f"{file}, {_in_words(each, root)}" for each in error.errors()]
        raise StudyError("\n".join(said)) from error
    except SaltError as error:
        raise StudyError(f"{file}: {error}") from error


def schema() -> dict[str, Any]:
    """The JSON schema of study files, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Design.model_json_schema()}


def explained(error: ValidationError) -> str:
    """Return a one-line message about an invalid study that was built from command-line options."""
    return " ".join(_said(each) for each in error.errors())


def _said(error: ErrorDetails) -> str:
    place = _place(error)
    what = _what(error, place)
    return what if error["type"] == "value_error" else f"{'.'.join(map(str, place))}: {what}"


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1


def _in_words(error: ErrorDetails, root: yaml.Node) -> str:
    """Format one error as `line 4: models.0.connections: ...`."""
    place = _place(error)
    node = _node(root, place)
    where = ".".join(str(each) for each in place) or "the study"
    return f"line {_line(node)}: {where}: {_what(error, place)}"


def _place(error: ErrorDetails) -> list[str | int]:
    """Return the path of an error, without the names of validators that pydantic inserts."""
    return [each for each in error["loc"] if not str(each).startswith(("function-", "constrained-"))]


def _node(node: yaml.Node, place: Sequence[str | int]) -> yaml.Node:
    """The deepest existing node on the way to a place; for an unknown key the key itself."""
    for step in place:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(step)), None)
            if found is None:
                return node
            node = found[0] if step == place[-1] and isinstance(found[1], yaml.ScalarNode) else found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
    return node


def _what(error: ErrorDetails, place: Sequence[str | int]) -> str:
    if error["type"] == "extra_forbidden":
        legal = _fields(place[:-1])
        near = difflib.get_close_matches(str(place[-1]), legal, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        return f"unknown field.{hint} Legal here: {', '.join(legal)}."
    if error["type"] == "missing":
        return "this field is required. Add it."
    if error["type"] == "value_error":
        return f"{error['msg'].removeprefix('Value error, ').removesuffix('.')}."
    return in_words(error, place, _schema())


@cache
def _schema() -> dict[str, Any]:
    return Design.model_json_schema()


def _fields(place: Sequence[str | int]) -> list[str]:
    """The legal fields at a place of a study file."""
    model: Any = Design
    for step in place:
        if isinstance(step, int):
            continue
        model = _model_in(model.model_fields[step].annotation)
    return list(model.model_fields)


def _model_in(annotation: Any) -> Any:  # noqa: ANN401 - any type expression
    """The record class inside a type such as `list[ModelEntry]` or `Price | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inside = (_model_in(each) for each in get_args(annotation))
    return next((each for each in inside if each is not None), None)
