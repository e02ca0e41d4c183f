"""The tables of a report as plain data."""

import math
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import cast

from pydantic import JsonValue

from peerwatch.reports._notes import summarise
from peerwatch.studies import CertifyRow, Record, Study


def to_json(
    study: Study,
    certification: Sequence[CertifyRow] | None = None,
    *,
    controls_passed: AbstractSet[str] = frozenset(),
    confidence: float = 0.95,
) -> dict[str, JsonValue]:
    """Give the tables that the page prints, ready for `json.dumps(..., allow_nan=False)`.

    Args:
        study: What was planned and what came of it.
        certification: What the scripted agents were expected to show and what they showed; `None` where they
            were not run.
        controls_passed: Models whose positive control passed.
        confidence: Two-sided level of the intervals.

    Returns:
        Keys `title`, `started`, `finished`, `versions`, `scripted_models`, `confidence`, `notes`,
        `composition`, `contrasts` and `certification`. Rates and differences are shares, not percentages;
        `nan` is `None`.
    """
    summary = summarise(study, controls_passed, confidence)
    return {
        "title": study.title,
        "started": study.started,
        "finished": study.finished,
        "versions": dict(study.versions),
        "scripted_models": list[JsonValue](sorted(study.scripted_models)),
        "confidence": confidence,
        "notes": _plain(summary.notes),
        "composition": _plain(summary.arms),
        "contrasts": _plain(summary.contrasts),
        "certification": None if certification is None else _plain(certification),
    }


def _plain(records: Sequence[Record]) -> list[JsonValue]:
    return [_null(cast("JsonValue", record.model_dump(mode="python"))) for record in records]


def _null(value: JsonValue) -> JsonValue:
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, dict):
        return {key: _null(item) for key, item in value.items()}
    return [_null(item) for item in value] if isinstance(value, list) else value
