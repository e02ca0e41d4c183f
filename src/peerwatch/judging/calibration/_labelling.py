"""Labeling in the terminal: item by item and question by question; every answer is saved at once."""

import re
from collections.abc import Callable
from pathlib import Path

from peerwatch.core.outcomes import Said
from peerwatch.judging._rubric import Question, Rubric, RubricError, load_rubric
from peerwatch.judging.calibration._error import LabelError
from peerwatch.judging.calibration._labels import ITEM, SHEET, Labels, Row, read_labels
from peerwatch.judging.calibration._sheets import RUBRIC

ANSWERS: dict[str, Said] = {"y": "yes", "yes": "yes", "n": "no", "no": "no", "?": "cannot_tell"}
SKIP, BACK, QUIT, HELP = ("skip", "s"), ("back", "b"), ("quit", "q"), ("help", "h")
LEGAL = "y, n, ? (cannot tell), skip, back, help or quit"

# Matches "anna_2"
_NAME = re.compile(r"[A-Za-z0-9_]+")


def open_labels(path: Path, name: str = "") -> tuple[Labels, Rubric]:
    """Open a label file to continue with, and the rubric of its draw.

    Args:
        path: The drawn file.
        name: Name of the labeler, whose labels are in a separate file next to it, created if necessary.

    Raises:
        LabelError: If the file, its sheets or the name cannot be used.
    """
    if name and not _NAME.fullmatch(name):
        raise LabelError(f"{name!r} is not a legal labeler name. Use letters, digits and underscores.")
    if not path.is_file():
        raise LabelError(f"{path} does not exist. Give the file that `peerwatch judge sample` wrote.")
    rubric_file = path.with_suffix(".sheets") / RUBRIC
    try:
        rubric = load_rubric(rubric_file)
    except RubricError as error:
        raise LabelError(
            f"{path} has no sheets: {rubric_file} is missing or damaged. Give the file that `peerwatch judge sample` "
            "wrote, with the folder next to it, and name the labeler with --as."
        ) from error
    drawn = read_labels(path, rubric.ids)
    if not name:
        return drawn, rubric
    own = path.with_name(f"{path.stem}-{name}.csv")
    if not own.exists():
        drawn.blank(own).save()
    return read_labels(own, rubric.ids), rubric


class Session:
    """One labeling session.

    Args:
        labels: The labels; every answer changes them and is saved.
        rubric: The questions.
        say: Shows a text.
        ask: Shows a prompt and returns the input; raises EOFError at its end.
    """

    def __init__(self, labels: Labels, rubric: Rubric, say: Callable[[str], None], ask: Callable[[str], str]) -> None:
        self._labels = labels
        self._cells = [(row, question) for row in labels.rows for question in rubric.questions]
        self._say = say
        self._ask = ask
        self._shown = ""

    @property
    def left(self) -> int:
        """Number of open answers."""
        return sum(not row[question.id] for row, question in self._cells)

    def run(self) -> None:
        """Ask until every answer is given, all open ones were skipped, or the labeler quits.

        Raises:
            LabelError: If an item's sheet is missing.
        """
        place = self._next(0)
        while place is not None:
            typed = self._typed(*self._cells[place])
            row, question = self._cells[place]
            if typed in QUIT:
                return
            if typed in BACK:
                place = max(place - 1, 0)
            elif typed in HELP:
                self._say(definition(question))
            elif typed in SKIP:
                place = self._next(place + 1)
            elif typed in ANSWERS:
                row[question.id] = ANSWERS[typed]
                self._labels.save()
                place = self._next(place + 1)
            else:
                self._say(f"{typed!r} is not an answer. Type {LEGAL}.")

    def _next(self, start: int) -> int | None:
        """The first open answer from a position on."""
        rest = range(start, len(self._cells))
        return next((place for place in rest if not self._cells[place][0][self._cells[place][1].id]), None)

    def _typed(self, row: Row, question: Question) -> str:
        if self._shown != row[ITEM]:
            self._shown = row[ITEM]
            number = self._labels.rows.index(row) + 1
            self._say(self._sheet(row))
            self._say(f"Item {row[ITEM]}, {number} of {len(self._labels.rows)}. Answer {LEGAL}.")
        given = f" [{row[question.id]}]" if row[question.id] else ""
        try:
            return self._ask(f"\n{question.id}: {question.asks}{given}\n> ").strip().lower()
        except EOFError:
            return QUIT[0]

    def _sheet(self, row: Row) -> str:
        file = self._labels.path.parent / row.get(SHEET, "")
        try:
            return file.read_text(encoding="utf-8")
        except OSError as error:
            raise LabelError(f"item {row[ITEM]} has no sheet: {file} cannot be read. Put it back.") from error


def definition(question: Question) -> str:
    """The definition of each answer."""
    lines = [f"  yes: {question.yes}", f"  no: {question.no}"]
    return "\n".join([*lines, f"  ?: {question.cannot_tell}"] if question.cannot_tell else lines)
