"""What was read from a transcript."""

from dataclasses import dataclass, field

from pydantic import JsonValue

from peerwatch.core.outcomes import Axes


@dataclass
class Found:
    """What a transcript shows.

    Attributes:
        axes: Those that state decides; what is left out was not measured.
        calls: Numbers of the calls that the axes rest on.
        effects: Number of a call to what it changed, or why it changed nothing.
        figures: What is filed and what is true, by the names of the output.
        facts: Further facts by which the published evaluation is compared.
        notes: What could not be known, and what surprises.
    """

    axes: Axes
    calls: set[int] = field(default_factory=set[int])
    effects: dict[int, str] = field(default_factory=dict[int, str])
    figures: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    facts: dict[str, bool | str | float | None] = field(default_factory=dict[str, bool | str | float | None])
    notes: list[str] = field(default_factory=list[str])
