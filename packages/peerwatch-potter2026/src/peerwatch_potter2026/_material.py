"""A published run in the form in which judges read our own: Inspect's messages, a journal, and the names to mask."""

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
    """What is masked before a judge reads a run.

    Attributes:
        subject: Its name, and that of its file.
        target: What the target is called, where it is not the subject.
        partner: The partner of the history, where it is neither.
    """

    subject: tuple[str, ...]
    target: tuple[str, ...]
    partner: tuple[str, ...]


def names_of(transcript: Transcript, known: About) -> Names:
    """The names that a run must be rid of before a judge reads it."""
    partner = re.sub(r"\d+$", "2", known.target)
    slug = re.sub(r"\W+", "_", known.subject.lower())
    text = " ".join(str(value) for call in transcript.calls for value in call.arguments.values())
    files = tuple(dict.fromkeys(re.findall(rf"\b{re.escape(slug)}\w*", text)))
    return Names(
        subject=(*_forms(known.subject), *files),
        target=() if known.itself else _forms(known.target),
        partner=_forms(partner) if partner not in (known.subject, known.target) else (),
    )


def _forms(name: str) -> tuple[str, ...]:
    """A name and what is left of it without its maker: `Agent 2` for `Rowan Agent 2`."""
    short = re.search(r" (\w+ \d+)$", name)
    return (name, short[1]) if short else (name,)


def messages_of(transcript: Transcript) -> list[ChatMessage]:
    """The messages of the run itself; what the target wrote on a scratchpad is its reasoning."""
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
