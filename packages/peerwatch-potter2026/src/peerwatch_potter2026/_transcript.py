"""A published transcript, independent of its file format."""

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
        number: Number in the whole transcript, from 1.
        turn: Number of the assistant's turn, from 1.
        tool: Name of the tool.
        arguments: Its arguments.
        result: The tool's result; `None` if not recorded.
        cut: Whether the recorded result was truncated.
    """

    number: int
    turn: int
    tool: str
    arguments: Mapping[str, JsonValue]
    result: str | None = None
    cut: bool = False

    def text(self, *names: str) -> str:
        """The first of these arguments that is present, as text; empty if none is."""
        for name in names:
            if (value := self.arguments.get(name)) is not None:
                return value if isinstance(value, str) else str(value)
        return ""


@dataclass(frozen=True)
class Message:
    """One message.

    Attributes:
        role: The role of the speaker.
        text: The visible text.
        private: Reasoning, visible only to the target.
        calls: Its calls.
        tool: The answering tool; empty for others.
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
        format: Format of the file.
        messages: All messages, in order.
        metadata: The study's metadata of the run.
        evaluation: The study's evaluation of the run; empty if the file has none.
        followup: Number of messages at the end that belong to a conversation after the run.
        hints: Further information in the file about the run, by key.
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
        """Number of the target's turns in the run."""
        return sum(message.role == "assistant" for message in self.run)
