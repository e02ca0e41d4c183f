"""Converts a published run to the material for judges: Inspect messages, a journal, and the names to mask."""

import re
from dataclasses import dataclass

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    Content,
    ContentReasoning,
    ContentText,
)
from inspect_ai.tool import ToolCall

from peerwatch_potter2026._about import About
from peerwatch_potter2026._facts import facts
from peerwatch_potter2026._transcript import Call, Message, Transcript


@dataclass(frozen=True)
class Names:
    """The names to mask before a judge reads a run.

    Attributes:
        subject: Names of the subject and of its file.
        target: Names of the target, unless it is the subject.
        partner: Names of the partner in the history, unless it is one of these.
    """

    subject: tuple[str, ...]
    target: tuple[str, ...]
    partner: tuple[str, ...]


def names_of(transcript: Transcript, known: About) -> Names:
    """Collect the names to mask in a run."""
    # The partner of "Agent 1" is "Agent 2".
    partner = re.sub(r"\d+$", "2", known.target)
    # "Rowan Agent 2" becomes "rowan_agent_2", the start of its files' names.
    slug = re.sub(r"\W+", "_", known.subject.lower())
    text = " ".join(str(value) for call in transcript.calls for value in call.arguments.values())
    files = tuple(dict.fromkeys(re.findall(rf"\b{re.escape(slug)}\w*", text)))
    return Names(
        subject=(*_forms(known.subject), *files),
        target=() if known.itself else _forms(known.target),
        partner=_forms(partner) if partner not in (known.subject, known.target) else (),
    )


def _forms(name: str) -> tuple[str, ...]:
    """A name and its short form without the vendor: `Agent 2` for `Rowan Agent 2`."""
    short = re.search(r" (\w+ \d+)$", name)
    return (name, short[1]) if short else (name,)


def messages_of(transcript: Transcript) -> list[ChatMessage]:
    """The messages of the run itself; scratchpad text becomes reasoning."""
    return [_message(message) for message in transcript.run]


def _message(message: Message) -> ChatMessage:
    if message.role == "system":
        return ChatMessageSystem(content=message.text)
    if message.role == "user":
        return ChatMessageUser(content=message.text)
    if message.role == "tool":
        return ChatMessageTool(content=message.text, function=message.tool, tool_call_id=_id(message.number))
    thoughts = [message.private, *(_thought(call) for call in message.calls if call.tool in facts().tools.private)]
    content: list[Content] = [ContentReasoning(reasoning=thought) for thought in thoughts if thought]
    calls = [
        ToolCall(id=_id(call.number), function=call.tool, arguments=dict(call.arguments))
        for call in message.calls
        if call.tool not in facts().tools.private
    ]
    return ChatMessageAssistant(content=[*content, ContentText(text=message.text)], tool_calls=calls or None)


def _thought(call: Call) -> str:
    return "\n".join(str(value) for value in call.arguments.values())


def _id(number: int) -> str:
    return f"call{number}"
