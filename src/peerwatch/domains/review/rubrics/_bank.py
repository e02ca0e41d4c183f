"""Reading a rubric's folder: `rubric.md`, and the outputs in its YAML files by field, task and level."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, cast

import yaml
from pydantic import BaseModel, ConfigDict

# The parser of libyaml is about eight times as fast; an installation without it still reads the same data.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Row:
    """One output of a sheet with the honest score that it deserves.

    Attributes:
        task: What was asked for.
        output: What was produced.
        readings: Its score on 0 to 100 in each reading of the bank, in the same order for every row of a rubric; a
            single one where the rule leaves no choice.
    """

    task: str
    output: str
    readings: tuple[float, ...]


Bank = dict[str, dict[str, dict[str, Row]]]
"""Field to task to level to row; every task has a row of each level."""


BANKS = {"factual": "questions.yaml", "creativity": "suggestions.yaml", "policy": "texts.yaml"}
"""Rubric to the file of a company that has its own outputs for it."""


class RubricText(BaseModel):
    """A `rubric.md` as read: its front matter and its scoring text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    canary: str
    notice: str
    licence: str
    version: int
    exact: bool
    task_column: str
    output_column: str
    fields: list[str]
    least_fields: int
    """How many of the fields a draw uses at least."""
    mix: dict[str, tuple[int, int]]
    """Level to the smallest and the largest number of its outputs in a draw."""
    honest: tuple[float, float] = (0.0, 100.0)
    """Within which limits the honest mean of a draw lies."""
    margin: float = 0.0
    """Points by which an honest mean may differ from that of the readings, in either direction."""
    banned: list[str] = []
    """Words that make a text score 0; of a rule that goes by words."""
    weak: list[str] = []
    """Words that make it score 50 if it has none of the others."""
    kept_out: list[str] = []
    scoring: str


class OwnText(BaseModel):
    """The first document of a company's own bank as read: how its sheets are headed, and how they are scored there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str
    canary: str
    task_column: str
    output_column: str
    scores: dict[str, float] = {}
    """Level to its score, in a bank whose outputs have no readings because a rule decides."""
    banned: list[str] = []
    weak: list[str] = []
    scoring: str


@dataclass(frozen=True)
class OwnBank:
    """What a company's sheets are drawn from in the place of a rubric's own outputs.

    Attributes:
        task_column: Heading of the column with the tasks.
        output_column: Heading of the column with the outputs.
        scoring: How one output is scored, as the company's procedure says it.
        rows: The outputs, in the same levels as the rubric's own.
    """

    task_column: str
    output_column: str
    scoring: str
    rows: Bank


class _Question(BaseModel):
    id: str
    ask: str
    right: str | int | float
    wrong: str | int | float
    compute: str
    """An expression whose value is the right answer; only tests evaluate it."""
    say: str = "{}"
    """The sentence around either answer, which stands for `{}`, or for `{,}` with its thousands apart."""

    def levels(self) -> dict[str, Row]:
        return {
            "right": Row(self.ask, self._said(self.right), (100.0,)),
            "wrong": Row(self.ask, self._said(self.wrong), (0.0,)),
        }

    def _said(self, answer: str | float) -> str:
        whole, point, rest = str(answer).partition(".")
        apart = f"{int(whole):,}{point}{rest}" if "{,}" in self.say else ""
        return self.say.replace("{,}", apart).replace("{}", str(answer))


def _read(rubric: str, file: str) -> str:
    return files("peerwatch.domains.review.rubrics").joinpath(rubric, file).read_text(encoding="utf-8")


@cache
def load_text(rubric: str) -> RubricText:
    """The `rubric.md` of a rubric.

    Raises:
        pydantic.ValidationError: If its front matter is not of the shape above.
    """
    _, front, body = _read(rubric, "rubric.md").split("---\n", 2)
    scoring = body.partition("\n## scoring\n")[2].strip()
    return RubricText(**parse(front), scoring=scoring)


@cache
def load_bank(rubric: str) -> Bank:
    """All outputs of a rubric."""
    return {field: _tasks(parse(_read(rubric, f"{field}.yaml"))) for field in load_text(rubric).fields}


@cache
def own_bank(rubric: str, text: str) -> OwnBank:
    """A company's own bank for a rubric.

    For an exact rubric the text is a YAML mapping of field to questions, each with its right and a wrong answer; the
    columns and the scoring are the rubric's. Otherwise it is two YAML documents: columns and scoring, and the outputs
    by task and level.

    Raises:
        pydantic.ValidationError: If it is not of that shape.
    """
    general = load_text(rubric)
    if general.exact:
        return OwnBank(general.task_column, general.output_column, general.scoring, questions_in(text))
    front, items = own_documents(text)
    rows = {rubric: {task: _leveled(task, outputs, front.scores) for task, outputs in items.items()}}
    return OwnBank(front.task_column, front.output_column, front.scoring.strip(), rows)


def own_documents(text: str) -> tuple[OwnText, dict[str, Any]]:
    """The two documents of a company's own bank: its front matter, and outputs by task and level.

    Raises:
        pydantic.ValidationError: If the front matter is not of the shape above.
    """
    front, items = yaml.load_all(text, Loader=_LOADER)
    return OwnText.model_validate(front), items


def questions_in(text: str) -> Bank:
    """The questions of a company: a YAML mapping of field to questions, each with its right and a wrong answer.

    Raises:
        pydantic.ValidationError: If a question is not of the shape above.
    """
    return {field: _tasks(listed) for field, listed in parse(text).items()}


def parse(text: str) -> Any:  # noqa: ANN401 - what YAML holds is known only once it is read
    """The data in a YAML text."""
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 - both loaders are the safe ones


def _tasks(data: Any) -> dict[str, dict[str, Row]]:  # noqa: ANN401 - as read
    """Rows by task and level: of a list of questions, or of outputs listed under their tasks."""
    if isinstance(data, list):
        questions = [_Question.model_validate(each) for each in cast("list[Any]", data)]
        return {each.ask: each.levels() for each in questions}
    return {task: {level: _row(task, item) for level, item in levels.items()} for task, levels in data.items()}


def _leveled(task: str, outputs: dict[str, Any], scores: dict[str, float]) -> dict[str, Row]:
    """The outputs of a task by level: a text whose level has a score, or a mapping with the text and its readings."""
    return {
        level: Row(task, item, (scores[level],)) if isinstance(item, str) else _row(task, item)
        for level, item in outputs.items()
    }


def _row(task: str, item: dict[str, Any]) -> Row:
    return Row(task, item["output"], tuple(float(score) for score in item["readings"]))
