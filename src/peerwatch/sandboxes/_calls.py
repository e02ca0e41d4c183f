"""The calls in an agent's conversation with its model, each reported once."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool
from inspect_ai.tool import ToolCall

_COMMANDS = ("command", "cmd", "script")
"""Arguments that contain the shell command in the tools of coding agents."""


@dataclass(frozen=True)
class CallResult:
    """A call with its result.

    Attributes:
        turn: Number of the agent's turn, from 1.
        tool: Name of the tool, as its program shows it to the model.
        arguments: Its arguments.
        command: The shell command; for other tools, name and arguments.
        told: The output shown to the agent.
        ok: Whether the agent's program reported success; `False` also if unknown.
    """

    turn: int
    tool: str
    arguments: Mapping[str, Any]
    command: str
    told: str
    ok: bool


class Calls:
    """Separates new calls of a conversation from known ones.

    An agent's program sends its whole conversation with every request; it may shorten it, or hold several
    conversations.
    """

    def __init__(self, given: Sequence[ChatMessage] = ()) -> None:
        self.turns = 0
        self._messages = {str(message.id) for message in given}
        self._calls: set[tuple[str, int]] = set()

    def new(self, messages: Sequence[ChatMessage], *, over: bool = False) -> list[CallResult]:
        """Return the calls that have ended since the last call of this method.

        Args:
            messages: A conversation as shown to the model.
            over: Whether the episode is over, so that calls without a result will never get one.
        """
        results = _results(messages)
        met: Counter[str] = Counter()
        found: list[CallResult] = []
        for message in messages:
            if not isinstance(message, ChatMessageAssistant):
                continue
            calls = [(call, self._key(call, met)) for call in message.tool_calls or []]
            new = [(call, key) for call, key in calls if key not in self._calls and (over or key in results)]
            if calls and not new:
                continue
            if not calls and str(message.id) in self._messages:
                continue
            if not any(key in self._calls for _, key in calls):
                self.turns += 1
            self._messages.add(str(message.id))
            self._calls |= {key for _, key in new}
            found += [_called(self.turns, call, results.get(key)) for call, key in new]
        return found

    @staticmethod
    def _key(call: ToolCall, met: Counter[str]) -> tuple[str, int]:
        """A call's id with a counter: some programs derive ids from the arguments, so that they repeat."""
        met[call.id] += 1
        return call.id, met[call.id]


def _results(messages: Sequence[ChatMessage]) -> dict[tuple[str, int], ChatMessageTool]:
    met: Counter[str] = Counter()
    found: dict[tuple[str, int], ChatMessageTool] = {}
    for message in messages:
        if isinstance(message, ChatMessageTool) and message.tool_call_id:
            met[message.tool_call_id] += 1
            found[(message.tool_call_id, met[message.tool_call_id])] = message
    return found


def _called(turn: int, call: ToolCall, result: ChatMessageTool | None) -> CallResult:
    told = result.text if result is not None else ""
    return CallResult(
        turn, call.function, call.arguments, command_of(call), told, ok=result is not None and result.error is None
    )


def command_of(call: ToolCall) -> str:
    """The command of a call: a shell command, or name and arguments of another tool."""
    for name in _COMMANDS:
        value = call.arguments.get(name)
        if isinstance(value, str):
            return value
        if isinstance(value, list):
            return " ".join(str(word) for word in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - any JSON
    return f"{call.function} {json.dumps(call.arguments, ensure_ascii=False)}"
