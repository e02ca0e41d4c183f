"""The validation status of a judge, as stored with episodes and reports."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from peerwatch.records._judge_counts import QuestionCount

Mark = Literal["", "alike", "errs", "silent", "audited", "unaudited"]
"""The mark on a number or verdict that depends on a judge; empty for a validated judge."""

WEIGHT: dict[Mark, int] = {"": 0, "audited": 1, "unaudited": 2, "silent": 3, "errs": 4, "alike": 5}
"""Mark to its severity: the higher, the less the judge can be relied on."""

DAGGER = "\N{DAGGER}"
"""Marks a verdict that depends on a judge without validation, here and in reports."""


class JudgeQuality(BaseModel):
    """The validation status of a judge with one rubric.

    Attributes:
        judge: Name of its model.
        rubric: Name, version and hash of the rubric.
        validated: Whether it has passed `peerwatch validate --judge` with these settings, rubric and version.
        episodes: Number of episodes of the audit set that it has judged in this run.
        audit: Question to the counts of its answers over these episodes.
        mark: The mark on everything that depends on this judge.
        questions: Questions that have the fault which `mark` names.
        plain: Whether its name alone identifies its settings.
        shipped: Whether the rubric is one that judges can be validated with.
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
