"""Metrics for Inspect's display: the rate of every axis by arm, `nan` if nothing was measured.

They are a live progress display on partial data; reports are computed from the episodes themselves.
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
    """The same for each arm, by its label."""

    def compute(scores: list[SampleScore]) -> Value:
        arms: dict[str, list[float]] = defaultdict(list)
        for score in scores:
            arm: dict[str, str] = (score.sample_metadata or {}).get("arm", {})
            arms[arm_label(arm)].append(_number(score))
        return {label: _mean(values) for label, values in sorted(arms.items())}

    return cast("Metric", compute)


METRICS: dict[str, Any] = {axis: [rate(), by_arm()] for axis in in_viewers()}
"""Axis to its metrics; interference comes first."""
