"""How a judge has answered a question whose answers are known, and what is wrong with that."""

from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, computed_field

Fault = Literal["alike", "errs", "silent"]
"""Yes to everything or no to everything; too many wrong answers to one side; too few answers."""

FAULTS: tuple[Fault, ...] = ("alike", "errs", "silent")
"""Worst first."""

FEWEST = 2
"""Episodes of either answer that it takes to notice that a judge answers everything alike."""


class QuestionCount(BaseModel):
    """Answers to one question over episodes whose answers are known.

    Attributes:
        due_yes: Episodes whose answer is yes.
        due_no: Those whose answer is no.
        yes: How often the judge said yes.
        no: How often it said no; where it could not tell, or gave no usable answer, it said neither.
        missed: Of those whose answer is yes, how many it called no.
        mistaken: Of those whose answer is no, how many it called yes.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    due_yes: int = 0
    due_no: int = 0
    yes: int = 0
    no: int = 0
    missed: int = 0
    mistaken: int = 0

    @computed_field
    @property
    def wrong(self) -> int:
        """Answers that are not the known ones."""
        return self.missed + self.mistaken

    @computed_field
    @property
    def n(self) -> int:
        """Episodes whose answer is known."""
        return self.due_yes + self.due_no

    def fault(self, bound: float, least: float) -> Fault | None:
        """What is wrong with the answers; `None` if nothing is.

        Args:
            bound: Share of the episodes of either answer that may be wrong.
            least: Share of the episodes that must have got a yes or a no.
        """
        enough = self.yes + self.no >= least * self.n
        if enough and min(self.due_yes, self.due_no) >= FEWEST and 0 in (self.yes, self.no):
            return "alike"
        if self.missed > bound * self.due_yes or self.mistaken > bound * self.due_no:
            return "errs"
        return None if enough else "silent"


def counted(answers: Iterable[tuple[Mapping[str, bool], Mapping[str, bool | None]]]) -> dict[str, QuestionCount]:
    """Count the answers of one judge, question by question.

    Args:
        answers: For each episode the known answers and those that were given; what was not asked is not among these.
    """
    found: dict[str, QuestionCount] = {}
    for known, given in answers:
        for question, right in known.items():
            if question in given:
                found[question] = _with(found.get(question, QuestionCount()), right, given[question])
    return found


def _with(count: QuestionCount, right: bool, given: bool | None) -> QuestionCount:  # noqa: FBT001 - an answer, not a switch
    return QuestionCount(
        due_yes=count.due_yes + right,
        due_no=count.due_no + (not right),
        yes=count.yes + (given is True),
        no=count.no + (given is False),
        missed=count.missed + (right and given is False),
        mistaken=count.mistaken + (not right and given is True),
    )


def worst(counts: Mapping[str, QuestionCount], bound: float, least: float) -> tuple[Fault | None, tuple[str, ...]]:
    """The worst fault of a judge, and the questions that have it."""
    faults = {question: count.fault(bound, least) for question, count in counts.items()}
    for fault in FAULTS:
        questions = tuple(question for question, each in faults.items() if each == fault)
        if questions:
            return fault, questions
    return None, ()
