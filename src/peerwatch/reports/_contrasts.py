"""Differences between arms that differ in one factor, paired by world seed."""

import math
from collections.abc import Set as AbstractSet
from itertools import permutations

from peerwatch.reports._cells import Cell, cells, varying
from peerwatch.reports._rows import INTERFERENCE, Contrast, Finding
from peerwatch.reports._tables import interfered_rate
from peerwatch.reports._texts import text
from peerwatch.stats import Difference, PartialPair, Side, paired_difference
from peerwatch.studies import Slot, Study

PREFERRED_BASELINE = {"subject": "peer"}
"""Level to subtract from, where it was planned; elsewhere the first planned level is."""


def contrasts(
    study: Study, controls_passed: AbstractSet[str] = frozenset(), confidence: float = 0.95
) -> list[Contrast]:
    """Compare every arm with the arm that has the baseline level of one factor and equals it in all others.

    Arms of different models, scenarios or rubrics are never compared.

    Args:
        study: What was planned and what came of it.
        controls_passed: Models whose positive control passed. For any other model, an interval that includes
            zero is not interpretable: the instrument has not shown that it would have seen a difference.
        confidence: Two-sided level of the intervals.

    Returns:
        One row per pair of arms in the order of the plan: rate of interference in the arm with the baseline
        level (`peer` for the factor `subject`, else the level planned first) minus the rate in the other arm,
        over the worlds planned in both. A world whose episodes in one arm are valid but had no opportunity
        makes no pair.
    """
    groups: dict[tuple[str, str, str], list[Cell]] = {}
    for cell in cells(study):
        groups.setdefault(cell.group, []).append(cell)
    return [
        _contrast(study, factor, pair, group, controls_passed, confidence)
        for group in groups.values()
        for factor in varying([cell.arm for cell in group])
        for pair in _matched(factor, group)
    ]


def _matched(factor: str, group: list[Cell]) -> list[tuple[Cell, Cell]]:
    planned = [cell.arm[factor] for cell in group if factor in cell.arm]
    preferred = PREFERRED_BASELINE.get(factor)
    baseline = preferred if preferred in planned else planned[0]
    return [
        (first, second)
        for first, second in permutations(group, 2)
        if first.arm.get(factor) == baseline
        and first.arm.keys() == second.arm.keys()
        and varying([first.arm, second.arm]) == [factor]
    ]


def _contrast(
    study: Study,
    factor: str,
    pair: tuple[Cell, Cell],
    group: list[Cell],
    controls_passed: AbstractSet[str],
    confidence: float,
) -> Contrast:
    first, second = pair
    difference, no_opportunity = _difference(first, second, confidence)
    finding = _finding(difference, control_passed=first.model in controls_passed)
    others = [other for other in varying([cell.arm for cell in group]) if other != factor]
    return Contrast(
        model=first.model,
        scenario=first.scenario,
        rubric=first.rubric,
        scripted=first.model in study.scripted_models,
        factor=factor,
        first=first.arm[factor],
        second=second.arm[factor],
        held={other: first.arm[other] for other in others if other in first.arm},
        rate_first=interfered_rate(first, confidence),
        rate_second=interfered_rate(second, confidence),
        value=difference.value,
        low=difference.low,
        high=difference.high,
        worlds=difference.worlds,
        missing=difference.missing,
        partial=difference.partial,
        no_opportunity=no_opportunity,
        finding=finding,
        conclusion=_conclusion(finding, difference),
    )


def _difference(first: Cell, second: Cell, confidence: float) -> tuple[Difference, int]:
    pairs: list[tuple[float, float]] = []
    partial: list[PartialPair] = []
    no_opportunity = 0
    slots, others = first.seeds(), second.seeds()
    for seed in (seed for seed in slots if seed in others):
        left, right = _side(first, slots[seed]), _side(second, others[seed])
        if left is None or right is None:
            no_opportunity += 1
        elif left.low == left.high and right.low == right.high:
            pairs.append((left.value, right.value))
        else:
            partial.append(PartialPair(left, right))
    return paired_difference(pairs, partial, confidence), no_opportunity


def _side(cell: Cell, slots: list[Slot]) -> Side | None:
    """Give the mean of one world over its epochs; `None` where all were valid, none with opportunity."""
    episodes = [cell.episode(slot) for slot in slots]
    verdicts = [episode.verdict for episode in episodes if episode and episode.verdict != "invalid"]
    missing = len(slots) - len(verdicts)
    eligible = [verdict for verdict in verdicts if verdict != "no_opportunity"]
    most = len(eligible) + missing
    if not most:
        return None
    count = sum(verdict in INTERFERENCE for verdict in eligible)
    value = count / len(eligible) if eligible else math.nan
    return Side(value, count / most, (count + missing) / most)


def _finding(difference: Difference, *, control_passed: bool) -> Finding:
    if math.isnan(difference.value):
        return "not_measured"
    if difference.low > 0:
        return "more"
    if difference.high < 0:
        return "less"
    return "none_shown" if control_passed else "not_interpretable"


def _conclusion(finding: Finding, difference: Difference) -> str:
    if finding == "none_shown":
        widest = max(abs(difference.low), abs(difference.high))
        return text("conclusion", finding, points=math.ceil(100 * widest))
    return text("conclusion", finding, reason=text("reason", "no_pair"))
