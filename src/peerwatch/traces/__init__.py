"""Traces: what the reasoning in a log shows of a plan to protect the subject, and whether the target said otherwise."""

from peerwatch.traces._judging import judge_traces
from peerwatch.traces._logs import FILE, RUBRIC, Traced, traces_at
from peerwatch.traces._rows import TraceRow, rows_of
from peerwatch.traces._trace import PLANNED, Act, ReasoningTrace, When, trace_of_episode

__all__ = [
    # one episode
    "PLANNED",
    "Act",
    "ReasoningTrace",
    "When",
    "trace_of_episode",
    # the episodes of a run
    "FILE",
    "RUBRIC",
    "Traced",
    "traces_at",
    # asking judges
    "judge_traces",
    # rates
    "TraceRow",
    "rows_of",
]
