"""The report of agreement: what a page, a terminal and a program read."""

import math

from pydantic import BaseModel, ConfigDict

ALL = "all"
"""Every arm together."""

MAJORITY = "majority"
"""Most of the judges who could tell, where there are several: what the axes are made of."""


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Estimate(_Row):
    """A number with its limits; each is `nan`, and `null` in JSON, where it is not defined."""

    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    n: int = 0
    """Items or episodes that it rests on."""


class Tally(_Row):
    """How often each was said."""

    yes: int = 0
    no: int = 0
    cannot_tell: int = 0
    none: int = 0
    """No answer."""


class JudgeRow(_Row):
    """One judge on one axis in one arm.

    Attributes:
        axis: The question.
        arm: Who is at stake, or `all`.
        judge: The judge's name, or `majority`.
        people: What most of the people who could tell said of the items; `cannot_tell` also where they are split.
        judged: What the judge said of the same items.
        sensitivity: Share of the items that people call yes of which the judge says yes, weighted.
        specificity: Share of the items that people call no of which the judge says no, weighted.
        kappa: Cohen's kappa of the judge and the people, weighted.
        alpha: Krippendorff's alpha of the judge and each of the people, weighted.
        raw: Share of yes among the judge's yes and no, over the whole frame, or weighted over the items.
        whole: Whether it is over the whole frame.
        corrected: The same without the judge's measured errors.
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
    """Two labellers on one axis; kappa is weighted."""

    first: str
    second: str
    kappa: Estimate


class PeopleRow(_Row):
    """The labellers on one axis; alpha is of all of them, and weighted."""

    axis: str
    said: dict[str, Tally]
    pairs: tuple[Pair, ...]
    alpha: Estimate


class Agreement(_Row):
    """How far a judge can be trusted, and how far the people who say so.

    Attributes:
        rubric: Label of the rubric that the judges used; of the set's own, without judges.
        items: Items in the set.
        episodes: Episodes in the frame from which they were drawn.
        labellers: Names.
        judges: Names, without `majority`.
        rows: One for each axis, arm and judge.
        people: One for each axis.
        notes: What a reader must know, in sentences.
    """

    rubric: str
    items: int
    episodes: int
    labellers: tuple[str, ...]
    judges: tuple[str, ...]
    rows: tuple[JudgeRow, ...]
    people: tuple[PeopleRow, ...]
    notes: tuple[str, ...]
