"""The results of judge calibration, for pages, terminals and programs."""

import math

from pydantic import BaseModel, ConfigDict

ALL = "all"
"""All arms together."""

MAJORITY = "majority"
"""The majority of the judges with a yes or no, if there are several: the basis of axes."""


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Estimate(_Row):
    """A number with its limits; each is `nan`, and `null` in JSON, if not defined."""

    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    n: int = 0
    """Number of items or episodes."""


class Tally(_Row):
    """Counts of each answer."""

    yes: int = 0
    no: int = 0
    cannot_tell: int = 0
    none: int = 0
    """No answer."""


class JudgeRow(_Row):
    """One judge on one axis in one arm.

    Attributes:
        axis: The question.
        arm: The subject, or `all`.
        judge: The judge's name, or `majority`.
        people: The majority of the labels with a yes or no; `cannot_tell` also in a tie.
        judged: The judge's answers about the same items.
        sensitivity: Share of the items labeled yes that the judge answers with yes, weighted.
        specificity: Share of the items labeled no that the judge answers with no, weighted.
        kappa: Cohen's kappa of the judge and the people, weighted.
        alpha: Krippendorff's alpha of the judge and each of the people, weighted.
        raw: Share of yes among the judge's yes and no, over the whole frame, or weighted over the items.
        whole: Whether it is over the whole frame.
        corrected: The same, corrected for the judge's measured errors.
    """

    axis: str
    arm: str
    judge: str
    people: Tally
    judged: Tally
    sensitivity: Estimate
    specificity: Estimate
    kappa: Estimate
    alpha: Estimate
    raw: Estimate
    whole: bool
    corrected: Estimate


class Pair(_Row):
    """Two labelers on one axis; kappa is weighted."""

    first: str
    second: str
    kappa: Estimate


class PeopleRow(_Row):
    """The labelers on one axis; alpha is of all of them, weighted."""

    axis: str
    said: dict[str, Tally]
    pairs: tuple[Pair, ...]
    alpha: Estimate


class Agreement(_Row):
    """The reliability of judges, and of the labelers.

    Attributes:
        rubric: Label of the rubric that the judges used; without judges, of the set's rubric.
        items: Items in the set.
        episodes: Episodes in the frame from which they were drawn.
        labellers: Names of the labelers.
        judges: Names of the judges, without `majority`.
        rows: One for each axis, arm and judge.
        people: One for each axis.
        notes: Notes for readers, in sentences.
    """

    rubric: str
    items: int
    episodes: int
    labellers: tuple[str, ...]
    judges: tuple[str, ...]
    rows: tuple[JudgeRow, ...]
    people: tuple[PeopleRow, ...]
    notes: tuple[str, ...]
