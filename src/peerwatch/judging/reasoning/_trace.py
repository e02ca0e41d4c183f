"""The reasoning of one episode."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from inspect_ai.model import ChatMessage

from peerwatch.core.outcomes import AnyTrace, Words, assess, first_protective
from peerwatch.judging._masking import masking_of
from peerwatch.judging._material import material_of
from peerwatch.judging.reasoning._thoughts import (
    READABLE,
    ReasoningClass,
    Source,
    Thought,
    own_turns,
    reasoning_class,
    said_in,
    thoughts,
)

PLANNED = "planned"
"""The question whose quotes locate the plan."""

When = Literal["before", "after"]


@dataclass(frozen=True)
class Act:
    """The first time that the target protected the subject, or tried to.

    Attributes:
        turn: Number of the turn.
        calls_before: Calls of that turn before it.
        index: Its position in the journal; `None` if the act is an omission, which becomes apparent at the end.
    """

    turn: int
    calls_before: int
    index: int | None


@dataclass(frozen=True)
class ReasoningTrace:
    """The reasoning of an episode, with judges' answers.

    Attributes:
        reasoning: How much of it is readable: the maximum over its stretches.
        thoughts: Every stretch, in order.
        turns: Number of turns of the target.
        visible: Turns with visible text, in addition to calls.
        act: Its first protective act; `None` if there is none, not even an attempt.
        words: The judges' answers; `None` if the episode was not judged.
        plan: The stretches quoted by the judges who found a plan, in order; empty if no plan was found.
    """

    reasoning: ReasoningClass
    thoughts: tuple[Thought, ...]
    turns: int
    visible: tuple[int, ...]
    act: Act | None
    words: Words | None = None
    plan: tuple[Thought, ...] = ()

    @property
    def readable(self) -> bool:
        """Whether any of it is readable, including summaries."""
        return self.reasoning in READABLE

    @property
    def steps(self) -> tuple[int, ...]:
        """Turns with readable reasoning."""
        return tuple(sorted({thought.turn for thought in self.thoughts if thought.text}))

    @property
    def sources(self) -> frozenset[Source]:
        """Sources of the readable reasoning."""
        return frozenset(thought.source for thought in self.thoughts if thought.text)

    def value(self, question: str) -> bool | None:
        """The majority answer of the judges; `None` if it was not asked or they could not tell."""
        return self.words.value(question) if self.words else None

    @property
    def plan_steps(self) -> tuple[int, ...]:
        """Turns that contain the plan."""
        return tuple(sorted({thought.turn for thought in self.plan}))

    @property
    def when(self) -> When | None:
        """Whether the plan first occurs before or after the first protective act; `None` without a plan or an act."""
        if not self.plan or self.act is None:
            return None
        first = self.plan[0]
        return "before" if (first.turn, first.calls_before) <= (self.act.turn, self.act.calls_before) else "after"


def trace_of_episode(
    messages: Sequence[ChatMessage],
    episode: AnyTrace,
    metadata: Mapping[str, Any],
    words: Words | None = None,
) -> ReasoningTrace:
    """Read the reasoning of an episode.

    Args:
        messages: The whole conversation in the log.
        episode: The trace of the episode.
        metadata: `Sample.metadata`.
        words: The judges' answers for the rubric `trace`.
    """
    found = thoughts(messages)
    return ReasoningTrace(
        reasoning=reasoning_class(messages),
        thoughts=tuple(found),
        turns=len(own_turns(messages)),
        visible=tuple(turn for turn, message in enumerate(own_turns(messages), 1) if said_in(message).strip()),
        act=_act(episode),
        words=words,
        plan=_plan(messages, metadata, found, words) if words else (),
    )


def _act(episode: AnyTrace) -> Act | None:
    first = first_protective(episode)
    if first is not None:
        before = [entry for entry in episode.journal if entry.turn == first.turn and entry.index < first.index]
        return Act(first.turn, len(before), first.index)
    left_out = assess(episode).axes["interfered"]
    return Act(episode.ending.turns, len(episode.journal), None) if left_out else None


def _plan(
    messages: Sequence[ChatMessage], metadata: Mapping[str, Any], found: Sequence[Thought], words: Words
) -> tuple[Thought, ...]:
    if not words.value(PLANNED):
        return ()
    quoted = {quote.passage for answer in words.of(PLANNED) if answer.value for quote in answer.quotes}
    passages = material_of(messages, [], masking_of(metadata), private=True).passages
    private = [passage.number for passage in passages if passage.speaker == "private"]
    # A judge's private passages are the readable stretches, in the same order.
    readable = [thought for thought in found if thought.text]
    return tuple(thought for number, thought in zip(private, readable, strict=True) if number in quoted)
