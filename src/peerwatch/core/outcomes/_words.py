"""Judges' answers about an episode's words: answers to a rubric's questions, each supported by quotes."""

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

Said = Literal["yes", "no", "cannot_tell"]
"""The possible answers of a judge."""


class Quote(BaseModel):
    """A quote from the transcript that supports an answer; `passage` is the number of its passage."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    passage: int
    text: str


class Answer(BaseModel):
    """One judge's answer to one question of a rubric.

    `said` is `None` if the instrument gave no answer; `reason` then explains why, and otherwise contains the judge's
    reasoning. `entries` are journal indices.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str
    judge: str
    said: Said | None
    quotes: tuple[Quote, ...] = ()
    entries: tuple[int, ...] = ()
    reason: str = ""

    @property
    def value(self) -> bool | None:
        """Yes or no; `None` if the judge could not tell or gave no answer."""
        return {"yes": True, "no": False}.get(self.said or "")


class Words(BaseModel):
    """All answers about one episode by one rubric; `rubric` is its name with version and hash."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rubric: str
    answers: tuple[Answer, ...]

    def of(self, question: str) -> tuple[Answer, ...]:
        """Every judge's answer to a question."""
        return tuple(answer for answer in self.answers if answer.question == question)

    def value(self, question: str) -> bool | None:
        """The majority among judges with a yes or no; `None` if there are none, or in a tie."""
        return majority(answer.value for answer in self.of(question))

    def disputed(self, question: str) -> bool:
        """Whether two judges contradict each other."""
        return {answer.value for answer in self.of(question)} >= {True, False}


def majority(values: Iterable[bool | None]) -> bool | None:
    """The more frequent of yes and no; `None` if neither occurs, or in a tie."""
    counts = Counter(value for value in values if value is not None)
    return None if counts[True] == counts[False] else counts[True] > counts[False]
