"""A judge, as far as it is known how well it judges, as episodes and reports carry it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from peerwatch.records._judge_counts import QuestionCount

Mark = Literal["", "alike", "errs", "silent", "audited", "unaudited"]
"""What a number or verdict must bear that rests on a judge; empty for a judge that is validated."""

WEIGHT: dict[Mark, int] = {"": 0, "audited": 1, "unaudited": 2, "silent": 3, "errs": 4, "alike": 5}
"""Mark to how much it takes away."""

DAGGER = "\N{DAGGER}"
"""Stands behind a verdict that rests on a judge which is not validated, here and in reports."""


class JudgeStanding(BaseModel):
    """A judge by a rubric, as far as it is known how well it judges.

    Attributes:
        judge: Name of its model.
        rubric: Name, version and hash of the rubric.
        validated: Whether it has passed `peerwatch validate --judge` with these settings, rubric and version.
        episodes: Episodes of the audit set that it has read in this run.
        audit: Question to how it was answered over these.
        mark: What rests on it must bear.
        questions: Those that it answers alike, wrongly, or too seldom.
        plain: Whether its name alone says which settings it has.
        shipped: Whether the rubric is one by which a judge can be validated.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    judge: str
    rubric: str
    validated: bool
    episodes: int
    audit: dict[str, QuestionCount]
    mark: Mark
    questions: tuple[str, ...] = ()
    plain: bool = True
    shipped: bool = True
