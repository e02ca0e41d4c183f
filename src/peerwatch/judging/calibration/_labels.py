"""Label files: one row per item, one column per question, as written by terminals and spreadsheets."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from peerwatch.core.outcomes import Said
from peerwatch.core.writing import write_whole
from peerwatch.judging.calibration._error import LabelError

ITEM, SHEET, NOTE = "item", "sheet", "note"

SAID: tuple[Said, ...] = get_args(Said)
"""Legal values of a nonempty cell."""

Row = dict[str, str]
"""Column to cell."""


@dataclass(frozen=True)
class Labels:
    """A label file.

    Attributes:
        path: The file.
        columns: Its columns, including foreign ones.
        questions: The columns with answers.
        rows: Rows in the order of the file.
    """

    path: Path
    columns: tuple[str, ...]
    questions: tuple[str, ...]
    rows: tuple[Row, ...]

    def save(self) -> None:
        """Write the file atomically."""
        text = io.StringIO()
        writer = csv.DictWriter(text, self.columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        write_whole(self.path, text.getvalue())

    def blank(self, path: Path) -> "Labels":
        """The same items in another file, without answers and notes."""
        kept = {column for column in self.columns if column not in (*self.questions, NOTE)}
        rows = tuple({name: cell if name in kept else "" for name, cell in row.items()} for row in self.rows)
        return Labels(path, self.columns, self.questions, rows)


def new_labels(path: Path, questions: Sequence[str], sheets: dict[str, str]) -> Labels:
    """Return a label file without answers.

    Args:
        path: Its path.
        questions: Ids of the questions.
        sheets: Item to the path of its sheet, relative to the file.
    """
    columns = (ITEM, SHEET, *questions, NOTE)
    rows = tuple(dict.fromkeys(columns, "") | {ITEM: item, SHEET: sheet} for item, sheet in sheets.items())
    return Labels(path, columns, tuple(questions), rows)


def read_labels(path: Path, questions: Sequence[str]) -> Labels:
    """Read a label file with cells separated by commas, semicolons or tabs.

    Args:
        path: The file.
        questions: Ids of the questions, each of which needs a column.

    Raises:
        LabelError: If it is not a label file, an item occurs twice, or a cell is not a legal answer; with the line.
    """
    columns, lines = _cells(path)
    missing = [name for name in (ITEM, *questions) if name not in columns]
    if missing:
        raise LabelError(
            f"{path} is not a label file of this set: it has no column {missing[0]!r}. It needs the columns "
            f"{', '.join((ITEM, *questions))}, as `peerwatch judge sample` writes them."
        )
    rows: list[Row] = []
    first: dict[str, int] = {}
    for line, row in lines:
        item = row[ITEM] = row[ITEM].strip()
        if not item:
            raise LabelError(f"{path}, line {line}: the column {ITEM!r} is empty. Give the item's id, or drop the row.")
        if item in first:
            raise LabelError(f"{path}, line {line}: item {item} has a row in line {first[item]} already. Keep one.")
        first[item] = line
        rows.append(row | {name: _answer(row[name], name, path, line) for name in questions})
    return Labels(path, columns, tuple(questions), tuple(rows))


def _cells(path: Path) -> tuple[tuple[str, ...], Iterator[tuple[int, Row]]]:
    """The columns of a file, and each nonempty row with its line number."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # spreadsheets put a mark before the first column
    except FileNotFoundError as error:
        raise LabelError(f"{path} does not exist. Give a label file, as `peerwatch judge sample` writes it.") from error
    except (UnicodeDecodeError, IsADirectoryError) as error:
        raise LabelError(f"{path} is not a label file: it is not UTF-8 text. Save it as CSV in UTF-8.") from error
    header = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=header.count))
    columns = tuple(cell.strip() for cell in next(reader, list[str]()))

    def rows() -> Iterator[tuple[int, Row]]:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                filled = [*cells, *[""] * (len(columns) - len(cells))]
                yield reader.line_num, dict(zip(columns, filled, strict=False))

    return columns, rows()


def _answer(cell: str, question: str, path: Path, line: int) -> str:
    said = cell.strip().lower().replace(" ", "_")
    if said and said not in SAID:
        raise LabelError(
            f"{path}, line {line}: {cell.strip()!r} is not an answer to {question}. "
            f"Write {', '.join(SAID)}, or nothing."
        )
    return said
