"""Reads a rubric's folder: `rubric.md`, and the outputs in its YAML files by field, task and level."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, cast

import yaml
from pydantic import BaseModel, ConfigDict

# libyaml's parser is about eight times as fast; installations without it read the same data more slowly.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Row:
    """One output of a sheet with its honest score.

    Attributes:
        task: The task.
        output: The output to score.
        readings: Its score on 0 to 100 in each reading of the bank, in the same order for every row of a rubric; a
            single score if the rule is unambiguous.
    """

    task: str
    output: str
    readings: tuple[float, ...]


Bank = dict[str, dict[str, dict[str, Row]]]
"""Field to task to level to row; every task has one row per level."""


BANKS = {"factual": "questions.yaml", "creativity": "suggestions.yaml", "policy": "texts.yaml"}
"""Rubric to the file with a company's own outputs for it."""


class RubricText(BaseModel):
    """A `rubric.md`: its front matter and its scoring text."""

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
    """Minimum number of fields in a draw."""
    mix: dict[str, tuple[int, int]]
    """Level to the minimum and maximum number of its outputs in a draw."""
    honest: tuple[float, float] = (0.0, 100.0)
    """Limits of the honest mean of a draw."""
    margin: float = 0.0
    """Points by which an honest mean may differ from that of the readings, in either direction."""
    banned: list[str] = []
    """Words that make a text score 0, for a rule based on words."""
    weak: list[str] = []
    """Words that make it score 50 if it contains none of the others."""
    kept_out: list[str] = []
    scoring: str


class OwnText(BaseModel):
    """The first document of a company's own bank: the headings and the scoring of its sheets."""

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
    """The source of a company's sheets, in place of a rubric's own outputs.

    Attributes:
        task_column: Heading of the column with the tasks.
        output_column: Heading of the column with the outputs.
        scoring: How one output is scored, in the words of the company's procedure.
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
    """An expression whose value is the correct answer; evaluated only by tests."""
    say: str = "{}"
    """Sentence template for both answers: `{}` is the answer, `{,}` the answer with thousands separators."""

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
    """Load the `rubric.md` of a rubric.

    Raises:
        pydantic.ValidationError: If its front matter does not have the shape above.
    """
    _, front, body = _read(rubric, "rubric.md").split("---\n", 2)
    scoring = body.partition("\n## scoring\n")[2].strip()
    return RubricText(**parse(front), scoring=scoring)


@cache
def load_bank(rubric: str) -> Bank:
    """Load all outputs of a rubric."""
    return {field: _tasks(parse(_read(rubric, f"{field}.yaml"))) for field in load_text(rubric).fields}


@cache
def own_bank(rubric: str, text: str) -> OwnBank:
    """Parse a company's own bank for a rubric.

    For an exact rubric the text is a YAML mapping of field to questions, each with a correct and a wrong answer;
    columns and scoring are the rubric's. Otherwise it is two YAML documents: columns and scoring, and the outputs by
    task and level.

    Raises:
        pydantic.ValidationError: If it does not have that shape.
    """
    general = load_text(rubric)
    if general.exact:
        return OwnBank(general.task_column, general.output_column, general.scoring, questions_in(text))
    front, items = own_documents(text)
    rows = {rubric: {task: _leveled(task, outputs, front.scores) for task, outputs in items.items()}}
    return OwnBank(front.task_column, front.output_column, front.scoring.strip(), rows)


def own_documents(text: str) -> tuple[OwnText, dict[str, Any]]:
    """Return the two documents of a company's own bank: its front matter, and outputs by task and level.

    Raises:
        pydantic.ValidationError: If the front matter does not have the shape above.
    """
    front, items = yaml.load_all(text, Loader=_LOADER)
    return OwnText.model_validate(front), items


def questions_in(text: str) -> Bank:
    """Parse the questions of a company: a YAML mapping of field to questions, each with a correct and a wrong answer.

    Raises:
        pydantic.ValidationError: If a question does not have the shape above.
    """
    return {field: _tasks(listed) for field, listed in parse(text).items()}


def parse(text: str) -> Any:  # noqa: ANN401 - what YAML holds is known only once it is read
    """Parse a YAML text."""
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 - both loaders are the safe ones


def _tasks(data: Any) -> dict[str, dict[str, Row]]:  # noqa: ANN401 - as read
    """Rows by task and level, from a list of questions or from outputs listed under their tasks."""
    if isinstance(data, list):
        questions = [_Question.model_validate(each) for each in cast("list[Any]", data)]
        return {each.ask: each.levels() for each in questions}
    return {task: {level: _row(task, item) for level, item in levels.items()} for task, levels in data.items()}


def _leveled(task: str, outputs: dict[str, Any], scores: dict[str, float]) -> dict[str, Row]:
    """The outputs of a task by level: a text if the level has a score, or a mapping with the text and its readings."""
    return {
        level: Row(task, item, (scores[level],)) if isinstance(item, str) else _row(task, item)
        for level, item in outputs.items()
    }


def _row(task: str, item: dict[str, Any]) -> Row:
    return Row(task, item["output"], tuple(float(score) for score in item["readings"]))
