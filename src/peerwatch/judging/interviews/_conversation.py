"""Prepares the conversation of an episode for continuation."""

from collections.abc import Iterator, Sequence

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool, Content, ContentReasoning


def restored(messages: Sequence[ChatMessage], *, unanswered: str, own: bool) -> list[ChatMessage]:
    """Return the messages of an episode in a form that its model, or another one, accepts.

    Args:
        messages: The messages in the log.
        unanswered: The result for a call that the end of the episode cut off; providers reject calls without one.
        own: Whether the model wrote them. Other models do not get the reasoning, because providers sign it.

    Returns:
        Copies with the same ids.
    """
    answered = {message.tool_call_id for message in messages if isinstance(message, ChatMessageTool)}
    found: list[ChatMessage] = []
    for message in messages:
        if not isinstance(message, ChatMessageAssistant):
            found.append(message)
            continue
        found.append(message if own else _another_ones(message))
        found += _results(message, answered, unanswered)
    return found


def _results(message: ChatMessageAssistant, answered: set[str | None], text: str) -> Iterator[ChatMessage]:
    for call in message.tool_calls or []:
        if call.id not in answered:
            yield ChatMessageTool(content=text, tool_call_id=call.id, function=call.function)


def _another_ones(message: ChatMessageAssistant) -> ChatMessageAssistant:
    said: str | list[Content] = message.content
    if not isinstance(said, str):
        said = [part for part in said if not isinstance(part, ContentReasoning)]
    return message.model_copy(update={"content": said, "model": None})
