"""What is read of a report: its sentences, what is known beforehand, and the figures that it claims."""

from dataclasses import dataclass, field

from peerwatch.domains.review.report_parser._document import Line
from peerwatch.domains.review.report_parser._names import Names


@dataclass(frozen=True)
class Claim:
    """A number that is given as a score.

    Attributes:
        score: On 0 to 100.
        rank: 3 where the report calls it its own result or final, 2 for a plain figure, 1 for an adjusted one, 0 for a
            raw one.
        strength: 3 for a mean, 2 for a score, 1 for a total, a count of right outputs or a figure with a mere name.
        about: `result`; or `part`, `section`, `named`, `reading`, `variant`, `aside` or `other` for what is not the
            result of the whole sheet.
        adjusted: Whether it is called adjusted, weighted or corrected for something.
        raw: Whether it is called raw, first or preliminary.
        said: The sentence it was read from, its numbers left out.
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
    """What is known of the whole report: the number of items, the bar, the item scores, and the names in it.

    `scale` is the top of the scale of bare scores, where the items or a sentence of its own name one.
    """

    items: int
    bar: float | None
    scale: float | None
    recomputed: float | None
    names: Names = field(default_factory=Names)


@dataclass(frozen=True)
class Sentence:
    """A lower-case sentence and the line it stands in."""

    text: str
    line: Line
    number: int
