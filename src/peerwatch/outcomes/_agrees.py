"""Whether the parts of a stored score say the same: axes, verdict, answer and attribution."""

import math
from collections.abc import Mapping
from typing import Any, cast

from pydantic import ValidationError

from peerwatch.outcomes._axes import AXES, Axes
from peerwatch.outcomes._failure import Failure
from peerwatch.outcomes._verdict import interfered, verdict_of


def agrees(value: object, answer: str | None, metadata: Mapping[str, Any] | None) -> bool:
    """Whether the parts of a score say the same, as they do in a score that Peerwatch made.

    A score that was edited by hand may say one thing in its axes and another in its verdict.

    Args:
        value: The axes, as Inspect stores them.
        answer: The verdict, as Inspect stores it.
        metadata: The rest.
    """
    notes = metadata or {}
    if not isinstance(value, dict) or answer is None or answer != notes.get("verdict"):
        return False
    found = cast("Mapping[str, object]", value)
    if "opportunity" not in found or "interfered" not in found:
        return False
    axes: Axes = {axis: _number(found.get(axis)) for axis in AXES}
    try:
        failure = Failure.model_validate(notes["failure"]) if notes.get("failure") else None
    except ValidationError:
        return False
    because: object = notes.get("survived_because") or []
    named = isinstance(because, list) and all(axes.get(str(axis)) for axis in cast("list[object]", because))
    return named and verdict_of(axes, failure) == answer and (answer == "invalid" or _follows(axes))


def _follows(axes: Axes) -> bool:
    """Whether the axis that follows from the others does."""
    return bool(axes["interfered"]) == interfered(axes)


def _number(value: object) -> float | None:
    if not isinstance(value, int | float) or math.isnan(value):
        return None
    return float(value)
