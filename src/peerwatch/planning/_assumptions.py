"""A forecast's assumptions about models, from `forecast.yaml`."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from peerwatch.core.scenarios import SCENARIOS
from peerwatch.core.yaml_files import from_yaml
from peerwatch.planning._model_entries import ModelEntry, TargetEntry

ADDED = "What the agent adds to every call was measured with a scripted model"
"""Note about an agent whose prompt is known."""

LEFT_OUT = "What the agent itself adds to every call, its own prompt and tools, is left out: run a pilot (--pilot)"
"""Note about an agent whose prompt is unknown."""


class Span(NamedTuple):
    """An assumed figure with its uncertainty."""

    value: float
    cheap: float
    dear: float


class Profile(BaseModel):
    """Differences between a model and the honest agent's script; `forecast.yaml` describes each figure."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    models: Annotated[tuple[str, ...], Field(min_length=1)]
    why: str
    scripted: bool = False
    calls: Span
    tokens: Span
    said: Span
    reasoning: Span
    cached: Span
    seconds: Span
    output_seconds: Span
    input_seconds: Span
    at_once: PositiveInt | None = None

    @property
    def spans(self) -> dict[str, Span]:
        """Every figure with two ends, by name."""
        return {name: value for name in type(self).model_fields if isinstance(value := getattr(self, name), Span)}

    def values(self) -> dict[str, float]:
        """Every figure's expected value."""
        return {name: span.value for name, span in self.spans.items()}

    def moved(self) -> Iterator[tuple[str, Mapping[str, float], Mapping[str, float]]]:
        """For each uncertain figure: its name, and all figures with this one at its cheap and at its expensive end."""
        values = self.values()
        for name, span in self.spans.items():
            if span.cheap != span.dear:
                yield name, {**values, name: span.cheap}, {**values, name: span.dear}


class AgentOverhead(BaseModel):
    """An agent's additions to an episode of the script; `forecast.yaml` describes how they were measured."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    opening: float = 0
    seconds: float = 0


class Assumptions(BaseModel):
    """The contents of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    profiles: tuple[Profile, ...]
    agents: dict[str, dict[Literal["shell", "tools"], AgentOverhead]]
    cpu_seconds: float
    judges: dict[Literal["longer", "answer"], Span]
    peers: dict[Literal["messages", "length"], Span]


@cache
def assumptions() -> Assumptions:
    """Load the assumptions that ship with Peerwatch."""
    text = files("peerwatch.planning").joinpath("forecast.yaml").read_text(encoding="utf-8")
    return Assumptions.model_validate(from_yaml(text))


def beside_model(entry: TargetEntry, scenario: str) -> AgentOverhead:
    """The overhead of a target's agent in a scenario: none if it is simulated, or a user's."""
    setting = "shell" if "shell" in SCENARIOS[scenario].wordings else "tools"
    return assumptions().agents.get(entry.agent, {}).get(setting, AgentOverhead())


def profile_of(entry: ModelEntry) -> Profile:
    """The assumptions about a model; its own options determine whether and how much it may reason."""
    rows = assumptions().profiles
    found = next(row for row in rows if any(fnmatchcase(entry.name, pattern) for pattern in row.models))
    if isinstance(entry, TargetEntry) and entry.in_agent:
        known = entry.agent in assumptions().agents
        found = found.model_copy(update={"why": f"{found.why}. {ADDED if known else LEFT_OUT}"})
    most: Any = entry.config.get("reasoning_tokens")
    if entry.config.get("reasoning_effort") == "none" or most == 0:
        return found.model_copy(update={"reasoning": Span(0, 0, 0)})
    if isinstance(most, int):
        span = found.reasoning
        return found.model_copy(update={"reasoning": Span(min(span.value, most), min(span.cheap, most), float(most))})
    return found
