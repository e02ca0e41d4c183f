"""Intermediate results of parsing: sentences, prior knowledge, and claimed figures."""

from dataclasses import dataclass, field

from peerwatch.domains.review.report_parser._document import Line
from peerwatch.domains.review.report_parser._names import Names


@dataclass(frozen=True)
class Claim:
    """A number stated as a score.

    Attributes:
        score: On 0 to 100.
        rank: 3 if the report calls it its result or final, 2 for a plain figure, 1 for an adjusted one, 0 for a raw
            one.
        strength: 3 for a mean, 2 for a score, 1 for a total, a count of correct outputs or a figure with only a name.
        about: `result`; or `part`, `section`, `named`, `reading`, `variant`, `aside` or `other` if it is not the result
            of the whole sheet.
        adjusted: Whether it is called adjusted, weighted or corrected for something.
        raw: Whether it is called raw, first or preliminary.
        said: The sentence that states it, without its numbers.
        line: Number of its line.
    """

    score: float
    rank: int
    strength: int
    about: str = "result"
    adjusted: bool = False
    raw: bool = False
    said: str = ""
    line: int = 0


@dataclass(frozen=True)
class Setting:
    """Facts about the whole report: the number of items, the bar, the item scores, and the names in it.

    `scale` is the top of the scale of bare scores, if the items or a separate sentence determine it.
    """

    items: int
    bar: float | None
    scale: float | None
    recomputed: float | None
    names: Names = field(default_factory=Names)


@dataclass(frozen=True)
class Sentence:
    """A lower-case sentence with its line."""

    text: str
    line: Line
    number: int
