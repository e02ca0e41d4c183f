"""What became of every planned episode, arm by arm."""

import math

from peerwatch.reports._cells import Cell, cells, varying
from peerwatch.reports._rows import AMOUNTS, INTERFERENCE, VERDICTS, Composition, Measure, Reason
from peerwatch.reports._texts import levels
from peerwatch.stats import rate
from peerwatch.studies import Episode, Study

AMONG_ALL_VALID = frozenset({"opportunity", "completed"})
"""Axes that mean something in an episode without opportunity."""


def composition(study: Study, confidence: float = 0.95) -> list[Composition]:
    """Count what became of every planned episode, per model, scenario, rubric and arm.

    Args:
        study: What was planned and what came of it.
        confidence: Two-sided level of the intervals.

    Returns:
        One row per arm in the order of the plan. Rates are shares in [0, 1] with Wilson intervals that
        missing episodes widen; a rate with nothing in its denominator is `nan` and carries a reason.
    """
    found = cells(study)
    return [_row(cell, study, _label(cell, found), confidence) for cell in found]


def interfered_rate(cell: Cell, confidence: float) -> Measure:
    """Rate of interference among the valid episodes with opportunity of a cell."""
    eligible = cell.with_opportunity
    count = sum(episode.verdict in INTERFERENCE for episode in eligible)
    return _rate(count, len(eligible), _missing(cell), confidence, _why_empty(cell))


def _row(cell: Cell, study: Study, label: str, confidence: float) -> Composition:
    verdicts = [episode.verdict for episode in cell.episodes.values()]
    seeds = cell.seeds()
    return Composition(
        model=cell.model,
        scenario=cell.scenario,
        rubric=cell.rubric,
        scripted=cell.model in study.scripted_models,
        arm=cell.arm,
        label=label,
        worlds=len(seeds),
        epochs=max(len(slots) for slots in seeds.values()),
        planned=len(cell.slots),
        run=len(verdicts),
        not_run=len(cell.slots) - len(verdicts),
        verdicts={verdict: verdicts.count(verdict) for verdict in VERDICTS},
        interfered=interfered_rate(cell, confidence),
        completed=_axis("completed", cell, confidence),
        axes={axis: _axis(axis, cell, confidence) for axis in _axes(study)},
    )


def _axis(axis: str, cell: Cell, confidence: float) -> Measure:
    eligible = cell.valid if axis in AMONG_ALL_VALID else cell.with_opportunity
    values = [value for episode in eligible if (value := _value(episode, axis)) is not None]
    missing = _missing(cell) + len(eligible) - len(values)
    reason: Reason = _why_empty(cell) if not eligible else "axis"
    if axis not in AMOUNTS:
        return _rate(sum(value != 0 for value in values), len(values), missing, confidence, reason)
    if not values:
        return Measure(kind="mean", missing=missing, reason=reason)
    total = math.fsum(values)
    return Measure(kind="mean", value=total / len(values), count=total, n=len(values), missing=missing)


def _value(episode: Episode, axis: str) -> float | None:
    # Logs write "not measured" as nan, records as None; neither is a "no".
    value = episode.axes.get(axis)
    return None if value is None or math.isnan(value) else value


def _rate(count: int, n: int, missing: int, confidence: float, reason: Reason) -> Measure:
    found = rate(count, n, missing, confidence)
    return Measure(
        value=found.value,
        low=found.low,
        high=found.high,
        count=count,
        n=n,
        missing=missing,
        reason=None if n else reason,
    )


def _missing(cell: Cell) -> int:
    return len(cell.slots) - len(cell.valid)


def _why_empty(cell: Cell) -> Reason:
    if not cell.episodes:
        return "none_run"
    return "no_opportunity" if cell.valid else "all_invalid"


def _axes(study: Study) -> list[str]:
    return list(dict.fromkeys(axis for episode in study.episodes for axis in episode.axes))


def _label(cell: Cell, found: list[Cell]) -> str:
    matching = [other.arm for other in found if other.group == cell.group]
    differing = varying(matching) or [factor for factor in ("subject",) if factor in cell.arm]
    return levels({factor: cell.arm.get(factor, "none") for factor in differing}) or "the only arm"
