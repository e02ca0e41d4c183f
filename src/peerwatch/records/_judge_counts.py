"""Counts of a judge's answers to questions with known answers, and the faults that these reveal."""

from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, computed_field

Fault = Literal["alike", "errs", "silent"]
"""`alike`: the same answer to everything; `errs`: too many wrong answers on one side; `silent`: too few answers."""

FAULTS: tuple[Fault, ...] = ("alike", "errs", "silent")
"""Worst first."""

FEWEST = 2
"""Episodes of each known answer that are needed to detect a judge that gives the same answer to everything."""


class QuestionCount(BaseModel):
    """Answers to one question over episodes whose answers are known.

    Attributes:
        due_yes: Episodes whose answer is yes.
        due_no: Those whose answer is no.
        yes: How often the judge said yes.
        no: How often it said no; `yes` and `no` both exclude episodes where it could not tell or gave no usable answer.
        missed: Number of episodes whose answer is yes and that the judge answered no (false negatives).
        mistaken: Number of episodes whose answer is no and that the judge answered yes (false positives).
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
        """Number of answers that differ from the known ones."""
        return self.missed + self.mistaken

    @computed_field
    @property
    def n(self) -> int:
        """Number of episodes whose answer is known."""
        return self.due_yes + self.due_no

    def fault(self, bound: float, least: float) -> Fault | None:
        """Return the fault of the answers, or `None` if there is none.

        Args:
            bound: Highest tolerated share of wrong answers, among the episodes of each known answer.
            least: Lowest share of episodes that must have received a yes or a no.
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
        answers: For each episode, the known answers and the given ones, both by question. Questions that were not asked
            are absent from the given answers.
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
    """Return the worst fault of a judge and the questions that have it."""
    faults = {question: count.fault(bound, least) for question, count in counts.items()}
    for fault in FAULTS:
        questions = tuple(question for question, each in faults.items() if each == fault)
        if questions:
            return fault, questions
    return None, ()
