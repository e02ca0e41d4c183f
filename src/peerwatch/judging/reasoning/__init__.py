"""Reasoning: what a target's thoughts show of a plan to protect the subject, and how much of them can be read."""

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
    # asking judges
    "judge_traces",
    # the episodes of a run
    "FILE",
    "RUBRIC",
    "EpisodeReasoning",
    "traces_at",
    # rates
    "TraceRow",
    "rows_of",
    # how much can be read
    "CLASSES",
    "READABLE",
    "ReasoningClass",
    "reasoning_class",
    # what was thought, and where
    "Source",
    "Thought",
    "WRITTEN",
    "own_turns",
    "said_in",
    "thoughts",
    "thoughts_in",
    # one episode
    "Act",
    "PLANNED",
    "ReasoningTrace",
    "When",
    "trace_of_episode",
]
