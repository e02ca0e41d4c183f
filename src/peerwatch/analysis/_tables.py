"""What happened to every planned episode, arm by arm."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peerwatch.analysis._cells import Cell, cells, varying
from peerwatch.analysis._judge_marks import JudgeMarks
from peerwatch.analysis._rows import INTERFERED, VERDICTS, Composition, Measure, Reason, Tally
from peerwatch.analysis._texts import levels
from peerwatch.analysis._worlds import rules_of
from peerwatch.records import AMOUNTS, INTERFERENCE, Episode, Exclusion, Study, excluded, side, value_of
from peerwatch.stats import Clusters, clustered_rate

AMONG_ALL_VALID = frozenset({"opportunity", "completed"})
"""Axes that are meaningful without opportunity."""


def composition(study: Study, confidence: float = 0.95) -> list[Composition]:
    """Count what happened to every planned episode, per model, scenario, rubric and arm.

    Args:
        study: The plan and its episodes.
        confidence: Two-sided level of the intervals.

    Returns:
        One row per arm in the order of the plan. Rates are shares in [0, 1] with Wilson intervals over worlds as units,
        which missing episodes widen; a rate with an empty denominator is `nan` and has a reason.
    """
    found, marks, axes = cells(study), JudgeMarks(study.judges), _axes(study)
    return [_marked(_row(cell, study, _label(cell, found), axes, confidence), cell, marks) for cell in found]


def _marked(row: Composition, cell: Cell, marks: JudgeMarks) -> Composition:
    """Add the marks of the judges behind the row's verdicts and rates."""
    verdicts: dict[str, str] = {}
    for episode in cell.judged:
        if mark := marks.of_verdict(episode):
            verdicts[episode.verdict] = mark
    rates = {axis: marks.measure(measure, axis, cell.judged) for axis, measure in row.axes.items()}
    interfered = marks.measure(row.interfered, INTERFERED, cell.judged)
    return row.model_copy(update={"marks": verdicts, "axes": rates, "interfered": interfered})


def total(arms: Sequence[Composition]) -> Tally:
    """Add up the tallies of several arms."""
    tallies = [arm.tally for arm in arms]
    return Tally(
        planned=sum(each.planned for each in tallies),
        finished=sum(each.finished for each in tallies),
        incomplete=sum(each.incomplete for each in tallies),
        invalid=sum(each.invalid for each in tallies),
        not_run=sum(each.not_run for each in tallies),
    )


def outcome_measure(cell: Cell, outcome: str, rules: Sequence[Exclusion], confidence: float) -> Measure:
    """Measure a contrast's outcome in one arm, by the same rule as its worlds.

    Args:
        cell: The arm.
        outcome: An axis, or `interfered`.
        rules: Rules that exclude valid episodes.
        confidence: Two-sided level of the interval.

    Returns:
        A rate, or the mean of an amount in points, among valid episodes with opportunity that no rule excludes.
    """
    counting = [each for each in cell.with_opportunity if not rules or not excluded(each, rules)]
    reason: Reason = "axis" if counting else _why_empty(cell)
    if not counting and cell.with_opportunity:
        reason = "left_out"
    if outcome not in AMOUNTS:
        values = [value_of(each, outcome) for each in cell.valid]
        chosen = _valid(cell).able.copy()
        if rules:
            chosen &= np.array([not excluded(each, rules) for each in cell.valid], dtype=np.bool_)
        return _rate(cell, chosen, values, confidence, reason)
    found = [value_of(each, outcome) for each in counting]
    known = [100 * value for value in found if value is not None]
    return _mean(known, _missing(cell) + len(found) - len(known), reason)


def _left_out(cell: Cell, rules: Sequence[Exclusion]) -> int:
    if not rules:
        return 0
    return sum(side([episode], INTERFERED, rules) is None for episode in cell.with_opportunity)


def interfered_rate(cell: Cell, confidence: float) -> Measure:
    """Rate of interference among a cell's valid episodes with opportunity."""
    values = [float(each.verdict in INTERFERENCE) for each in cell.valid]
    return _rate(cell, _valid(cell).able, values, confidence, _why_empty(cell))


def _row(cell: Cell, study: Study, label: str, axes: Sequence[str], confidence: float) -> Composition:
    verdicts = [episode.verdict for episode in cell.episodes.values()]
    seeds, counts = cell.seeds(), Counter(verdicts)
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
        verdicts={verdict: counts[verdict] for verdict in VERDICTS},
        interfered=interfered_rate(cell, confidence),
        completed=_axis("completed", cell, confidence),
        left_out=_left_out(cell, rules_of(study)),
        ran_again=sum(episode.failed_before > 0 for episode in cell.valid),
        axes={axis: _axis(axis, cell, confidence) for axis in axes},
    )


def _axis(axis: str, cell: Cell, confidence: float) -> Measure:
    everyone = axis in AMONG_ALL_VALID
    eligible = cell.valid if everyone else cell.with_opportunity
    reason: Reason = _why_empty(cell) if not eligible else "axis"
    if axis not in AMOUNTS:
        able = _valid(cell).able
        values = _values(cell, axis)
        return _rate(cell, np.ones_like(able) if everyone else able, values, confidence, reason)
    found = [_value(each, axis) for each in eligible]
    known = [value for value in found if value is not None]
    return _mean(known, _missing(cell) + len(found) - len(known), reason)


def _mean(values: Sequence[float], missing: int, reason: Reason) -> Measure:
    if not values:
        return Measure(kind="mean", missing=missing, reason=reason)
    whole = math.fsum(values)
    return Measure(kind="mean", value=whole / len(values), count=whole, n=len(values), missing=missing)


def _values(cell: Cell, axis: str) -> list[float | None]:
    """An axis of every valid episode; those of a table that are alike share their axes, which are looked up once."""
    kinds = {id(each.axes): each for each in cell.valid}
    if len(kinds) > len(cell.valid) // 2:
        return [_value(each, axis) for each in cell.valid]
    of_kind = {key: _value(each, axis) for key, each in kinds.items()}
    return [of_kind[id(each.axes)] for each in cell.valid]


def _value(episode: Episode, axis: str) -> float | None:
    # "Not measured" is nan in logs and None in records; neither counts as "no".
    value = episode.axes.get(axis)
    return None if value is None or math.isnan(value) else value


@dataclass(frozen=True, slots=True)
class _Valid:
    """The valid episodes of an arm as columns.

    Attributes:
        world: Number of each one's world, in the order of the plan.
        again: Whether it failed at first.
        able: Whether it had the opportunity.
        planned: Of each world, the number of planned episodes.
    """

    world: NDArray[np.int64]
    again: NDArray[np.bool_]
    able: NDArray[np.bool_]
    planned: NDArray[np.int64]

    def per_world(self, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return how many of the chosen episodes each world has."""
        return np.bincount(self.world[chosen], minlength=len(self.planned))


def _valid(cell: Cell) -> _Valid:
    def columns() -> _Valid:
        seeds, valid = cell.seeds(), cell.valid
        number = {seed: place for place, seed in enumerate(seeds)}
        return _Valid(
            world=np.array([number[each.slot.world_seed] for each in valid], dtype=np.int64),
            again=np.array([each.failed_before > 0 for each in valid], dtype=np.bool_),
            able=np.array([each.verdict != "no_opportunity" for each in valid], dtype=np.bool_),
            planned=np.array([len(slots) for slots in seeds.values()], dtype=np.int64),
        )

    return cell.once("columns", columns)


def _rate(
    cell: Cell, counting: NDArray[np.bool_], values: Sequence[float | None], confidence: float, reason: Reason
) -> Measure:
    """The rate of an event, with worlds as clusters.

    Args:
        cell: The arm.
        counting: Which of its valid episodes should count.
        values: Of all valid episodes; `None` where it was not measured.
        confidence: Two-sided level.
        reason: Why the rate is `nan`, if it is.
    """
    each = _valid(cell)
    known = counting & np.array([value is not None for value in values], dtype=np.bool_)
    hit = known & np.array([bool(value) for value in values], dtype=np.bool_)
    n = each.per_world(known)
    # If an episode failed at first and does not count now, its first attempt might have counted.
    aside = each.per_world(each.again & ~counting)
    lost = each.planned - each.per_world(np.ones_like(counting)) + aside
    clusters = Clusters(
        hits=each.per_world(hit),
        n=n,
        missing=lost + each.per_world(counting) - n,
        doubtful_hits=each.per_world(hit & each.again),
        doubtful=each.per_world(known & each.again),
    )
    found = clustered_rate(clusters, confidence)
    return Measure(
        value=found.value,
        low=found.low,
        high=found.high,
        count=int(clusters.hits.sum()),
        n=found.n,
        missing=int(clusters.missing.sum()),
        again=int(clusters.doubtful.sum()),
        icc=found.icc,
        reason=None if found.n else reason,
    )


def _missing(cell: Cell) -> int:
    return len(cell.slots) - len(cell.valid)


def _why_empty(cell: Cell) -> Reason:
    if not cell.episodes:
        return "none_run"
    return "no_opportunity" if cell.valid else "all_invalid"


def _axes(study: Study) -> list[str]:
    seen = dict.fromkeys(tuple(episode.axes) for episode in study.episodes)  # few, though there are many episodes
    return list(dict.fromkeys(axis for axes in seen for axis in axes))


def _label(cell: Cell, found: list[Cell]) -> str:
    matching = [other.arm for other in found if other.group == cell.group]
    differing = varying(matching) or [factor for factor in ("subject",) if factor in cell.arm]
    return levels({factor: cell.arm.get(factor, "none") for factor in differing}) or "the only arm"
