"""Cleaning of answers: whatever stands in one, what is left can be logged, sent and read, and says what was changed."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageTool,
    ChatMessageUser,
    Content,
    ContentReasoning,
    ContentText,
    ModelOutput,
    ModelUsage,
    StopReason,
)
from inspect_ai.tool import ToolCall

from peerwatch.core.outcomes._stop_reasons import stop_named
from peerwatch.inspect.answers import (
    LONGEST_TEXT,
    MOST_DIGITS,
    CleaningRecord,
    clean_error,
    clean_messages,
    clean_output,
    clean_text,
    clean_value,
    kind_of_output,
    mark_of,
    marked_kind,
)

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=50)
"""Any text that Python can hold, halves of characters and NUL included."""

ANY_NUMBER = st.one_of(
    st.integers(),
    st.floats(),
    st.integers(min_value=1, max_value=6000).map(lambda digits: 10**digits),
)
ANY_VALUE = st.recursive(
    st.one_of(st.none(), st.booleans(), ANY_TEXT, ANY_NUMBER),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(ANY_TEXT, inner, max_size=4)),
    max_leaves=20,
)


def encoded(value: object) -> bytes:
    return json.dumps(value, allow_nan=False, ensure_ascii=False).encode()


@given(ANY_TEXT)
def test_every_text_can_be_encoded_afterwards_and_proper_text_stays(text: str) -> None:
    into = CleaningRecord()
    found = clean_text(text, into)
    assert "\0" not in found
    found.encode()
    assert clean_text(found, CleaningRecord()) == found
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert found == text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    assert bool(into.found) == ("\0" in text)


def test_two_halves_that_belong_together_are_joined_and_nothing_is_marked() -> None:
    into = CleaningRecord()
    assert clean_text("\ud83d\ude00 and \ud83d", into) == "😀 and \N{REPLACEMENT CHARACTER}"
    assert into.summary == "half a character was replaced"
    assert clean_text("\ud83d\ude00", into := CleaningRecord()) == "😀"
    assert not into.found


@given(ANY_VALUE)
def test_every_value_can_be_encoded_afterwards(value: object) -> None:
    into = CleaningRecord()
    found = clean_value(value, into)
    encoded(found)
    again = CleaningRecord()
    assert clean_value(found, again) == found
    assert not again.found
    if not into.found:
        assert found == value


NO_VALUES: dict[str, object] = {  # named, since pytest would print a number that Python refuses to print
    "long": 10**6000,
    "long and negative": -(10**6000),
    "a set": {1, 2},
    "bytes": b"raw",
}


@pytest.mark.parametrize("value", NO_VALUES.values(), ids=NO_VALUES)
def test_what_is_no_value_of_json_makes_a_call_unusable(value: object) -> None:
    into = CleaningRecord()
    assert isinstance(clean_value({"names": [value]}, into), dict)
    assert len(into.unusable) == 1


@pytest.mark.parametrize(("value", "text"), [(math.nan, "nan"), (math.inf, "inf"), (-math.inf, "-inf")])
def test_a_number_that_json_does_not_have_becomes_the_text_that_a_target_would_write(value: float, text: str) -> None:
    assert clean_value({"value": value}, into := CleaningRecord()) == {"value": text}
    assert (into.unusable, into.found) == ([], {"a number that JSON does not have was taken as text": 1})


@pytest.mark.parametrize("value", [0, -1, 10 ** (MOST_DIGITS - 1), 1e308, 5e-324, True, None, "", [], {}])
def test_what_is_a_value_of_json_stays(value: object) -> None:
    assert clean_value([value], into := CleaningRecord()) == [value]
    assert not into.found


def test_deep_and_wide_values_are_bounded() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for value in (deep, list(range(1_000_000))):
        into = CleaningRecord()
        assert len(encoded(clean_value(value, into))) < 5_000_000
        assert into.unusable


def answer(
    calls: list[ToolCall] | None = None,
    text: str = "",
    *,
    thought: str = "",
    stop: StopReason = "stop",
    reasoning: int | None = None,
    written: int = 0,
) -> ModelOutput:
    parts: list[Content] = [ContentReasoning(reasoning=thought), ContentText(text=text)]
    message = ChatMessageAssistant(content=parts if thought else text, tool_calls=calls, source="generate")
    return ModelOutput(
        model="m",
        choices=[ChatCompletionChoice(message=message, stop_reason=stop)],
        usage=ModelUsage(reasoning_tokens=reasoning, output_tokens=written),
    )


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT, st.dictionaries(ANY_TEXT, ANY_VALUE, max_size=4))
def test_every_answer_can_be_logged_afterwards(
    text: str, thought: str, name: str, call_id: str, arguments: dict[str, Any]
) -> None:
    output = answer([ToolCall(call_id, name, arguments)], text, thought=thought)
    clean_output(output, [])
    output.model_dump_json().encode()
    (call,) = output.message.tool_calls or []
    assert call.id
    assert call.function
    assert clean_output(output, []) == ""


def test_a_proper_answer_stays_and_gets_no_mark() -> None:
    output = answer([ToolCall("a", "read_document", {"name": "Übersicht 😀.txt"})], "I read it.", stop="tool_calls")
    before = output.model_dump()
    assert clean_output(output, []) == ""
    assert output.model_dump() == before
    assert mark_of(output.message) == {}


def test_a_call_that_holds_no_number_is_refused_and_still_shows_what_was_asked() -> None:
    output = answer([ToolCall("a", "set_setting", {"name": "x", "value": 10**6000})])
    said = clean_output(output, [])
    (call,) = output.message.tool_calls or []
    assert call.arguments["value"] == "(a number of about 6,001 digits)"
    assert "6,001 digits" in (call.parse_error or "")
    assert "6,001 digits" in said


def test_a_half_of_a_character_in_an_argument_leaves_the_call_as_it_is() -> None:
    output = answer([ToolCall("a", "write_document", {"name": "r", "content": "\ud83d Mean score: 80"})])
    assert clean_output(output, []) == "half a character was replaced"
    (call,) = output.message.tool_calls or []
    assert call.parse_error is None
    assert call.arguments["content"].endswith("Mean score: 80")


def test_every_call_of_a_conversation_has_an_id_of_its_own() -> None:
    earlier: list[ChatMessage] = [answer([ToolCall("a", "list_documents", {})]).message]
    calls = [ToolCall(each, "list_documents", {}) for each in ("a", "", "", "b", "b", "\ud83d", "x" * 1000)]
    output = answer(calls)
    assert clean_output(output, earlier) == ""
    ids = [call.id for call in output.message.tool_calls or []]
    assert len({"a", *ids}) == len(ids) + 1
    assert ids[3] == "b"


def test_a_text_that_is_too_long_is_cut() -> None:
    output = answer(text="x" * 5_000_000)
    assert "5,000,000" in clean_output(output, [])
    assert len(output.message.text) == LONGEST_TEXT


def test_what_goes_into_a_model_is_cleaned_in_place() -> None:
    messages: list[ChatMessage] = [
        ChatMessageUser(content="cut \ud83d"),
        ChatMessageUser(content=[ContentText(text="cut \ude00")]),
        ChatMessageAssistant(content="", tool_calls=[ToolCall("a", "t", {"name": "\ud83d"})]),
        ChatMessageTool(content="\0", tool_call_id="a"),
    ]
    clean_messages(messages)
    for each in messages:
        each.model_dump_json().encode()
        assert "\0" not in each.text


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("length", "max_tokens"),
        ("MAX_TOKENS", "max_tokens"),
        ("FinishReason.MAX_TOKENS", "max_tokens"),
        ("max_output_tokens", "max_tokens"),
        ("SAFETY", "content_filter"),
        ("RECITATION", "content_filter"),
        ("content_filtered", "content_filter"),
        ("refusal", "content_filter"),
        ("end_turn", "ended"),
        ("tool_use", "ended"),
        ("stop", "ended"),
        ("pause_turn", "unknown"),
        ("MALFORMED_FUNCTION_CALL", "unknown"),
        ("", "unknown"),
    ],
)
def test_providers_names_for_the_end_of_an_answer(name: str, meaning: str) -> None:
    assert stop_named(name) == meaning


BROKEN = ToolCall("a", "read_document", {}, parse_error="unexpected end")
WHOLE = ToolCall("b", "read_document", {"name": "x"})


@pytest.mark.parametrize(
    ("output", "kind"),
    [
        (answer([WHOLE]), "acted"),
        (answer([BROKEN]), "acted"),
        (answer([WHOLE, BROKEN], stop="max_tokens"), "acted"),
        (answer([BROKEN], stop="max_tokens"), "max_tokens"),
        (answer(text="I now", stop="max_tokens"), "max_tokens"),
        (answer(stop="max_tokens"), "max_tokens"),
        (answer(stop="content_filter"), "content_filter"),
        (answer(text="I cannot", stop="content_filter"), "content_filter"),
        (answer([WHOLE], stop="content_filter"), "acted"),
        (answer(text="Done."), "said"),
        (answer(), "said"),
        (answer(thought="Now I call."), "empty"),
        (answer(reasoning=50), "empty"),
        (answer(written=500), "empty"),
        (answer(written=3), "said"),
        (answer(text="<think>Now I call."), "empty"),
        (answer(text="Now I call.</think>"), "empty"),
        (answer(text="Now I call.</think>Done."), "said"),
        (answer(stop="unknown"), "empty"),
        (answer(text="Done.", stop="unknown"), "said"),
        (answer(thought="I wait.", text="Done."), "said"),
        (ModelOutput(), "empty"),
    ],
)
def test_how_a_turn_ended(output: ModelOutput, kind: str) -> None:
    assert kind_of_output(output) == kind
    if not output.empty:
        clean_output(output, [])
        assert marked_kind(output.message) == kind


def test_an_error_is_cleaned_with_those_it_came_from() -> None:
    cause, error = ValueError("odd \ud83d"), RuntimeError("bad request \ud83d")
    vars(error)["body"] = {"message": "\ud83d", "code": 10**6000}
    error.__cause__, cause.__context__ = cause, error
    clean_error(error)
    for each in (error, cause):
        str(each).encode()
    encoded(vars(error)["body"])
