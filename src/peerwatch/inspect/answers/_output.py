"""Cleans model inputs and outputs, in Inspect's types."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast
from uuid import uuid4

from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageTool,
    ModelCall,
    ModelOutput,
)
from inspect_ai.tool import ToolCall
from pydantic import BaseModel

from peerwatch.inspect.answers._stops import kind_of_output, set_mark
from peerwatch.inspect.answers._values import CleaningRecord, clean_text, clean_value

LONGEST_NAME = 64
"""Maximum length of a tool's name that providers accept in the next request."""

_LONGEST_ID = 200

_REPEATS = ("message", "body")
"""Attributes in which the errors of providers' clients store the provider's message."""

_JSON = (str, dict, list)

_LONGEST_ERROR = 1000
"""Maximum length of the error shown to a target for an unreadable call, in characters."""

# Characters other than those that providers accept in a tool's name: letters, digits, and marks used by MCP and some
# models.
_ODD_IN_NAME = re.compile(r"[^A-Za-z0-9_.:/-]+")


def clean_messages(messages: Iterable[ChatMessage]) -> None:
    """Clean a conversation in place, before it is sent and logged.

    A program that calls its model through the bridge may send text that it has cut itself, and a user's tool may return
    anything.
    """
    for message in messages:
        _clean_members(message, CleaningRecord(), skip=("tool_calls", "metadata"))
        if isinstance(message, ChatMessageTool) and message.error is not None:
            message.error.message = clean_text(message.error.message, CleaningRecord())
        if isinstance(message, ChatMessageAssistant):
            for call in message.tool_calls or []:
                _clean_call(call, CleaningRecord())


def clean_output(output: ModelOutput, messages: Sequence[ChatMessage]) -> str:
    """Clean a model's answer in place, and record on it how its turn ended unless that is evident.

    Args:
        output: The answer.
        messages: The conversation that it answers, whose calls have unique ids.

    Returns:
        What was changed, in one line; empty if nothing, or only ids of calls.
    """
    into = CleaningRecord()
    for choice in output.choices:
        _clean_choice(choice, messages, into)
    for name in ("model", "completion", "error", "response_id"):
        value = getattr(output, name)
        # Only what has changed is set: Inspect's records check each value that they are given.
        if isinstance(value, str) and (clean := clean_text(value, CleaningRecord())) is not value:
            setattr(output, name, clean)
    if output.metadata is not None:
        output.metadata = cast("dict[str, Any] | None", clean_value(output.metadata, CleaningRecord()))
    if not output.empty:
        kind = kind_of_output(output)
        if kind not in ("acted", "said"):
            set_mark(output.message, turn=kind)
        if into.found:
            set_mark(output.message, cleaned=into.summary)
    return into.summary


def _clean_choice(choice: ChatCompletionChoice, messages: Sequence[ChatMessage], into: CleaningRecord) -> None:
    _clean_members(choice.message, into, skip=("tool_calls", "metadata"))
    for call in choice.message.tool_calls or []:
        _clean_call(call, into)
    _tell_apart(choice.message, messages)
    if choice.logprobs is not None and _unclean(choice.logprobs):
        choice.logprobs = None
    if choice.prompt_logprobs is not None and _unclean(choice.prompt_logprobs):
        choice.prompt_logprobs = None
    if choice.stop_details is not None:
        _clean_members(choice.stop_details, CleaningRecord())


def clean_record(call: ModelCall) -> None:
    """Clean the record of a request's response in place; the request consists of clean text already."""
    call.response = cast("dict[str, Any] | None", clean_value(call.response, CleaningRecord()))


def clean_error(error: BaseException) -> None:
    """Clean a provider's error and its causes in place: its message may repeat the text that caused it."""
    met: list[BaseException] = []
    each: BaseException | None = error
    while each is not None and each not in met:
        met.append(each)
        each.args = tuple(clean_text(part, CleaningRecord()) if isinstance(part, str) else part for part in each.args)
        kept = {name: value for name, value in vars(each).items() if name in _REPEATS}
        vars(each).update(
            {name: clean_value(kept[name], CleaningRecord()) for name in kept if isinstance(kept[name], _JSON)}
        )
        each = each.__cause__ or each.__context__


def _clean_call(call: ToolCall, into: CleaningRecord) -> None:
    name = _ODD_IN_NAME.sub("_", call.function)[:LONGEST_NAME] or "unnamed"
    if name != call.function:
        into.note(f"the name of a tool, {call.function[:LONGEST_NAME]!a}, was replaced")
        call.function = name
    problems = CleaningRecord()
    arguments = clean_value(call.arguments, problems)
    if problems.found:
        into.found.update({what: into.found.get(what, 0) + times for what, times in problems.found.items()})
        call.arguments = cast("dict[str, Any]", arguments) if isinstance(arguments, dict) else {}
    if problems.unusable and not call.parse_error:
        call.parse_error = f"The arguments can't be used: {'; '.join(problems.unusable)}"
    if call.parse_error:
        said = clean_text(call.parse_error, CleaningRecord())
        half = _LONGEST_ERROR // 2  # it begins with the arguments and ends with what is wrong with them
        call.parse_error = said if len(said) <= _LONGEST_ERROR else f"{said[:half]} ... {said[-half:]}"


def _tell_apart(message: ChatMessageAssistant, messages: Sequence[ChatMessage]) -> None:
    """Give each call an id that is unique in the conversation, so that results can be matched to calls'."""
    calls = message.tool_calls or []
    if not calls:
        return
    known = {call.id for each in messages if isinstance(each, ChatMessageAssistant) for call in each.tool_calls or []}
    for call in calls:
        proper = clean_text(call.id, CleaningRecord())
        if not proper or proper != call.id or proper in known or len(proper) > _LONGEST_ID:
            call.id = f"call_{uuid4().hex[:24]}"
        known.add(call.id)


def _clean_members(model: BaseModel, into: CleaningRecord, skip: tuple[str, ...] = ()) -> None:
    """Clean every text in a record of Inspect, regardless of its type."""
    for name, value in list(vars(model).items()):
        if name not in skip and (found := _cleaned(value, into)) is not value:
            vars(model)[name] = found


def _cleaned(value: object, into: CleaningRecord) -> object:
    """Return a cleaned member of a record; the same object if it was unchanged or cleaned in place."""
    if isinstance(value, str):
        return clean_text(value, into)
    if isinstance(value, BaseModel):
        _clean_members(value, into)
    elif isinstance(value, list):
        items = cast("list[object]", value)
        items[:] = [_cleaned(each, into) for each in items]
    elif isinstance(value, Mapping):
        return clean_value(cast("Mapping[str, object]", value), into)
    return cast("object", value)


def _unclean(model: BaseModel | None) -> bool:
    """Whether a record contains text that must be cleaned, such as tokens of half an emoji."""
    found = CleaningRecord()
    if model is not None:
        _clean_members(model.model_copy(deep=True), found)
    return bool(found.found)
