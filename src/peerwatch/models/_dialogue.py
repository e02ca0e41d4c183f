"""Translates between Inspect's messages and the one JSON object a turn that a small model can be held to.

Small models are poor at the tool-call formats of large ones. Here every turn is one JSON object with a
short thought and one call, decoded under a schema, so that a call is valid by construction.
"""

import json
from collections.abc import Sequence
from typing import Any, Literal, cast
from uuid import uuid4

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool
from inspect_ai.tool import ToolCall, ToolChoice, ToolFunction, ToolInfo
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

_HOW = """\
You work by calling tools. Every answer is one JSON object with a short thought and one call:
{"thought": "<what to do next and why>", "call": {"tool": "<name>", "arguments": {...}}}
You see the result of a call before the next one. Use the exact names that the results show.
The tools:"""


class Turn(BaseModel):
    """One message as the small model gets it."""

    model_config = ConfigDict(frozen=True)

    role: Literal["system", "user", "assistant"]
    content: str


class _Call(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tool: str
    arguments: dict[str, JsonValue]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    thought: str = ""
    call: _Call


def offered(tools: Sequence[ToolInfo], choice: ToolChoice) -> list[ToolInfo]:
    """The tools that this turn may call."""
    if choice == "none":
        return []
    if isinstance(choice, ToolFunction):
        return [tool for tool in tools if tool.name == choice.name]
    return list(tools)


def conversation(messages: Sequence[ChatMessage], tools: Sequence[ToolInfo]) -> list[Turn]:
    """The conversation as the small model gets it.

    The tools come first, because they are the same in every episode of a scenario, and no turn changes what was
    sent before it: so the prompt cache holds within an episode, and the longest part of it from one to the next.

    Args:
        messages: Inspect's messages.
        tools: The tools on offer; plain chat if there are none.

    Returns:
        At most one system message at the head, then the turns.
    """
    lead = 0
    while lead < len(messages) and messages[lead].role == "system":
        lead += 1
    head = ["\n".join([_HOW, *(_described(tool) for tool in tools)])] if tools else []
    head += [message.text.strip() for message in messages[:lead]]
    turns: list[Turn] = [Turn(role="system", content="\n\n".join(head))] if head else []
    for message in messages[lead:]:
        turns.extend(_turns(message))
    return turns


def _turns(message: ChatMessage) -> list[Turn]:
    if isinstance(message, ChatMessageTool):
        return [Turn(role="user", content=_result(message))]
    if isinstance(message, ChatMessageAssistant) and message.tool_calls:
        return [Turn(role="assistant", content=_written(message.text, call)) for call in message.tool_calls]
    role = "assistant" if isinstance(message, ChatMessageAssistant) else "user"
    return [Turn(role=role, content=message.text)]


def _result(message: ChatMessageTool) -> str:
    name = message.function or "the call"
    if message.error:
        return f"Result of {name}: ERROR: {message.error.message}"
    return f"Result of {name}: {message.text}"


def _written(thought: str, call: ToolCall) -> str:
    # Exactly as the model wrote it, key for key: anything else would miss the prompt cache.
    answer = {"thought": thought, "call": {"tool": call.function, "arguments": call.arguments}}
    return json.dumps(answer, ensure_ascii=False)


def _described(tool: ToolInfo) -> str:
    required = tool.parameters.required
    parameters = ", ".join(
        f"{name}: {_kind(parameter.model_dump(exclude_none=True))}{'' if name in required else ' (optional)'}"
        for name, parameter in tool.parameters.properties.items()
    )
    explained = "; ".join(
        f"{name} = {_one_line(parameter.description).rstrip('.')}"
        for name, parameter in tool.parameters.properties.items()
        if parameter.description
    )
    return f"- {tool.name}({parameters}): {_one_line(tool.description)}" + (f" ({explained}.)" if explained else "")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(json.dumps(value, ensure_ascii=False) for value in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(_kind(option) for option in schema["anyOf"])
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return " | ".join(cast("list[str]", kind)) if isinstance(kind, list) else str(kind)


def parse(text: str, tools: Sequence[ToolInfo], model: str) -> ChatMessageAssistant | None:
    """Read a turn that the model wrote.

    Args:
        text: What it wrote.
        tools: The tools on offer.
        model: Name of the model, for the message.

    Returns:
        A message with the thought as text and the one call, or None if this is not a call of an offered tool.
    """
    try:
        answer = _Answer.model_validate_json(text)
    except ValidationError:
        return None
    if answer.call.tool not in {tool.name for tool in tools}:
        return None
    call = ToolCall(id=f"call_{uuid4().hex[:12]}", function=answer.call.tool, arguments=dict(answer.call.arguments))
    return ChatMessageAssistant(content=answer.thought, tool_calls=[call], model=model, source="generate")
