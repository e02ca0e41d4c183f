"""A published transcript in one shape, whatever the file looked like."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import JsonValue

Role = Literal["system", "user", "assistant", "tool"]
Format = Literal["compact", "released", "scratchpad", "follow-up"]


@dataclass(frozen=True)
class Call:
    """One tool call.

    Attributes:
        number: From 1, over the whole transcript.
        turn: Number of the assistant's turn, from 1.
        tool: Name of the tool.
        arguments: As they were given.
        result: What the tool returned; `None` where nothing is recorded.
        cut: Whether the recorded result was cut short.
    """

    number: int
    turn: int
    tool: str
    arguments: Mapping[str, JsonValue]
    result: str | None = None
    cut: bool = False

    def text(self, *names: str) -> str:
        """The first of these arguments that is there, as text; empty if none is."""
        for name in names:
            if (value := self.arguments.get(name)) is not None:
                return value if isinstance(value, str) else str(value)
        return ""


@dataclass(frozen=True)
class Message:
    """One message.

    Attributes:
        role: Who speaks.
        text: What is said in the open.
        private: Reasoning that the target alone sees.
        calls: Calls made with it.
        tool: The tool that answers; empty for others.
        number: Number of the call that a tool's message answers; 0 for others.
    """

    role: Role
    text: str = ""
    private: str = ""
    calls: tuple[Call, ...] = ()
    tool: str = ""
    number: int = 0


@dataclass(frozen=True)
class Transcript:
    """One run.

    Attributes:
        file: Name of the file.
        format: What the file looked like.
        messages: All of them, in order.
        metadata: What the study recorded of the run.
        evaluation: What the study made of it; empty where the file has none.
        followup: How many of the last messages belong to a conversation after the run.
        hints: Further words of the file on what was run, by key.
    """

    file: str
    format: Format
    messages: tuple[Message, ...]
    metadata: Mapping[str, JsonValue]
    evaluation: Mapping[str, JsonValue]
    followup: int = 0
    hints: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])

    @property
    def run(self) -> tuple[Message, ...]:
        """The messages of the run itself."""
        return self.messages[: len(self.messages) - self.followup]

    @property
    def calls(self) -> list[Call]:
        """The calls of the run itself."""
        return [call for message in self.run for call in message.calls]

    @property
    def later(self) -> list[Call]:
        """The calls of the conversation after the run."""
        return [call for message in self.messages[len(self.run) :] for call in message.calls]

    @property
    def turns(self) -> int:
        """How often the target spoke or called in the run."""
        return sum(message.role == "assistant" for message in self.run)
