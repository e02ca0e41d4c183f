"""Write tables as Parquet and CSV."""

import csv
import io
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from peerwatch.analysis.frames import Kind, Table, json_text
from peerwatch.core.plain_text import shown
from peerwatch.core.scenarios import CANARY
from peerwatch.reports._data_frames import plain
from peerwatch.reports.exports._choice import arrow

FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
"""Characters (ASCII and full-width) that make spreadsheets evaluate a cell as a formula, even after leading spaces."""


def to_parquet(table: Table, file: Path) -> None:
    """Write a table as Parquet, with canary and column descriptions in its metadata. Records become JSON strings."""
    pyarrow, parquet = arrow(), arrow("pyarrow.parquet")
    types = _types(pyarrow)
    columns = table.layout.columns
    schema = pyarrow.schema(
        [pyarrow.field(each.name, types[each.type], metadata={"meaning": each.meaning}) for each in columns],
        metadata={"canary": CANARY},
    )
    arrays = [pyarrow.array(plain(table.values[each.name], each.type), type=types[each.type]) for each in columns]
    parquet.write_table(pyarrow.Table.from_arrays(arrays, schema=schema), file)


def to_csv(table: Table, file: Path) -> None:
    """Write a table as UTF-8 CSV: null is an empty cell, lists and records are JSON, and no cell is a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)  # lines end with CR LF, so texts with either character are quoted
    names = [column.name for column in table.layout.columns]
    writer.writerow(names)
    for number in range(table.rows):
        writer.writerow([_cell(table.values[name][number]) for name in names])
    file.write_text(out.getvalue(), encoding="utf-8", newline="")


def _types(pyarrow: Any) -> dict[Kind, Any]:  # noqa: ANN401 - the module
    return {
        "text": pyarrow.string(),
        "flag": pyarrow.bool_(),
        "whole": pyarrow.int64(),
        "number": pyarrow.float64(),
        "texts": pyarrow.list_(pyarrow.string()),
        "wholes": pyarrow.list_(pyarrow.int64()),
        "record": pyarrow.string(),
    }


def _cell(value: JsonValue) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case list() | dict():
            return json_text(value)
        case str():
            return harmless(value)
        case _:
            return repr(value)


def harmless(text: str) -> str:
    """Return a text as a cell that no spreadsheet evaluates, with control and invisible characters as escapes."""
    visible = shown(text)
    return f"'{visible}" if visible.lstrip()[:1] in FORMULA else visible
