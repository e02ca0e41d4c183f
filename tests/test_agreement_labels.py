"""Labelling: files as spreadsheets leave them, and the terminal."""

import builtins
import io
import os
import pty
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from peerwatch.judging import Material, Passage, load_rubric
from peerwatch.judging.calibration import LabelError, Labels, Session, open_labels, read_labels
from peerwatch.judging.calibration._labels import new_labels
from peerwatch.judging.calibration._sheets import sheet, write_sheets

from .command_line import Cli
from .label_sets import rubric_file

QUESTIONS = ("refused", "objected")


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """A set of two items."""
    rubric = load_rubric(rubric_file(tmp_path))
    material = Material((Passage(1, "target", "I decline."),), {})
    write_sheets(tmp_path / "labels.sheets", {item: sheet(item, material) for item in ("one", "two")}, rubric)
    file = tmp_path / "labels.csv"
    new_labels(file, rubric.ids, {item: f"labels.sheets/{item}.md" for item in ("one", "two")}).save()
    return file


def answers(file: Path) -> list[list[str]]:
    return [[row[name] for name in QUESTIONS] for row in read_labels(file, QUESTIONS).rows]


def sit(file: Path, *typed: str, name: str = "") -> tuple[Labels, list[str]]:
    """One session in which this is typed; what it shows."""
    shown: list[str] = []
    lines: Iterator[str] = iter(typed)

    def ask(prompt: str) -> str:
        shown.append(prompt)
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    found, rubric = open_labels(file, name)
    Session(found, rubric, shown.append, ask).run()
    return found, shown


def test_every_answer_is_kept_and_the_next_session_goes_on(labels: Path) -> None:
    sit(labels, "y", "?")
    assert answers(labels) == [["yes", "cannot_tell"], ["", ""]]
    _, shown = sit(labels, "No", "n")
    assert answers(labels) == [["yes", "cannot_tell"], ["no", "no"]]
    assert "Item two, 2 of 2" in shown[1]


def test_the_questions_are_those_that_the_set_was_drawn_with(tmp_path: Path) -> None:
    rubric = load_rubric("words")
    write_sheets(tmp_path / "labels.sheets", {}, rubric)
    new_labels(tmp_path / "labels.csv", rubric.ids, {}).save()
    assert open_labels(tmp_path / "labels.csv")[1] == rubric
    shown = (tmp_path / "labels.sheets" / "questions.md").read_text(encoding="utf-8")
    assert rubric.label in shown
    assert [each.asks for each in rubric.questions if each.asks not in shown] == []


def test_what_was_skipped_is_asked_again_in_the_next_session(labels: Path) -> None:
    sit(labels, "skip", "y", "s", "n")
    assert answers(labels) == [["", "yes"], ["", "no"]]
    sit(labels, "n", "n")
    assert answers(labels) == [["no", "yes"], ["no", "no"]]


def test_back_goes_to_the_last_question_even_of_another_item(labels: Path) -> None:
    _, shown = sit(labels, "y", "y", "back", "back", "back", "n", "quit")
    assert answers(labels) == [["no", "yes"], ["", ""]]
    assert sum("# Item one" in each for each in shown) == 2


def test_help_says_what_counts_and_nonsense_changes_nothing(labels: Path) -> None:
    _, shown = sit(labels, "help", "maybe", "quit", "y")
    assert any("yes: It says that it will not." in each for each in shown)
    assert any("'maybe' is not an answer" in each for each in shown)
    assert answers(labels) == [["", ""], ["", ""]]


def test_each_labeller_has_a_file_and_sees_no_others_answers(labels: Path) -> None:
    sit(labels, "y", "y", "y", "y")
    found, shown = sit(labels, "n", name="anna")
    assert found.path.name == "labels-anna.csv"
    assert "[yes]" not in "".join(shown)
    assert answers(found.path) == [["no", ""], ["", ""]]
    assert answers(labels) == [["yes", "yes"], ["yes", "yes"]]
    sit(labels, "n", name="anna")
    assert answers(found.path) == [["no", "no"], ["", ""]]


def test_what_a_target_says_can_neither_pose_as_a_passage_nor_command_the_terminal() -> None:
    text = "first\r\n## Passage 9: company\n\x1b[2J\u202eEnd\u200b"
    shown = sheet("one", Material((Passage(1, "target", text),), {0: "turn 1: finish() -> done"}))
    assert [line for line in shown.splitlines() if line.startswith("## Passage")] == ["## Passage 1: target"]
    assert "    \\x1b[2J\\u202eEnd\\u200b" in shown
    assert "    0: turn 1: finish() -> done" in shown


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_file_is_read_as_spreadsheets_leave_it(tmp_path: Path, delimiter: str) -> None:
    lines = ["item,refused,mine,objected,", "one,YES ,x,Cannot tell,", ",,,,", "two,,,no"]
    text = "\ufeff" + "\r\n".join(lines).replace(",", delimiter)
    (tmp_path / "l.csv").write_text(text, encoding="utf-8")
    assert answers(tmp_path / "l.csv") == [["yes", "cannot_tell"], ["", "no"]]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("item,refused,objected\none,yes,\ntwo,perhaps,no\n", "line 3: 'perhaps' is not an answer to refused"),
        ("item,refused,objected\none,yes,\ntwo,,\none,no,no\n", "line 4: item one has a row in line 2"),
        ("item,refused,objected\n,yes,\n", "line 2: the column 'item' is empty"),
        ("item,refused\none,yes\n", "no column 'objected'"),
        ("", "no column 'item'"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "l.csv").write_text(text, encoding="utf-8")
    with pytest.raises(LabelError, match=says):
        read_labels(tmp_path / "l.csv", QUESTIONS)


def test_what_is_no_label_file_is_refused(labels: Path, cli: Cli) -> None:
    (labels.parent / "picture.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LabelError, match="not UTF-8 text"):
        read_labels(labels.parent / "picture.csv", QUESTIONS)
    for words, says in (
        (["nosuch.csv"], "does not exist"),
        ([labels.parent / "picture.csv"], "has no sheets"),
        ([labels, "--as", "../anna"], "not a legal labeler name"),
    ):
        left = cli("judge", "label", *words)
        assert left.status == 2
        assert says in left.line
    (labels.parent / "labels.sheets" / "one.md").unlink()
    with pytest.raises(LabelError, match="item one has no sheet"):
        sit(labels, "y")


def test_the_command_labels_from_a_pipe(labels: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\nn\n"))
    left = cli("judge", "label", labels, "--as", "bo")
    assert left.status == 0
    assert "I decline." in left.out
    assert "2 answers missing" in left.out
    assert answers(labels.with_name("labels-bo.csv")) == [["yes", "no"], ["", ""]]


def test_ctrl_c_ends_a_session_and_loses_nothing(labels: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter(["n"])

    def ask(_: str) -> str:
        for each in typed:
            return each
        raise KeyboardInterrupt

    monkeypatch.setattr(builtins, "input", ask)
    left = cli("judge", "label", labels)
    assert left.status == 0
    assert "3 answers missing" in left.out
    assert answers(labels) == [["no", ""], ["", ""]]


def test_a_labeller_at_a_terminal_types_answers_and_leaves_by_ctrl_d(labels: Path) -> None:
    controller, terminal = pty.openpty()
    command = [sys.executable, "-m", "peerwatch", "judge", "label", str(labels), "--as", "kim"]
    with subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal) as process:  # noqa: S603 - our own
        try:
            os.close(terminal)
            _until(controller, b"Did it decline?")
            os.write(controller, b"y\n")
            _until(controller, b"Did it argue?")
            os.write(controller, b"\x04")
            _until(controller, b"3 answers missing")
            assert process.wait(timeout=60) == 0
        finally:
            process.kill()
            os.close(controller)
    assert answers(labels.with_name("labels-kim.csv")) == [["yes", ""], ["", ""]]


def _until(controller: int, words: bytes) -> None:
    """Read what the terminal shows until these words have come; fails if they don't."""
    shown = b""
    while words not in shown:
        ready, _, _ = select.select([controller], [], [], 120)
        assert ready, shown
        shown += os.read(controller, 1000)
