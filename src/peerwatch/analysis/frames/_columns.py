"""The columns of the tables, read from `columns.yaml`."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from peerwatch.core.factors import FACTORS
from peerwatch.core.outcomes import AXES, VERDICTS
from peerwatch.core.yaml_files import from_yaml

Kind = Literal["text", "flag", "whole", "number", "texts", "wholes", "record"]
"""Text, true or false, integer, number, list of texts or integers, or a record with JSON values."""


class Column(BaseModel):
    """One column of a table; every value may be null, which means neither "no" nor 0.

    Attributes:
        name: Unique in its table.
        type: Type of the values.
        unit: Empty if there is none.
        meaning: Description in words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    type: Kind
    unit: str = ""
    meaning: str


class Layout(BaseModel):
    """What a row of a table represents, and its columns in order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    row: str
    columns: tuple[Column, ...]


@cache
def layouts() -> dict[str, Layout]:
    """Every table by name."""
    held: dict[str, dict[str, Any]] = from_yaml(
        files("peerwatch.analysis.frames").joinpath("columns.yaml").read_text("utf-8")
    )
    return {
        name: Layout(row=body["row"], columns=tuple(column for each in body["columns"] for column in _expanded(each)))
        for name, body in held.items()
    }


def column_table(name: str) -> str:
    """Render the columns of a table as Markdown, for the documentation and the data card."""
    lines = ["| column | type | unit | meaning |", "|---|---|---|---|"]
    lines += [f"| `{each.name}` | {each.type} | {each.unit} | {each.meaning} |" for each in layouts()[name].columns]
    return "\n".join(lines)


def _expanded(entry: dict[str, str]) -> Iterator[Column]:
    if "each" not in entry:
        yield Column.model_validate(entry)
        return
    meanings = {
        "factor": {name: factor.meaning for name, factor in FACTORS.items()},
        "axis": AXES,
        "verdict": VERDICTS,
    }[entry["each"]]
    rest = {key: value for key, value in entry.items() if key != "each"}
    for name, meaning in meanings.items():
        yield Column.model_validate({**rest, "name": name, "meaning": meaning})
