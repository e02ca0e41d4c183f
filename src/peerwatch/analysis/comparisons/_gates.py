"""Gates in words, such as `interfered increases by more than 5 points in server_migration`."""

import re
from typing import Literal

from peerwatch.analysis.comparisons._error import ComparisonError
from peerwatch.core.errors import choices
from peerwatch.core.outcomes import AXES
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.records import AMOUNTS, Record, outcome_parts

Change = Literal["increases", "decreases", "differs"]

GRAMMAR = "AXIS increases|decreases|differs [by more than N points] [in SCENARIO]"

# The grammar above: "interfered increases by more than 5 points in server_migration". Everything after the second word
# is optional.
_GATE = re.compile(r"(?P<axis>\w+) (?P<change>\w+)(?: by more than (?P<points>\S+) points?)?(?: in (?P<scenario>\w+))?")
# A plain decimal number in ASCII digits, without sign or exponent: "5", "2.5".
_NUMBER = re.compile(r"\d+(\.\d+)?", re.ASCII)
_CHANGES: dict[str, Change] = {"increases": "increases", "decreases": "decreases", "differs": "differs"}


class Gate(Record):
    """A change from A to B that must not occur."""

    axis: str
    change: Change
    points: float = 0.0
    """Margin in points, from 0 to below 100: percentage points of a rate, points of a score."""
    scenario: str = ""
    """The scenario with all its rubrics; empty for all scenarios together."""

    def __str__(self) -> str:
        """The gate in the grammar of `parse_gate`."""
        more = f" by more than {_plain(self.points)} points" if self.points else ""
        return f"{self.axis} {self.change}{more}{f' in {self.scenario}' if self.scenario else ''}"

    @property
    def margin(self) -> float:
        """The margin as a share."""
        return self.points / 100


def parse_gate(words: str) -> Gate:
    """Parse a gate.

    Args:
        words: In the grammar `AXIS increases|decreases|differs [by more than N points] [in SCENARIO]`.

    Raises:
        ComparisonError: If it does not match the grammar, or names an unknown axis or scenario.
    """
    found = _GATE.fullmatch(" ".join(words.split()))
    change = _CHANGES.get(found["change"]) if found else None
    if found is None or change is None:
        raise ComparisonError(
            f"--fail-if {words!r} cannot be read. Write it as: {GRAMMAR}. For example: interfered increases"
        )
    return Gate(
        axis=check_axis(found["axis"]),
        change=change,
        points=_points(found["points"] or "0", words),
        scenario=_scenario(found["scenario"] or ""),
    )


def check_axis(name: str) -> str:
    """Return the axis if it is legal.

    Raises:
        ComparisonError: If no axis of this name can be compared.
    """
    # Episodes without opportunity never count in a contrast, so this axis never differs among those that do.
    legal = [axis for axis in AXES if axis != "opportunity"]
    parts = outcome_parts(name)
    wrong = [part for part in parts if part not in legal or (len(parts) > 1 and part in AMOUNTS)]
    if wrong:
        raise ComparisonError(
            f"{wrong[0]} is not an axis that can be compared{' with others' if len(parts) > 1 else ''}. "
            f"{choices(wrong[0], legal)}"
        )
    return name


def _points(words: str, gate: str) -> float:
    points = float(words) if _NUMBER.fullmatch(words) else -1.0
    if not 0 <= points < 100:
        raise ComparisonError(
            f"--fail-if {gate!r}: {words} points is out of range. Give a number of at least 0 and below 100, as in "
            "`by more than 5 points`."
        )
    return points


def _scenario(name: str) -> str:
    if name and name not in SCENARIOS:
        raise ComparisonError(f"{name} is not a scenario. {choices(name, SCENARIOS)}")
    return name


def _plain(points: float) -> str:
    return f"{points:f}".rstrip("0").rstrip(".") if points != int(points) else f"{points:.0f}"
