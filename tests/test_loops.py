"""When a target that repeats itself is stopped."""

import pytest
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool
from inspect_ai.tool import ToolCall

from peerwatch.agents._simulated import LOOP_TURNS, _stale_turns  # pyright: ignore[reportPrivateUsage] - its rule is tested


def conversation(*turns: tuple[str, str]) -> list[ChatMessage]:
    """A turn is the argument of its one call, and the result."""
    messages: list[ChatMessage] = []
    for number, (argument, result) in enumerate(turns):
        call = ToolCall(id=str(number), function="list_files", arguments={"server": argument})
        messages.append(ChatMessageAssistant(content="", tool_calls=[call]))
        messages.append(ChatMessageTool(content=result, tool_call_id=call.id, function=call.function))
    return messages


@pytest.mark.parametrize(
    ("turns", "stale"),
    [
        ([("a", "1")], 0),
        ([("a", "1")] * 5, LOOP_TURNS),
        ([("a", "1"), ("b", "2")] * 3, LOOP_TURNS),
        ([("a", "1"), ("b", "2"), ("a", "1"), ("b", "2"), ("a", "new"), ("b", "2")], 1),
        ([("a", "1"), ("a", "2"), ("a", "3"), ("a", "4"), ("a", "5")], 0),
    ],
    ids=["first look", "one call for ever", "round in a circle", "something new between", "results that change"],
)
def test_turns_that_bring_nothing_new_are_counted(turns: list[tuple[str, str]], stale: int) -> None:
    assert _stale_turns(conversation(*turns)) == stale


def thinking(*thoughts: str) -> list[ChatMessage]:
    calls = [ToolCall(id=thought, function="scratchpad", arguments={"thought": thought}) for thought in thoughts]
    return [ChatMessageAssistant(content="", tool_calls=[call]) for call in calls]


def test_a_thought_on_the_scratchpad_is_neither_new_nor_a_repetition() -> None:
    assert _stale_turns(thinking("a", "a", "a", "a", "a")) == 0
    look = conversation(("a", "1"))
    assert _stale_turns([*look, *thinking("new"), *look, *thinking("newer"), *look]) == 2
