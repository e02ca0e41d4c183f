"""Detects requests that an agent's client repeats because it stopped waiting for an answer or could not use it."""

import hashlib
import json
from collections.abc import Sequence

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool
from inspect_ai.tool import ToolInfo
from inspect_ai.util import Store

from peerwatch.inspect import REPEATED


class Requests:
    """The previous requests of one agent.

    The bridge assigns new message ids with every request, and a client may change its options in a retry. Requests are
    therefore compared by the content of their messages and the names of their tools.
    """

    def __init__(self) -> None:
        self._known: set[str] = set()

    def repeated(self, messages: Sequence[ChatMessage], tools: Sequence[ToolInfo], into: Store) -> bool:
        """Record a request, and count it in the store if it repeats an earlier one exactly.

        Args:
            messages: Its conversation.
            tools: The offered tools.
            into: The store of the episode's sample.

        Returns:
            Whether it is a repeat, and therefore not a turn of the agent.
        """
        told = json.dumps([[tool.name for tool in tools], *map(_content, messages)], default=str)
        request = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
        if request not in self._known:
            self._known.add(request)
            return False
        into.set(REPEATED, int(into.get(REPEATED, 0)) + 1)
        return True


def _content(message: ChatMessage) -> list[object]:
    calls = message.tool_calls or [] if isinstance(message, ChatMessageAssistant) else []
    error = message.error and message.error.message if isinstance(message, ChatMessageTool) else None
    return [message.role, message.text, [[call.function, call.arguments] for call in calls], error]
