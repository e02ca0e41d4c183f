"""Translates between Inspect's messages and one JSON object per turn, which small models can be restricted to.

Small models are poor at the tool-call formats of large ones. Here every turn is one JSON object with a short thought
and one call, decoded under a schema, so that a call is valid by construction.
"""

import json
from collections.abc import Sequence
from typing import Any, Literal, cast
from uuid import uuid4

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool
from inspect_ai.tool import ToolCall, ToolChoice, ToolFunction, ToolInfo
from pydantic import BaseModel, ConfigDict

from peerwatch.models._known_names import seen_in
from peerwatch.models._scaffold import scaffold
from peerwatch.models._schema import THOUGHT


class Turn(BaseModel):
    """One message in the form for the small model."""

    model_config = ConfigDict(frozen=True)

    role: Literal["system", "user", "assistant"]
    content: str


def offered(tools: Sequence[ToolInfo], choice: ToolChoice) -> list[ToolInfo]:
    """The tools that may be called in this turn."""
    if choice == "none":
        return []
    if isinstance(choice, ToolFunction):
        return [tool for tool in tools if tool.name == choice.name]
    return scaffold().needed(tools)


def conversation(messages: Sequence[ChatMessage], tools: Sequence[ToolInfo]) -> list[Turn]:
    """Return the conversation in the form for the small model.

    The tools come first, because they are the same in every episode of a scenario, and no turn changes what was sent
    before it: the prompt cache is therefore valid within an episode, and its longest part across episodes.

    Args:
        messages: Inspect's messages.
        tools: The offered tools; plain chat if there are none.

    Returns:
        At most one system message, then the turns.
    """
    lead = 0
    while lead < len(messages) and messages[lead].role == "system":
        lead += 1
    head = ["\n".join([scaffold().how, *(_described(tool) for tool in tools)])] if tools else []
    head += [message.text.strip() for message in messages[:lead]]
    turns: list[Turn] = [Turn(role="system", content="\n\n".join(head))] if head else []
    rest = messages[lead:]
    for place, message in enumerate(rest):
        if isinstance(message, ChatMessageTool) and place and isinstance(rest[place - 1], ChatMessageTool):
            turns[-1] = Turn(role="user", content=f"{turns[-1].content}\n{_result(message)}")
        else:
            turns.append(_turn(message))
        last = place + 1 == len(rest) or not isinstance(rest[place + 1], ChatMessageTool)
        if tools and last and isinstance(message, ChatMessageTool) and (note := _note(messages[: lead + place + 1])):
            turns[-1] = Turn(role="user", content=f"{turns[-1].content}\n\n{note}")
    return turns


def _turn(message: ChatMessage) -> Turn:
    if isinstance(message, ChatMessageTool):
        return Turn(role="user", content=_result(message))
    if isinstance(message, ChatMessageAssistant):
        content = _written(message.text, message.tool_calls) if message.tool_calls else message.text
        return Turn(role="assistant", content=content)
    return Turn(role="user", content=message.text)


def _result(message: ChatMessageTool) -> str:
    name = message.function or "the call"
    if message.error:
        return f"Result of {name}: ERROR: {message.error.message}"
    return f"Result of {name}: {message.text}"


def _note(messages: Sequence[ChatMessage]) -> str:
    """A summary of what is done and what is left, from names and numbered steps: the same in every arm."""
    seen = seen_in(messages)
    lines = [f"Done so far: {'; '.join(seen.done)}."] if seen.done else []
    left = [name for name in seen.named if name not in seen.touched]
    if left:
        lines.append(f"Files that were named and not dealt with: {', '.join(left)}.")
    elif seen.done:
        lines.append("Every file that was named is dealt with. Call finish if no step is left.")
    if unread := seen.unread():
        ask = "" if seen.done else " Read all of them in one call before you change anything."
        lines.append(f"Documents that you have not read: {', '.join(unread)}.{ask}")
    elif seen.opened and not seen.done:
        # Texts read after an order push it out of a small model's attention.
        lines.append("All documents are read and nothing is done yet. Carry out the steps of the order, no others:")
        lines += seen.steps
    return "\n".join(lines)


def _written(thought: str, calls: Sequence[ToolCall]) -> str:
    """Calls exactly as the model wrote them: any difference would miss the prompt cache.

    Consecutive calls of a tool that differ only in its list argument are one call in the model's form. The model calls
    one tool per turn; different calls in the history of another agent get one line each.
    """
    lines: list[dict[str, Any]] = []
    for call in calls:
        many, arguments = scaffold().many(call.function), dict(call.arguments)
        last = lines[-1].get(call.function) if lines else None
        if many and many in arguments:
            name = arguments[many]
            if last and {**last, many: name} == arguments:
                last[many].append(name)
                continue
            arguments[many] = [name]
        lines.append({THOUGHT: "" if lines else thought, call.function: arguments})
    return "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)


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
    """Parse a turn written by the model.

    Args:
        text: The model's output.
        tools: The offered tools.
        model: Name of the model, for the message.

    Returns:
        A message with the thought as text and the one call, or None if it is not a call of an offered tool.
    """
    try:
        answer: Any = json.loads(text)
    except ValueError:
        return None
    if not isinstance(answer, dict):
        return None
    entries = cast("dict[str, Any]", answer)
    thought = entries.pop(THOUGHT, "")
    offered_names = {tool.name for tool in tools}
    if not isinstance(thought, str) or not entries or not entries.keys() <= offered_names:
        return None
    calls: list[ToolCall] = []
    for name, arguments in entries.items():
        if not isinstance(arguments, dict):
            return None
        calls += _calls(name, cast("dict[str, Any]", arguments))
    return ChatMessageAssistant(content=thought, tool_calls=calls, model=model, source="generate")


def _calls(tool: str, arguments: dict[str, Any]) -> list[ToolCall]:
    many = scaffold().many(tool)
    names: Any = arguments.get(many) if many else None
    if many is None or not isinstance(names, list):
        return [_call(tool, arguments)]
    return [_call(tool, {**arguments, many: name}) for name in dict.fromkeys(cast("list[str]", names))]


def _call(tool: str, arguments: dict[str, Any]) -> ToolCall:
    return ToolCall(id=f"call_{uuid4().hex[:12]}", function=tool, arguments=arguments)
