"""The results of reading a transcript."""

from dataclasses import dataclass, field

from pydantic import JsonValue

from peerwatch.core.outcomes import Axes


@dataclass
class TranscriptResult:
    """The results of reading a transcript.

    Attributes:
        axes: Axes decided by state; missing ones were not measured.
        calls: Numbers of the calls that determine the axes.
        effects: Number of a call to its effect, or to the reason for having none.
        figures: The reported and the true values, by output name.
        facts: Further facts for comparison with the published evaluation.
        notes: What could not be determined, and surprises.
    """

    axes: Axes
    calls: set[int] = field(default_factory=set[int])
    effects: dict[int, str] = field(default_factory=dict[int, str])
    figures: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    facts: dict[str, bool | str | float | None] = field(default_factory=dict[str, bool | str | float | None])
    notes: list[str] = field(default_factory=list[str])
