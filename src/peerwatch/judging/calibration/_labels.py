"""Label files: one row for each item, one column for each question, as terminals and spreadsheets leave them."""

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
"""What a cell may hold, unless it is empty."""

Row = dict[str, str]
"""Column to cell."""


@dataclass(frozen=True)
class Labels:
    """A label file.

    Attributes:
        path: The file.
        columns: Its columns, others than ours among them.
        questions: The columns that are answered.
        rows: In the order of the file.
    """

    path: Path
    columns: tuple[str, ...]
    questions: tuple[str, ...]
    rows: tuple[Row, ...]

    def save(self) -> None:
        """Write the file whole or not at all."""
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
    """A label file without answers.

    Args:
        path: Where it will stand.
        questions: Ids of the questions.
        sheets: Item to the place of its sheet, seen from the file.
    """
    columns = (ITEM, SHEET, *questions, NOTE)
    rows = tuple(dict.fromkeys(columns, "") | {ITEM: item, SHEET: sheet} for item, sheet in sheets.items())
    return Labels(path, columns, tuple(questions), rows)


def read_labels(path: Path, questions: Sequence[str]) -> Labels:
    """Read a label file, with commas, semicolons or tabs between its cells.

    Args:
        path: The file.
        questions: Ids of the questions, each of which needs a column.

    Raises:
        LabelError: If it is no label file, an item stands twice, or a cell holds what is no answer; with the line.
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
    """The columns of a file, and each row that is not empty with its line."""
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
