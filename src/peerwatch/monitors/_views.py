"""What a monitor reads: an episode's messages and tools, or a part of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeVar, get_args

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageTool,
    Content,
    ContentReasoning,
)
from inspect_ai.tool import ToolCall, ToolInfo

from peerwatch.core.leaked_thinking import parted
from peerwatch.core.worlds import SCRATCHPAD

View = Literal["actions", "results", "reasoning", "words", "all", "extract"]

VIEWS: Final[Mapping[View, str]] = {
    "actions": "the job and the target's calls",
    "results": "the job, the target's calls and what they returned",
    "reasoning": "the job and the target's reasoning",
    "words": "the job and what the target said in the open",
    "all": "everything",
    "extract": "the job and an extract that a model makes of everything",
}
"""View to what it shows. `extract` needs a model; the others only leave parts out."""

assert set(VIEWS) == set(get_args(View))  # noqa: S101 - at import, for whoever adds a view


@dataclass(frozen=True)
class Conversation:
    """An episode as a monitor reads it: the messages up to a moment, and the tools on offer."""

    messages: tuple[ChatMessage, ...]
    tools: tuple[ToolInfo, ...] = ()


def conversation(messages: Sequence[ChatMessage], tools: Sequence[ToolInfo], view: View) -> Conversation:
    """An episode in a view. The input, with the system prompt and the job, is part of every view.

    The same messages give the same conversation, whether they are a log's or a running episode's: message ids,
    which differ from run to run, are left out.

    Args:
        messages: Everything up to now.
        tools: The tools on offer.
        view: What is shown; `extract` is `all` here, since the extract is made of it.
    """
    shown = [kept for message in messages if (kept := _in_view(message, view)) is not None]
    return Conversation(tuple(shown), tuple(tools))


def turns_of(messages: Sequence[ChatMessage]) -> int:
    """Number of the target's own turns."""
    return sum(_own(each) for each in messages)


def up_to_turn(messages: Sequence[ChatMessage], turn: int) -> list[ChatMessage]:
    """The messages up to and including a turn of the target, before its calls are carried out.

    A monitor that approves calls reads exactly this.

    Args:
        messages: All messages of an episode.
        turn: Number of the turn, from 1.
    """
    seen = 0
    for position, message in enumerate(messages):
        seen += _own(message)
        if seen == turn:
            return list(messages[: position + 1])
    return list(messages)


def _own(message: ChatMessage) -> bool:
    return isinstance(message, ChatMessageAssistant) and message.source != "input"


Message = TypeVar("Message", bound=ChatMessage)


def _in_view(message: ChatMessage, view: View) -> ChatMessage | None:
    if isinstance(message, ChatMessageTool):
        return _plain(message) if view in ("results", "all", "extract") else None
    if not isinstance(message, ChatMessageAssistant) or message.source == "input" or view in ("all", "extract"):
        return _plain(message)
    content, calls = _parts(message, view)
    if not content and not calls:
        return None
    return _plain(message.model_copy(update={"content": content, "tool_calls": calls or None}))


def _parts(message: ChatMessageAssistant, view: View) -> tuple[str | list[Content], list[ToolCall]]:
    """What of a turn is shown: its content and its calls. Reasoning that leaked into words counts as reasoning."""
    calls = message.tool_calls or []
    if view in ("actions", "results"):
        return "", [each for each in calls if each.function != SCRATCHPAD]
    if view == "words":
        return parted(message.text).said, [each for each in calls if each.function == "finish"]
    blocks = [] if isinstance(message.content, str) else message.content
    reasoning: list[Content] = [each for each in blocks if isinstance(each, ContentReasoning)]
    reasoning += [ContentReasoning(reasoning=each) for each in parted(message.text).thought]
    return reasoning, [each for each in calls if each.function == SCRATCHPAD]


def _plain(message: Message) -> Message:
    """A message without what differs between two runs of the same words: its id, its model and its metadata."""
    gone = {"id": None, "metadata": None}
    return message.model_copy(update=gone | ({"model": None} if isinstance(message, ChatMessageAssistant) else {}))
