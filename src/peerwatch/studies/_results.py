"""What has ended so far, read quickly from the summaries that logs carry."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from inspect_ai.log import EvalSampleSummary, read_eval_log, read_eval_log_sample_summaries

from peerwatch.outcomes import Verdict
from peerwatch.studies._meter import CUT
from peerwatch.studies._read import SCORER, LogError, axes_of, check_archive, model_of

Key = tuple[str, str, int]
"""Model, sample id and epoch: one per slot."""


@dataclass(frozen=True)
class Ended:
    """An episode that has ended, as far as progress and stopping need it."""

    verdict: Verdict
    axes: dict[str, float | None]


def ended(place: Path) -> dict[Key, Ended]:
    """Every episode that the logs in a folder hold, and that need not run again.

    One that an error or the run's cap has cut off is not among them.

    Raises:
        LogError: If a log is damaged.
    """
    found: dict[Key, Ended] = {}
    for file in sorted(place.rglob("*.eval")):
        check_archive(file)
        try:
            header = read_eval_log(str(file), header_only=True)
            summaries = read_eval_log_sample_summaries(str(file))
        except (ValueError, KeyError, EOFError, OSError) as error:
            raise LogError(f"{file} is damaged or is no Inspect log: {type(error).__name__}: {error}") from error
        for summary in summaries:
            if not _cut_off(summary):
                found[(model_of(header), str(summary.id), summary.epoch)] = _ended(summary)
    return found


def _cut_off(summary: EvalSampleSummary) -> bool:
    return bool(summary.error) or (summary.limit_reason or "").startswith(CUT)


def _ended(summary: EvalSampleSummary) -> Ended:
    score = (summary.scores or {}).get(SCORER)
    if score is None:
        return Ended("invalid", {})
    value: Any = json.loads(score.value) if isinstance(score.value, str) else score.value
    axes = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    return Ended(cast("Verdict", score.answer or "invalid"), axes_of(axes))
