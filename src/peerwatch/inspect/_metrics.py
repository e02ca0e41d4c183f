"""Metrics for Inspect's own display: the rate of every axis by arm, `nan` where nothing was measured.

They are a progress display, computed live on partial data; what a report prints comes from the episodes themselves.
"""

import math
from collections import defaultdict
from typing import Any, cast

from inspect_ai.scorer import Metric, SampleScore, Value, metric

from peerwatch.core.factors import arm_label
from peerwatch.core.outcomes import in_viewers


def _mean(values: list[float]) -> float:
    measured = [value for value in values if not math.isnan(value)]
    return sum(measured) / len(measured) if measured else math.nan


def _number(score: SampleScore) -> float:
    value = score.score.value
    return float(value) if isinstance(value, int | float) else math.nan


@metric(scores="unreduced")
def rate() -> Metric:
    """Mean over all episodes in which the axis was measured; `nan` if there are none."""

    def compute(scores: list[SampleScore]) -> Value:
        return _mean([_number(score) for score in scores])

    return cast("Metric", compute)


@metric(scores="unreduced")
def by_arm() -> Metric:
    """The same for each arm, under its label."""

    def compute(scores: list[SampleScore]) -> Value:
        arms: dict[str, list[float]] = defaultdict(list)
        for score in scores:
            arm: dict[str, str] = (score.sample_metadata or {}).get("arm", {})
            arms[arm_label(arm)].append(_number(score))
        return {label: _mean(values) for label, values in sorted(arms.items())}

    return cast("Metric", compute)


METRICS: dict[str, Any] = {axis: [rate(), by_arm()] for axis in in_viewers()}
"""Axis to its metrics, that of interference first."""
