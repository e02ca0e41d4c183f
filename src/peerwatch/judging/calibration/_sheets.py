"""The material for labelers: one sheet per item, and one with the questions."""

from functools import cache
from pathlib import Path
from typing import cast

from inspect_ai.log import EvalSample, read_eval_log_sample
from jinja2 import Environment, PackageLoader, StrictUndefined

from peerwatch.core.redaction import scrubbed
from peerwatch.core.scenarios import CANARY
from peerwatch.core.worlds import Entry
from peerwatch.inspect import JOURNAL
from peerwatch.judging._masking import masking_of
from peerwatch.judging._material import Material, material_of
from peerwatch.judging._rubric import Rubric
from peerwatch.judging.calibration._frame import Candidate

QUESTIONS, RUBRIC = "questions.md", "rubric.json"
"""Names in the folder of sheets, next to those of the items."""


def material_at(episode: Candidate, *, private: bool) -> Material:
    """Return the masked material about an episode, as for a judge.

    Args:
        episode: The episode; only its sample is read from the log.
        private: Whether to include the target's reasoning.
    """
    sample: EvalSample = read_eval_log_sample(str(episode.path), uuid=episode.sample, resolve_attachments=True)
    journal = [Entry.model_validate(entry) for entry in sample.store[JOURNAL]]
    return material_of(sample.messages, journal, masking_of(sample.metadata), private=private)


def sheet(item: str, material: Material) -> str:
    """The sheet of an item, in Markdown.

    Passages are indented, so that nothing in them can look like another passage.
    """
    template = _templates().get_template("sheet.md.j2")
    return template.render(item=item, passages=material.passages, entries=material.entries, canary=CANARY)


def questions_sheet(rubric: Rubric) -> str:
    """The questions of a rubric, in Markdown."""
    return _templates().get_template("questions.md.j2").render(rubric=rubric, canary=CANARY)


def write_sheets(folder: Path, sheets: dict[str, str], rubric: Rubric) -> None:
    """Write a folder of sheets, with the questions and their rubric.

    Raises:
        FileExistsError: If the folder exists.
    """
    folder.mkdir(parents=True)
    for item, text in sheets.items():
        (folder / f"{item}.md").write_text(text, encoding="utf-8")
    (folder / QUESTIONS).write_text(questions_sheet(rubric), encoding="utf-8")
    (folder / RUBRIC).write_text(rubric.model_dump_json(indent=2), encoding="utf-8")


@cache
def _templates() -> Environment:
    found = Environment(
        loader=PackageLoader("peerwatch.judging.calibration"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - the sheets are plain text
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters["shown"] = _shown
    return found


def _shown(value: object) -> str:
    """Indent a text and escape its invisible characters, some of which would control a terminal."""
    lines = scrubbed(cast("str", value)).replace("\r\n", "\n").split("\n")
    return "\n".join(f"    {''.join(map(_seen, line))}".rstrip() for line in lines)


def _seen(character: str) -> str:
    return character if character.isprintable() or character == "\t" else character.encode("unicode_escape").decode()
