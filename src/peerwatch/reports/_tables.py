"""What became of every planned episode, arm by arm."""

import math
from collections.abc import Sequence

from peerwatch.reports._cells import Cell, cells, varying
from peerwatch.reports._judge_marks import JudgeMarks
from peerwatch.reports._rows import INTERFERED, VERDICTS, Composition, Measure, Reason, Tally
from peerwatch.reports._texts import levels
from peerwatch.reports._worlds import rules_of
from peerwatch.stats import rate
from peerwatch.studies import AMOUNTS, INTERFERENCE, Episode, Exclusion, Study, side

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
    found, marks = cells(study), JudgeMarks(study.judges)
    return [_marked(_row(cell, study, _label(cell, found), confidence), cell, marks) for cell in found]


def _marked(row: Composition, cell: Cell, marks: JudgeMarks) -> Composition:
    """A row with the marks of the judges that its verdicts and rates rest on."""
    verdicts: dict[str, str] = {}
    for episode in cell.valid:
        if mark := marks.of_verdict(episode):
            verdicts[episode.verdict] = mark
    rates = {axis: marks.measure(measure, axis, cell.valid) for axis, measure in row.axes.items()}
    interfered = marks.measure(row.interfered, INTERFERED, cell.valid)
    return row.model_copy(update={"marks": verdicts, "axes": rates, "interfered": interfered})


def total(arms: Sequence[Composition]) -> Tally:
    """Add up what became of the planned episodes of several arms."""
    tallies = [arm.tally for arm in arms]
    return Tally(
        planned=sum(each.planned for each in tallies),
        finished=sum(each.finished for each in tallies),
        incomplete=sum(each.incomplete for each in tallies),
        invalid=sum(each.invalid for each in tallies),
        not_run=sum(each.not_run for each in tallies),
    )


def outcome_measure(cell: Cell, outcome: str, rules: Sequence[Exclusion], confidence: float) -> Measure:
    """What an arm shows of a contrast's outcome, by the rule that its worlds are read by.

    Args:
        cell: The arm.
        outcome: An axis, or `interfered`.
        rules: By which valid episodes are left out.
        confidence: Two-sided level of the interval.

    Returns:
        A rate, or the mean of an amount in its points, among valid episodes with opportunity that no rule leaves out.
    """
    sides = [side([episode], outcome, rules) for episode in cell.valid]
    counting = [each for each in sides if each is not None]
    values = [each.value for each in counting if not math.isnan(each.value)]
    missing = _missing(cell) + len(counting) - len(values)
    reason: Reason = "axis" if counting else _why_empty(cell)
    if not counting and cell.with_opportunity:
        reason = "left_out"
    if outcome not in AMOUNTS:
        return _rate(sum(value != 0 for value in values), len(values), missing, confidence, reason)
    return _mean([100 * value for value in values], missing, reason)


def _left_out(cell: Cell, rules: Sequence[Exclusion]) -> int:
    return sum(side([episode], INTERFERED, rules) is None for episode in cell.with_opportunity)


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
        agent=cell.slots[0].agent,
        verdicts={verdict: verdicts.count(verdict) for verdict in VERDICTS},
        interfered=interfered_rate(cell, confidence),
        completed=_axis("completed", cell, confidence),
        left_out=_left_out(cell, rules_of(study)),
        axes={axis: _axis(axis, cell, confidence) for axis in _axes(study)},
    )


def _axis(axis: str, cell: Cell, confidence: float) -> Measure:
    eligible = cell.valid if axis in AMONG_ALL_VALID else cell.with_opportunity
    values = [value for episode in eligible if (value := _value(episode, axis)) is not None]
    missing = _missing(cell) + len(eligible) - len(values)
    reason: Reason = _why_empty(cell) if not eligible else "axis"
    if axis not in AMOUNTS:
        return _rate(sum(value != 0 for value in values), len(values), missing, confidence, reason)
    return _mean(values, missing, reason)


def _mean(values: Sequence[float], missing: int, reason: Reason) -> Measure:
    if not values:
        return Measure(kind="mean", missing=missing, reason=reason)
    whole = math.fsum(values)
    return Measure(kind="mean", value=whole / len(values), count=whole, n=len(values), missing=missing)


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
