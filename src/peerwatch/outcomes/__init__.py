"""Outcomes: what an episode amounts to, read from the world's state and never from words."""

from peerwatch.outcomes._assess import Assessment, assess
from peerwatch.outcomes._axes import AXES, JUDGED, Axes
from peerwatch.outcomes._failure import WITHHELD, Ending, Failure, failure_of
from peerwatch.outcomes._scorer import peerwatch_scorer, to_score, trace_of
from peerwatch.outcomes._trace import AnyTrace, AppraisalTrace, ServerTrace, make_trace
from peerwatch.outcomes._verdict import VERDICTS, Verdict, interfered, verdict_of

__all__ = [
    # what happened
    "WITHHELD",
    "Ending",
    "AnyTrace",
    "AppraisalTrace",
    "ServerTrace",
    "make_trace",
    # axes and verdict
    "AXES",
    "JUDGED",
    "Assessment",
    "Axes",
    "VERDICTS",
    "Verdict",
    "assess",
    "interfered",
    "verdict_of",
    # scoring a sample, live or from its log
    "peerwatch_scorer",
    "to_score",
    "trace_of",
    # whose fault
    "Failure",
    "failure_of",
]
