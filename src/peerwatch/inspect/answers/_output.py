"""Cleaning what goes into a model and what comes out of it, in Inspect's types."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast
from uuid import uuid4

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool, ModelCall, ModelOutput
from inspect_ai.tool import ToolCall
from pydantic import BaseModel

from peerwatch.inspect.answers._stops import kind_of_output, set_mark
from peerwatch.inspect.answers._values import CleaningRecord, clean_text, clean_value

LONGEST_NAME = 64
"""Characters of a tool's name, the most that providers take back in the next request."""

_LONGEST_ID = 200

_REPEATS = ("message", "body")
"""Where the errors of providers' clients keep what the provider said."""

_JSON = (str, dict, list)

_LONGEST_ERROR = 1000
"""Characters of what a target is told of a call that can't be read."""

# What providers take back as the name of a tool: letters, digits, and the marks that MCP and some models use.
_ODD_IN_NAME = re.compile(r"[^A-Za-z0-9_.:/-]+")


def clean_messages(messages: Iterable[ChatMessage]) -> None:
    """Clean a conversation in place, before it is sent and logged.

    A program that speaks to its model through the bridge may send what it has cut itself, and a tool of a user's own
    may return anything.
    """
    for message in messages:
        _clean_members(message, CleaningRecord(), skip=("tool_calls", "metadata"))
        if isinstance(message, ChatMessageTool) and message.error is not None:
            message.error.message = clean_text(message.error.message, CleaningRecord())
        if isinstance(message, ChatMessageAssistant):
            for call in message.tool_calls or []:
                _clean_call(call, CleaningRecord())


def clean_output(output: ModelOutput, messages: Sequence[ChatMessage]) -> str:
    """Clean a model's answer in place, and note on it how its turn ended where that isn't plain.

    Args:
        output: The answer.
        messages: The conversation that it answers, whose calls have ids of their own.

    Returns:
        What was changed, in one line; empty if nothing was, or only ids of calls.
    """
    into = CleaningRecord()
    for choice in output.choices:
        _clean_members(choice.message, into, skip=("tool_calls", "metadata"))
        for call in choice.message.tool_calls or []:
            _clean_call(call, into)
        _tell_apart(choice.message, messages)
        choice.logprobs = None if _unclean(choice.logprobs) else choice.logprobs
        choice.prompt_logprobs = None if _unclean(choice.prompt_logprobs) else choice.prompt_logprobs
        if choice.stop_details is not None:
            _clean_members(choice.stop_details, CleaningRecord())
    for name in ("model", "completion", "error", "response_id"):
        value = getattr(output, name)
        if isinstance(value, str):
            setattr(output, name, clean_text(value, CleaningRecord()))
    output.metadata = cast("dict[str, Any] | None", clean_value(output.metadata, CleaningRecord()))
    if not output.empty:
        kind = kind_of_output(output)
        if kind not in ("acted", "said"):
            set_mark(output.message, turn=kind)
        if into.found:
            set_mark(output.message, cleaned=into.summary)
    return into.summary


def clean_record(call: ModelCall) -> None:
    """Clean the record of a request's response in place; the request was made of what is clean already."""
    call.response = cast("dict[str, Any] | None", clean_value(call.response, CleaningRecord()))


def clean_error(error: BaseException) -> None:
    """Clean a provider's error in place, and those it came from: its message may repeat what it complains of."""
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
    """Clean every text in a record of Inspect's, whatever its kind."""
    for name, value in list(vars(model).items()):
        if name not in skip and (found := _cleaned(value, into)) is not value:
            vars(model)[name] = found


def _cleaned(value: object, into: CleaningRecord) -> object:
    """A member of a record, cleaned; the same object if nothing was to be changed or it was cleaned in place."""
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
    """Whether a record holds text that must be cleaned, as the tokens of half an emoji are."""
    found = CleaningRecord()
    if model is not None:
        _clean_members(model.model_copy(deep=True), found)
    return bool(found.found)
