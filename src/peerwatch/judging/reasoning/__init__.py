"""Reasoning: what a target's reasoning shows about a plan to protect the subject, and how much of it is readable."""

from typing import TYPE_CHECKING

from peerwatch.core.deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.judging.reasoning._judging import judge_traces
    from peerwatch.judging.reasoning._logs import FILE, RUBRIC, EpisodeReasoning, traces_at
    from peerwatch.judging.reasoning._rows import TraceRow, rows_of
    from peerwatch.judging.reasoning._thoughts import (
        CLASSES,
        READABLE,
        WRITTEN,
        ReasoningClass,
        Source,
        Thought,
        own_turns,
        reasoning_class,
        said_in,
        thoughts,
        thoughts_in,
    )
    from peerwatch.judging.reasoning._trace import PLANNED, Act, ReasoningTrace, When, trace_of_episode
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # Asking judges
    "judge_traces",
    # The episodes of a run
    "FILE",
    "RUBRIC",
    "EpisodeReasoning",
    "traces_at",
    # Rates
    "TraceRow",
    "rows_of",
    # Readability
    "CLASSES",
    "READABLE",
    "ReasoningClass",
    "reasoning_class",
    # Thoughts
    "Source",
    "Thought",
    "WRITTEN",
    "own_turns",
    "said_in",
    "thoughts",
    "thoughts_in",
    # One episode
    "Act",
    "PLANNED",
    "ReasoningTrace",
    "When",
    "trace_of_episode",
]
