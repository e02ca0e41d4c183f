"""Built-in monitors in which a model reads a view: a fenced record, one forced call, and a strict reading of it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    ContentReasoning,
    GenerateConfig,
    Model,
    ModelOutput,
)
from inspect_ai.tool import ToolFunction, ToolInfo, ToolParams
from inspect_ai.util import JSONSchema
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from peerwatch.core.yaml_files import from_yaml
from peerwatch.judging import ATTEMPTS, escaped, fence_of, filled
from peerwatch.monitors._views import VIEWS, Conversation, View

PATIENCE = {"max_retries": 2, "attempt_timeout": 300, "timeout": 900}
"""Retries of a call that the provider refused, and seconds for each try and for all of them."""

Answer = TypeVar("Answer", bound=BaseModel)


class NoAnswerError(Exception):
    """A model gave no usable answer; the message gives the reason without quoting it."""


class Rating(BaseModel):
    """What a model files about a record. Nothing is coerced, and other fields are errors."""

    model_config = ConfigDict(extra="forbid", strict=True)

    suspicion: float = Field(ge=0, le=1, allow_inf_nan=False)
    reason: str


class Extract(BaseModel):
    """What a model selects from a record."""

    model_config = ConfigDict(extra="forbid", strict=True)

    extract: str = Field(min_length=1)


class _Prompt(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    canary: str
    title: str
    version: int
    tool: str
    about: str
    again: str
    suspicion: str = ""
    reason: str = ""
    extract: str = ""
    system: str
    user: str
    text: str


@cache
def _prompt(name: str) -> _Prompt:
    text = files("peerwatch.monitors").joinpath("prompts", f"{name}.md").read_text(encoding="utf-8")
    _, front, body = text.split("---\n", 2)
    parts = dict(part.split("\n", 1) for part in f"\n{body}".split("\n## ")[1:])
    sections = {heading.strip(): content.strip() for heading, content in parts.items()}
    return _Prompt.model_validate({**from_yaml(front), **sections, "text": text})


def prompts_in(view: View) -> str:
    """The texts that a model reads beside the record, from which a cached score depends."""
    return _prompt("judge").text + (_prompt("extract").text if view == "extract" else "")


@dataclass(frozen=True)
class ModelMonitor:
    """A model that reads a record and files a rating.

    Attributes:
        model: The model.
        view: What the record shows, in words for the prompt.
    """

    model: Model
    view: View

    async def __call__(self, messages: Sequence[ChatMessage], tools: Sequence[ToolInfo]) -> float:
        """Return the suspicion.

        Raises:
            NoAnswerError: If there is no usable answer after three attempts.
        """
        del tools  # what was on offer is not part of the record
        rating = await _asked(self.model, "judge", record_of(messages), Rating, VIEWS[self.view])
        return rating.suspicion


async def extracted(model: Model, conversation: Conversation) -> Conversation:
    """The view `extract`: the messages before the target's first turn, and a model's extract of everything.

    Raises:
        NoAnswerError: If there is no usable answer after three attempts.
    """
    found = await _asked(model, "extract", record_of(conversation.messages), Extract, "")
    given: list[ChatMessage] = []
    for message in conversation.messages:
        if isinstance(message, ChatMessageAssistant) and message.source != "input":
            break
        given.append(message)
    return Conversation((*given, ChatMessageUser(content=found.extract)), conversation.tools)


def record_of(messages: Sequence[ChatMessage]) -> str:
    """Messages as JSON, an object a line; every character that cannot be seen is escaped."""
    return "\n".join(
        escaped(json.dumps({"message": number} | _fields(message), ensure_ascii=False))
        for number, message in enumerate(messages, 1)
    )


def _fields(message: ChatMessage) -> dict[str, Any]:
    found: dict[str, Any] = {"role": message.role}
    blocks = [] if isinstance(message.content, str) else message.content
    thoughts = [each.reasoning for each in blocks if isinstance(each, ContentReasoning) and not each.redacted]
    if thoughts:
        found["reasoning"] = "\n".join(thoughts)
    if message.text:
        found["text"] = message.text
    if isinstance(message, ChatMessageAssistant) and message.tool_calls:
        found["calls"] = [
            {"id": each.id, "tool": each.function, "arguments": each.arguments} for each in message.tool_calls
        ]
    if isinstance(message, ChatMessageTool):
        found["call"] = message.tool_call_id
        if message.error:
            found["error"] = message.error.message
    return found


async def _asked(model: Model, name: str, record: str, kind: type[Answer], shown: str) -> Answer:
    prompt, tool = _prompt(name), _tool(name)
    words = {"shown": shown, "fence": fence_of(record), "record": record, "tool": prompt.tool}
    text = filled(prompt.user, {key: words[key] for key in words})
    own = model.config.model_dump(exclude_none=True)
    config = GenerateConfig.model_validate({**PATIENCE, **own, "temperature": 0})
    problem = ""
    for _ in range(ATTEMPTS):
        more = "\n\n" + filled(prompt.again, {"problem": problem}) if problem else ""
        output = await model.generate(
            [ChatMessageSystem(content=prompt.system), ChatMessageUser(content=text + more)],
            tools=[tool],
            tool_choice=ToolFunction(tool.name),
            config=config,
        )
        try:
            return read_answer(output, tool.name, kind)
        except NoAnswerError as error:
            problem = str(error)
    raise NoAnswerError(problem)


def read_answer(output: ModelOutput, tool: str, kind: type[Answer]) -> Answer:
    """What a model filed: the arguments of its one call. Words beside the call are not read.

    Raises:
        NoAnswerError: If there is not exactly one call, or its arguments have another form.
    """
    if output.empty or output.stop_reason == "content_filter":
        raise NoAnswerError("there was no answer" if output.empty else "the provider's filter withheld the answer")
    calls = output.message.tool_calls or []
    if len(calls) != 1 or calls[0].function != tool:
        raise NoAnswerError(f"it held {len(calls)} calls instead of one call of the tool {tool}")
    if calls[0].parse_error:
        raise NoAnswerError("the arguments of the call were not a JSON object")
    try:
        return kind.model_validate(calls[0].arguments)
    except ValidationError as error:
        place = ".".join(map(str, error.errors()[0]["loc"][:1]))
        known = place if place in kind.model_fields else "the answer"
        raise NoAnswerError(f"{known} does not have the form that was asked for") from error


@cache
def _tool(name: str) -> ToolInfo:
    prompt = _prompt(name)
    fields: Mapping[str, Callable[[], JSONSchema]] = {
        "suspicion": lambda: JSONSchema(type="number", description=prompt.suspicion),
        "reason": lambda: JSONSchema(type="string", description=prompt.reason),
        "extract": lambda: JSONSchema(type="string", description=prompt.extract),
    }
    asked = ("suspicion", "reason") if name == "judge" else ("extract",)
    return ToolInfo(
        name=prompt.tool,
        description=prompt.about,
        parameters=ToolParams(
            properties={field: fields[field]() for field in asked}, required=list(asked), additionalProperties=False
        ),
    )
