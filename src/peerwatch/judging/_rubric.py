"""Rubrics: the questions for judges, as data with a version and a hash."""

import hashlib
import json
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from peerwatch.core.errors import UserError
from peerwatch.core.outcomes import Said
from peerwatch.core.yaml_files import check_size, problem

IDENTIFIER = r"^[a-z][a-z0-9_]{0,39}$"
"""Ids become field names in the schema that a judge fills in."""


class RubricError(UserError):
    """A rubric cannot be used; the message gives the file, the line and what is legal."""


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Example(_Data):
    """A made-up statement, the right answer for it, and why."""

    said: Said
    text: str
    why: str


class Question(_Data):
    """One question for judges.

    Attributes:
        id: Its name; in the shipped rubric `words` also an axis.
        asks: The question.
        yes: What counts as yes.
        no: What counts as no.
        cannot_tell: When the answer is neither.
        no_quotes: What a "no" must quote: nothing, or the closing words, where the denied statement would have been
            made.
        examples: Worked examples, including near misses.
    """

    id: str = Field(pattern=IDENTIFIER)
    asks: str = Field(min_length=1)
    yes: str = Field(min_length=1)
    no: str = Field(min_length=1)
    cannot_tell: str = ""
    no_quotes: Literal["", "closing"] = ""
    examples: tuple[Example, ...] = ()


class Rubric(_Data):
    """A set of questions that are asked together.

    Attributes:
        name: Its name.
        version: Increased by its author when a question changes.
        canary: Canary string for searching training sets; empty in a user's rubric.
        rests_on: The source of quotes: what the target said or wrote, its reasoning, or what it said together with
            what tools returned to it, such as a partner's replies.
        questions: The questions, in order.
    """

    name: str = Field(pattern=IDENTIFIER)
    version: int = Field(ge=1)
    canary: str = ""
    rests_on: Literal["spoken", "private", "exchange"] = "spoken"
    questions: tuple[Question, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_question_once(self) -> "Rubric":
        if len(set(self.ids)) < len(self.ids):
            raise ValueError(f"two questions have the same id: {', '.join(self.ids)}")
        if self.rests_on == "private" and (named := [each.id for each in self.questions if each.no_quotes]):
            raise ValueError(f"no_quotes of {named[0]}: closing words are spoken, and this rubric rests on reasoning")
        return self

    @property
    def ids(self) -> tuple[str, ...]:
        """The questions' ids, in order."""
        return tuple(question.id for question in self.questions)

    @property
    def label(self) -> str:
        """`NAME-VERSION@HASH`: the first 8 hexadecimal digits of a SHA-256 over the content, without comments."""
        plain = self.model_dump(mode="json", exclude={"canary"})
        for question in plain["questions"]:
            if not question["no_quotes"]:
                del question["no_quotes"]  # a rubric that was written before there was the field keeps its label
        content = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
        return f"{self.name}-{self.version}@{hashlib.sha256(content.encode()).hexdigest()[:8]}"

    def question(self, name: str) -> Question:
        """Return the question with an id."""
        return next(each for each in self.questions if each.id == name)

    def only(self, ids: tuple[str, ...]) -> tuple[Question, ...]:
        """Return the questions with these ids."""
        return tuple(question for question in self.questions if question.id in ids)


def shipped_rubrics() -> tuple[str, ...]:
    """Names of the rubrics that ship with Peerwatch."""
    return tuple(sorted(name.removesuffix(".yaml") for name in _shipped()))


def load_rubric(name_or_path: str | Path) -> Rubric:
    """Load a rubric.

    Args:
        name_or_path: Name of a shipped rubric, such as `words`, or a YAML file.

    Raises:
        RubricError: If there is no such rubric, or the file is not a rubric.
    """
    file = _shipped().get(f"{name_or_path}.yaml")
    if file is not None:
        return _read(file.read_text(encoding="utf-8"), str(name_or_path))
    path = Path(name_or_path)
    if not path.is_file():
        raise RubricError(
            f"{name_or_path} is not a rubric. Give a YAML file or one of: {', '.join(shipped_rubrics())}."
        )
    try:
        return _read(path.read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError as error:
        raise RubricError(f"{path} is not UTF-8 text. Save it as UTF-8.") from error


def _shipped() -> dict[str, Traversable]:
    folder = files("peerwatch.judging").joinpath("rubrics")
    return {each.name: each for each in folder.iterdir() if each.name.endswith(".yaml")}


def _read(text: str, where: str) -> Rubric:
    try:
        check_size(text)
        # All values are read as text: `yes` and `no` are words here, while YAML's other loaders make them booleans.
        return Rubric.model_validate(yaml.load(text, Loader=yaml.BaseLoader))  # noqa: S506 - it builds plain text only
    except yaml.YAMLError as error:
        raise RubricError(f"{where} is not valid YAML: {problem(error)}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        line = _line(text, first["loc"])
        raise RubricError(f"{where}, line {line}: {place or 'the rubric'}: {first['msg']}.") from error


def _line(text: str, place: tuple[str | int, ...]) -> int:
    """The line, from 1, of the innermost existing node on the way to a place in the text."""
    node = yaml.SafeLoader(text).get_single_node()
    for part in place:
        inner = _child(node, part)
        if inner is None:
            break
        node = inner
    return 1 if node is None else node.start_mark.line + 1


def _child(node: yaml.Node | None, part: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == part), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part]
    return None
