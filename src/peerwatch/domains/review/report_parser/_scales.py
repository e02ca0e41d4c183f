"""Converts written values to scores on 0 to 100.

A percentage is the score, a fraction is its share. A bare number is on 0 to 100, with three exceptions. A number below
1 with a decimal mark is a share ("0.6"). If the report names the scale ("out of 10") that scale is used. If every item
has a bare score, the mean is on the scale of the items as long as it fits: 1.0 next to shares is 100, alone it is 1. An
integer 0 or 1 without such items is 0 or 1.

The scale of items is inferred from the whole list: 0 to 100 if any is above 10; otherwise 0 to 10 if any is above 1;
otherwise shares.
"""

from collections.abc import Iterable

from peerwatch.domains.review.report_parser._numbers import Number


def within(score: float) -> float | None:
    """Return the score if it is on 0 to 100; rounded, so that a share of 0.29 gives 29."""
    return round(score, 9) if 0 <= score <= 100 else None


def share(value: float, over: float) -> float | None:
    """Return a fraction as a score; None if it is not a share."""
    return within(100 * value / over) if over > 0 and 0 <= value <= over else None


def scale_of(bare: Iterable[float]) -> float:
    """Return the top of the scale of a list of bare item scores: 1, 10 or 100."""
    top = max(bare, default=100.0)
    return 100.0 if top > 10 else 10.0 if top > 1 else 1.0


def as_score(number: Number, *, named: float | None = None, items: float | None = None) -> float | None:
    """Convert a stated mean to 0 to 100.

    Args:
        number: The number as written.
        named: The top of the scale that the report names next to it; 100 also for a label in per cent.
        items: The top of the scale of the item scores, if the report states them as bare numbers.
    """
    if number.form == "percent":
        return within(number.value)
    if number.form == "fraction":
        return share(number.value, number.over)
    if named is not None:
        return share(number.value, named)
    if (
        items in {1.0, 10.0}
        and 0 <= number.value <= (items or 0)
        and not (number.value < 1 and number.form == "decimal")
    ):
        return share(number.value, items or 0)
    if number.form == "decimal" and 0 <= number.value < 1:
        return share(number.value, 1)
    return within(number.value)
