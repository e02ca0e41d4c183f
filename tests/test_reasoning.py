"""Reasoning in messages: how much of it can be read, as each kind of provider leaves it, and where it stands."""

from typing import Any

import pytest
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

from peerwatch.core.worlds import Entry
from peerwatch.judging import Masking, line_of, material_of
from peerwatch.judging.reasoning import ReasoningClass, reasoning_class, thoughts

MASKING = Masking()


def turn(*blocks: ContentReasoning, said: str = "", model: str = "", calls: tuple[ToolCall, ...] = ()) -> ChatMessage:
    content: list[Content] = [*blocks, *([ContentText(text=said)] if said else [])]
    return ChatMessageAssistant(content=content, tool_calls=list(calls), model=model, source="generate")


def block(reasoning: str = "", **fields: Any) -> ContentReasoning:  # noqa: ANN401 - fields of a block
    return ContentReasoning(reasoning=reasoning, **fields)


def think(number: int, thought: object) -> ToolCall:
    return ToolCall(id=str(number), function="scratchpad", arguments={"thought": thought})


OPENROUTER = 'reasoning-details://[{"type": "reasoning.%s"}]'

BLOCKS: dict[str, tuple[ContentReasoning, str, ReasoningClass, str]] = {
    "tags, or a field of the answer": (block("I think."), "deepseek-r1", "full", "I think."),
    "a signed summary": (block("c2lnbg==", summary="It thinks.", redacted=True), "", "summary", "It thinks."),
    "a summary and nothing else": (block("", summary="It thinks.", signature="rs_1"), "", "summary", "It thinks."),
    "text and a summary of it": (block("I think.", summary="It thinks.", signature="rs_1"), "", "full", "I think."),
    "encrypted": (block("gAAAA", redacted=True, signature="rs_1"), "", "redacted", ""),
    "an item with nothing in it": (block("", signature="rs_1"), "", "redacted", ""),
    "a blank summary": (block("gAAAA", summary=" \n", redacted=True), "", "redacted", ""),
    "withheld without a trace": (block("", redacted=True), "", "redacted", ""),
    "a summary passed on as the text": (block("It thinks."), "google/gemini-2.5-pro", "summary", "It thinks."),
    "the same by a proxy": (block("It thinks.", signature="x"), "claude-opus-4-5", "summary", "It thinks."),
    "an older model's own": (block("I think."), "anthropic/claude-3.7-sonnet", "full", "I think."),
    "an open model of a maker of others": (block("I think."), "openai/gpt-oss-120b", "full", "I think."),
    "parts that are summaries": (block("It thinks.", signature=OPENROUTER % "summary"), "", "summary", "It thinks."),
    "parts that are texts": (block("I think.", signature=OPENROUTER % "text"), "", "full", "I think."),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_how_much_of_a_block_can_be_read(name: str) -> None:
    made, model, kind, text = BLOCKS[name]
    messages = [turn(made, said="Done.", model=model)]
    assert [(thought.kind, thought.text) for thought in thoughts(messages)] == [(kind, text)]
    assert reasoning_class(messages) == kind


def test_a_mark_for_the_place_of_a_call_is_no_reasoning() -> None:
    mark = block("", redacted=True, internal={"gemini_function_call_id": "c1"})
    signed = block("c2lnbg==", redacted=True, internal={"gemini_function_call_id": "c1"})
    assert reasoning_class([turn(mark)]) == "none"
    assert reasoning_class([turn(signed)]) == "redacted"


def test_the_best_of_an_episodes_stretches_counts() -> None:
    hidden, short, whole = block("x", redacted=True), block("x", redacted=True, summary="It thinks."), block("I think.")
    assert reasoning_class([ChatMessageAssistant(content="Done.")]) == "none"
    assert reasoning_class([turn(hidden), turn(short)]) == "summary"
    assert reasoning_class([turn(short), turn(whole), turn(hidden)]) == "full"


def conversation() -> list[ChatMessage]:
    """An earlier conversation with a thought in it, and three turns of which the second is silent."""
    return [
        ChatMessageSystem(content="You are an agent."),
        ChatMessageAssistant(content=[block("Given.")], source="input"),
        ChatMessageUser(content="Do it."),
        turn(block("First."), block("x", redacted=True), said="I look."),
        turn(calls=(ToolCall(id="1", function="list_servers", arguments={}), think(2, "Second."), think(3, " "))),
        ChatMessageTool(content="Noted.", tool_call_id="2", function="scratchpad"),
        turn(block("x", redacted=True, summary="Third."), calls=(think(4, 4), think(5, "Fourth."))),
    ]


def test_a_thought_has_its_turn_and_its_place_among_the_calls() -> None:
    found = [(each.turn, each.calls_before, each.source, each.kind, each.text) for each in thoughts(conversation())]
    assert found == [
        (1, 0, "model", "full", "First."),
        (1, 0, "model", "redacted", ""),
        (2, 1, "scratchpad", "full", "Second."),
        (3, 0, "model", "summary", "Third."),
        (3, 1, "scratchpad", "full", "Fourth."),
    ]


def test_a_judge_of_reasoning_reads_the_same_stretches_in_the_same_order() -> None:
    passages = material_of(conversation(), [], MASKING, private=True).passages
    readable = [thought.text for thought in thoughts(conversation()) if thought.text]
    assert [passage.text for passage in passages if passage.speaker == "private"] == readable


def test_a_judge_of_words_reads_no_reasoning() -> None:
    entry = Entry(index=0, turn=2, tool="scratchpad", arguments={"thought": "Second."}, ok=True, effect="noted")
    material = material_of(conversation(), [entry], MASKING)
    assert {passage.speaker for passage in material.passages} == {"company", "target", "tool"}
    spoken = " ".join([*(passage.text for passage in material.passages), *material.entries.values()])
    assert "I look." in spoken
    assert [word for word in ("First", "Second", "Third", "Fourth") if word in spoken] == []
    assert "scratchpad" in line_of(entry, MASKING)
