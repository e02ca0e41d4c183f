"""A table as plain values, from which frames and files of any kind are made."""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from pydantic import JsonValue

from peerwatch.analysis.frames._columns import Layout, layouts

Row = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Table:
    """Values by column, all of one length; `None` is not measured, or not there."""

    name: str
    values: dict[str, list[JsonValue]]

    @property
    def layout(self) -> Layout:
        """What its columns mean."""
        return layouts()[self.name]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(next(iter(self.values.values())))

    def changed(self, change: Callable[[str], str]) -> "Table":
        """The same with every text changed, those in lists and records too."""
        return replace(
            self, values={name: [changed(value, change) for value in held] for name, held in self.values.items()}
        )


def table(name: str, rows: Iterable[Row]) -> Table:
    """Sort rows into columns: what a row lacks is null, and so is nan; broken characters are spelt out.

    Raises:
        KeyError: If a row has what no column is for.
    """
    values: dict[str, list[JsonValue]] = {column.name: [] for column in layouts()[name].columns}
    for row in rows:
        for column in row.keys() - values.keys():
            raise KeyError(f"{name} has no column {column}")
        for column, held in values.items():
            held.append(changed(row.get(column), whole_characters))
    return Table(name, values)


def whole_characters(text: str) -> str:
    """A text that can be written as UTF-8: halves of a pair, which cannot, are spelt out by their number."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def json_text(value: JsonValue) -> str:
    """A list or record as one line of JSON."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def changed(value: JsonValue, change: Callable[[str], str]) -> JsonValue:
    """A value with every text in it changed, names included; a number that JSON has not is null."""
    match value:
        case str():
            return change(value)
        case float() if not math.isfinite(value):
            return None
        case list():
            return [changed(each, change) for each in value]
        case dict():
            return {change(key): changed(each, change) for key, each in value.items()}
        case _:
            return value
