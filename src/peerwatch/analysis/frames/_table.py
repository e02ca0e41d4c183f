"""A table of plain values, the source of data frames and of exported files."""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from pydantic import JsonValue

from peerwatch.analysis.frames._columns import Layout, layouts

Row = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Table:
    """Values by column, all of equal length; `None` means not measured or absent."""

    name: str
    values: dict[str, list[JsonValue]]

    @property
    def layout(self) -> Layout:
        """The description of its columns."""
        return layouts()[self.name]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(next(iter(self.values.values())))

    def changed(self, change: Callable[[str], str]) -> "Table":
        """A copy with a function applied to every text, including those in lists and records."""
        return replace(
            self, values={name: [changed(value, change) for value in held] for name, held in self.values.items()}
        )


def table(name: str, rows: Iterable[Row]) -> Table:
    """Sort rows into columns: missing values and nan become null; lone surrogates are escaped.

    Raises:
        KeyError: If a row has a field without a column.
    """
    values: dict[str, list[JsonValue]] = {column.name: [] for column in layouts()[name].columns}
    for row in rows:
        for column in row.keys() - values.keys():
            raise KeyError(f"{name} has no column {column}")
        for column, held in values.items():
            held.append(changed(row.get(column), whole_characters))
    return Table(name, values)


def whole_characters(text: str) -> str:
    """Make a text encodable as UTF-8: lone surrogates are replaced by their escaped code point."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def json_text(value: JsonValue) -> str:
    """Encode a list or record as one line of JSON."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def changed(value: JsonValue, change: Callable[[str], str]) -> JsonValue:
    """Apply a function to every text in a value, including names; a number that JSON lacks becomes null."""
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
