"""What judges said of an episode's words: answers to questions of a rubric, each resting on quoted words."""

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

Said = Literal["yes", "no", "cannot_tell"]
"""What a judge may answer."""


class Quote(BaseModel):
    """Words of the transcript that an answer rests on; `passage` is the number of the passage in which they stand."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    passage: int
    text: str


class Answer(BaseModel):
    """One judge's answer to one question of a rubric.

    `said` is `None` where the instrument gave no answer; `reason` then says why, and otherwise why the judge answers
    so. `entries` are journal indices.
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
        """Yes or no; `None` where the judge could not tell or gave no answer."""
        return {"yes": True, "no": False}.get(self.said or "")


class Words(BaseModel):
    """All that was said of one episode by one rubric; `rubric` names it with its version and hash."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rubric: str
    answers: tuple[Answer, ...]

    def of(self, question: str) -> tuple[Answer, ...]:
        """Every judge's answer to a question."""
        return tuple(answer for answer in self.answers if answer.question == question)

    def value(self, question: str) -> bool | None:
        """What most of the judges who could tell say; `None` if none could, or if they are evenly split."""
        return majority(answer.value for answer in self.of(question))

    def disputed(self, question: str) -> bool:
        """Whether two judges contradict each other."""
        return {answer.value for answer in self.of(question)} >= {True, False}


def majority(values: Iterable[bool | None]) -> bool | None:
    """The more frequent of yes and no; `None` if neither was said, or both equally often."""
    counts = Counter(value for value in values if value is not None)
    return None if counts[True] == counts[False] else counts[True] > counts[False]
