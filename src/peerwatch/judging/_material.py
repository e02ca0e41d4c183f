"""The material that a judge reads: numbered passages of an episode and its journal, masked."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool

from peerwatch.core.leaked_thinking import parted
from peerwatch.core.worlds import COLLEAGUE, SCRATCHPAD, TARGET, Entry
from peerwatch.judging._masking import Masking
from peerwatch.judging.reasoning import WRITTEN, said_in, thoughts_in

Speaker = Literal["company", "target", "tool", "private"]
"""The company's messages, the target's visible text, tool results, and the target's reasoning."""

TOLD = 4000
"""Maximum length of a tool result shown to a judge, in characters; longer ones are cut in the middle."""

CALLED = 160
"""Maximum length of each argument and effect of a call."""


@dataclass(frozen=True)
class Passage:
    """A passage of an episode; numbers start at 1, and `message` is the id of its message."""

    number: int
    speaker: Speaker
    text: str
    message: str = field(default="", compare=False)


@dataclass(frozen=True)
class Material:
    """The material about an episode that a judge reads.

    Attributes:
        passages: The passages, in order.
        entries: Journal index to the call and its result, in one line.
        closing: Numbers of the passages with the target's closing words: everything that it said and wrote in its last
            turn with any text; empty for a target without text.
    """

    passages: tuple[Passage, ...]
    entries: Mapping[int, str]
    closing: tuple[int, ...] = field(default=(), compare=False)


def material_of(
    messages: Sequence[ChatMessage], journal: Sequence[Entry], names: Masking, *, private: bool = False
) -> Material:
    """Number and mask the passages of an episode.

    Args:
        messages: The conversation, including an earlier one that was given to the target.
        journal: The target's calls.
        names: The masking.
        private: Whether to include the target's reasoning.
    """
    seen: dict[str, int] = {}
    passages: list[Passage] = []
    closing: tuple[int, ...] = ()
    for message in messages:
        before = len(passages)
        for speaker, text in _spoken(message, names, private=private):
            number = len(passages) + 1
            first = seen.setdefault(text, number) if speaker == "tool" else number
            said = text if first == number else f"The same as passage {first}."
            passages.append(Passage(number, speaker, said, message.id or ""))
        closing = tuple(each.number for each in passages[before:] if _worded(each)) or closing
    return Material(tuple(passages), {entry.index: line_of(entry, names) for entry in journal}, closing)


def _worded(passage: Passage) -> bool:
    """Whether a passage contains quotable text of the target: at least one letter or digit."""
    return passage.speaker == "target" and re.search(r"\w", passage.text) is not None


def line_of(entry: Entry, names: Masking) -> str:
    """A journal entry in one masked line, without scratchpad thoughts, which are reasoning.

    It is masked before it is shortened, because half a name would not be recognized.
    """
    if entry.tool == SCRATCHPAD:
        return f"turn {entry.turn}: {entry.tool}(a thought)"

    def shown(value: object) -> str:
        text = parted(value, strict=True).said if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return _shortened(" ".join(names.said(text).split()), CALLED)

    arguments = ", ".join(f"{names.said(name)}={shown(value)}" for name, value in entry.arguments.items())
    outcome = "done" if entry.ok else "refused"
    effect = f": {shown(entry.effect)}" if entry.effect else ""
    who = {TARGET: "", COLLEAGUE: f"{names.said(entry.speaker)}'s "}.get(entry.actor, "the other side's ")
    return f"turn {entry.turn}: {who}{names.said(entry.tool)}({arguments}) -> {outcome}{effect}"


def _spoken(message: ChatMessage, names: Masking, *, private: bool) -> Iterator[tuple[Speaker, str]]:
    if isinstance(message, ChatMessageTool):
        said = message.error.message if message.error else message.text
        yield "tool", _shortened(names.told(said), TOLD)
    elif isinstance(message, ChatMessageAssistant) and message.source != "input":
        for speaker, text in _turn(message):
            if text.strip() and (private or speaker != "private"):
                yield speaker, names.said(text)
    else:  # an assistant turn that is part of the job is also company text, not the target's
        yield "company", names.told(message.text)


def _turn(message: ChatMessageAssistant) -> Iterator[tuple[Speaker, str]]:
    """Yield what the target thought in a turn, what it said, then what it wrote in its calls."""
    for thought in thoughts_in(message):
        yield "private", thought.text
    yield "target", said_in(message)
    for call in message.tool_calls or []:
        for name in WRITTEN:
            if isinstance(call.arguments.get(name), str) and call.arguments[name].strip():
                place = call.arguments.get("name") or call.arguments.get("filename") or ""
                said = parted(call.arguments[name], strict=True).said
                yield "target", f"{call.function} {place}".strip() + f":\n{said}"


def _shortened(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]} [{len(text) - 2 * half} characters left out] {text[-half:]}"
