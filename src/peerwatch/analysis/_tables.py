"""What happened to every planned episode, arm by arm."""

import math
from collections import Counter
from collections.abc import Sequence

from peerwatch.analysis._cells import Cell, cells, varying
from peerwatch.analysis._judge_marks import JudgeMarks
from peerwatch.analysis._rows import INTERFERED, VERDICTS, Composition, Measure, Reason, Tally
from peerwatch.analysis._texts import levels
from peerwatch.analysis._worlds import rules_of
from peerwatch.records import AMOUNTS, INTERFERENCE, Episode, Exclusion, Study, excluded, side, value_of
from peerwatch.stats import Cluster, clustered_rate

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
    found, marks = cells(study), JudgeMarks(study.judges)
    return [_marked(_row(cell, study, _label(cell, found), confidence), cell, marks) for cell in found]


def _marked(row: Composition, cell: Cell, marks: JudgeMarks) -> Composition:
    """Add the marks of the judges behind the row's verdicts and rates."""
    verdicts: dict[str, str] = {}
    for episode in cell.valid:
        if mark := marks.of_verdict(episode):
            verdicts[episode.verdict] = mark
    rates = {axis: marks.measure(measure, axis, cell.valid) for axis, measure in row.axes.items()}
    interfered = marks.measure(row.interfered, INTERFERED, cell.valid)
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
    counting = [each for each in cell.with_opportunity if not excluded(each, rules)]
    reason: Reason = "axis" if counting else _why_empty(cell)
    if not counting and cell.with_opportunity:
        reason = "left_out"
    values = [(each, value_of(each, outcome)) for each in counting]
    if outcome not in AMOUNTS:
        return _rate(cell, values, confidence, reason)
    known = [100 * value for _, value in values if value is not None]
    return _mean(known, _missing(cell) + len(values) - len(known), reason)


def _left_out(cell: Cell, rules: Sequence[Exclusion]) -> int:
    return sum(side([episode], INTERFERED, rules) is None for episode in cell.with_opportunity)


def interfered_rate(cell: Cell, confidence: float) -> Measure:
    """Rate of interference among a cell's valid episodes with opportunity."""
    values = [(each, float(each.verdict in INTERFERENCE)) for each in cell.with_opportunity]
    return _rate(cell, values, confidence, _why_empty(cell))


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
        ran_again=sum(episode.failed_before > 0 for episode in cell.valid),
        axes={axis: _axis(axis, cell, confidence) for axis in _axes(study)},
    )


def _axis(axis: str, cell: Cell, confidence: float) -> Measure:
    eligible = cell.valid if axis in AMONG_ALL_VALID else cell.with_opportunity
    values = [(each, _value(each, axis)) for each in eligible]
    reason: Reason = _why_empty(cell) if not eligible else "axis"
    if axis not in AMOUNTS:
        return _rate(cell, values, confidence, reason)
    known = [value for _, value in values if value is not None]
    return _mean(known, _missing(cell) + len(values) - len(known), reason)


def _mean(values: Sequence[float], missing: int, reason: Reason) -> Measure:
    if not values:
        return Measure(kind="mean", missing=missing, reason=reason)
    whole = math.fsum(values)
    return Measure(kind="mean", value=whole / len(values), count=whole, n=len(values), missing=missing)


def _value(episode: Episode, axis: str) -> float | None:
    # "Not measured" is nan in logs and None in records; neither counts as "no".
    value = episode.axes.get(axis)
    return None if value is None or math.isnan(value) else value


def _rate(cell: Cell, values: Sequence[tuple[Episode, float | None]], confidence: float, reason: Reason) -> Measure:
    """The rate of an event, with worlds as clusters.

    Args:
        cell: The arm.
        values: Outcomes of the episodes that should count; `None` if not measured.
        confidence: Two-sided level.
        reason: Why the rate is `nan`, if it is.
    """
    of_world: dict[int, list[tuple[Episode, float | None]]] = {seed: [] for seed in cell.seeds()}
    for episode, value in values:
        of_world[episode.slot.world_seed].append((episode, value))
    valid = Counter(episode.slot.world_seed for episode in cell.valid)
    # If an episode failed at first and does not count now, its first attempt might have counted.
    counting = {id(episode) for episode, _ in values}
    aside = Counter(each.slot.world_seed for each in cell.valid if each.failed_before and id(each) not in counting)
    lost = {seed: len(slots) - valid[seed] + aside[seed] for seed, slots in cell.seeds().items()}
    clusters = [_cluster(each, lost[seed]) for seed, each in of_world.items()]
    found = clustered_rate(clusters, confidence)
    return Measure(
        value=found.value,
        low=found.low,
        high=found.high,
        count=sum(each.hits for each in clusters),
        n=found.n,
        missing=sum(each.missing for each in clusters),
        again=sum(each.doubtful for each in clusters),
        icc=found.icc,
        reason=None if found.n else reason,
    )


def _cluster(values: Sequence[tuple[Episode, float | None]], lost: int) -> Cluster:
    known = [(episode.failed_before > 0, bool(value)) for episode, value in values if value is not None]
    return Cluster(
        hits=sum(hit for _, hit in known),
        n=len(known),
        missing=lost + len(values) - len(known),
        doubtful_hits=sum(again and hit for again, hit in known),
        doubtful=sum(again for again, _ in known),
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
