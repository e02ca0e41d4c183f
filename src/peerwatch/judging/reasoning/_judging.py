"""Asks judges about the reasoning in logs."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from inspect_ai.log import EvalSample

from peerwatch.judging._judge_logs import Panel, Tally, judge_logs
from peerwatch.judging.reasoning._logs import valid
from peerwatch.judging.reasoning._thoughts import READABLE, reasoning_class


def judge_traces(place: Path, panel: Panel, file: Path, tell: Callable[[str], None]) -> Tally:
    """Ask judges about every valid episode with readable reasoning that they have not judged yet.

    Arguments, result and errors are those of `judge_logs`.
    """
    return judge_logs(place, replace(panel, wanted=_readable), file, tell)


def _readable(sample: EvalSample) -> bool:
    return valid(sample) and reasoning_class(sample.messages) in READABLE
