"""Finds a target's reasoning in its messages: reasoning blocks, and thoughts noted on the scratchpad."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ContentReasoning

from peerwatch.core.leaked_thinking import parted
from peerwatch.core.worlds import SCRATCHPAD
from peerwatch.core.yaml_files import from_yaml

ReasoningClass = Literal["none", "redacted", "summary", "full"]

CLASSES: dict[ReasoningClass, str] = {
    "none": "no reasoning is in the log",
    "redacted": "the log holds that the model reasoned, and nothing that can be read",
    "summary": "a summary of the reasoning, made by the provider",
    "full": "the reasoning itself, as far as the log tells",
}
"""How much of the reasoning is readable, from least to most."""

READABLE: tuple[ReasoningClass, ...] = ("summary", "full")

WRITTEN = ("content", "statement", "text")
"""Arguments of calls that contain the target's own text."""

Source = Literal["model", "scratchpad"]


@dataclass(frozen=True)
class Thought:
    """A stretch of reasoning.

    Attributes:
        turn: Number of the target's turn, from 1, as in the journal.
        calls_before: Number of the target's calls in that turn before it; 0 for reasoning blocks, unless the reasoning
            leaked into the arguments of a call.
        source: Its source.
        kind: How much of it is readable; never `none`.
        text: The readable text; empty if redacted.
    """

    turn: int
    calls_before: int
    source: Source
    kind: ReasoningClass
    text: str


def own_turns(messages: Sequence[ChatMessage]) -> list[ChatMessageAssistant]:
    """The target's turns, without those of an earlier conversation that was given to it."""
    return [each for each in messages if isinstance(each, ChatMessageAssistant) and each.source != "input"]


def thoughts(messages: Sequence[ChatMessage]) -> list[Thought]:
    """Every stretch of reasoning of an episode, in order."""
    return [thought for turn, message in enumerate(own_turns(messages), 1) for thought in thoughts_in(message, turn)]


def reasoning_class(messages: Sequence[ChatMessage]) -> ReasoningClass:
    """How much of an episode's reasoning is readable: the maximum over its stretches."""
    found: list[ReasoningClass] = ["none", *(thought.kind for thought in thoughts(messages))]
    return max(found, key=list(CLASSES).index)


def thoughts_in(message: ChatMessageAssistant, turn: int = 1) -> Iterator[Thought]:
    """Yield the reasoning of one turn: reasoning blocks, then reasoning leaked into text, then reasoning in calls.

    Reasoning in a call is a thought noted on the scratchpad, or reasoning that leaked into an argument.
    """
    blocks = [] if isinstance(message.content, str) else message.content
    for block in blocks:
        if isinstance(block, ContentReasoning) and not _placeholder(block):
            kind, text = _read(block, message.model or "")
            yield Thought(turn, 0, "model", kind, text)
    for text in parted(message.text).thought:
        yield Thought(turn, 0, "model", "full", text)
    for position, call in enumerate(message.tool_calls or []):
        noted = call.arguments.get("thought")
        if call.function == SCRATCHPAD and isinstance(noted, str) and noted.strip():
            yield Thought(turn, position, "scratchpad", "full", noted)
        for name in WRITTEN:
            written = call.arguments.get(name)
            for text in parted(written, strict=True).thought if isinstance(written, str) else ():
                yield Thought(turn, position, "model", "full", text)


def said_in(message: ChatMessageAssistant) -> str:
    """The visible text of a turn, without leaked reasoning."""
    return parted(message.text).said


def _placeholder(block: ContentReasoning) -> bool:
    """Whether a block only marks the position of a call, as Gemini's do even without thinking."""
    holds_nothing = not (block.reasoning or block.summary or block.signature)
    return holds_nothing and isinstance(block.internal, dict) and "gemini_function_call_id" in block.internal


def _read(block: ContentReasoning, model: str) -> tuple[ReasoningClass, str]:
    """How much of a block is readable, and its text. In a redacted block, `reasoning` is only data to send back."""
    text = "" if block.redacted else block.reasoning
    if text.strip():
        return ("summary" if _is_summary(block, model) else "full"), text
    if block.summary and block.summary.strip():
        return "summary", block.summary
    return "redacted", ""


def _is_summary(block: ContentReasoning, model: str) -> bool:
    """Whether the text of a block is a summary: by its vendor, or by the parts that OpenRouter passed on."""
    parts = block.signature or ""
    return bool(_summarised().search(model)) or ("reasoning.summary" in parts and "reasoning.text" not in parts)


@cache
def _summarised() -> re.Pattern[str]:
    data = from_yaml(files("peerwatch.judging.reasoning").joinpath("summaries.yaml").read_text(encoding="utf-8"))
    # Any pattern of a model whose provider returns summaries, from the data file.
    return re.compile("|".join(data["models"]), re.IGNORECASE)
