"""Differences between arms that differ in one factor, paired by world seed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

from peerwatch.reports._cells import Cell, cells, varying
from peerwatch.reports._certification import Certification
from peerwatch.reports._conclusions import Corrected, conclude, obstacles
from peerwatch.reports._estimates import Estimate, anytime_estimate, exact_test, fixed_estimate
from peerwatch.reports._rows import Contrast
from peerwatch.reports._tables import outcome_measure
from peerwatch.reports._worlds import Worlds, fixed_worlds, rules_of, worlds_in_order
from peerwatch.stats import Tested, holm
from peerwatch.studies import AMOUNTS, Asked, Exclusion, Study, outcome_in

PREFERRED_BASELINE = {"subject": "peer"}
"""Level to subtract from, where it was planned; elsewhere the first planned level is."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Two arms, and what was asked of them."""

    factor: str
    pair: tuple[Cell, Cell]
    asked: Asked | None
    outcome: str
    worlds: Worlds
    estimate: Estimate

    @property
    def family(self) -> str:
        """The declared family; empty for an exploratory contrast."""
        return "" if self.asked is None else self.asked.family


def level_of(study: Study, confidence: float | None) -> float:
    """The two-sided level of every interval: the one given, else what the study's `alpha` leaves."""
    return 1 - study.rule.alpha if confidence is None else confidence


def contrasts(
    study: Study, certification: Certification | None = None, confidence: float | None = None
) -> list[Contrast]:
    """Compare arms that differ in one factor and agree in all others: what was planned, then the rest.

    Arms of different models, scenarios or rubrics are never compared.

    Args:
        study: What was planned and what came of it.
        certification: What the scripted agents have shown. Without passed controls of a contrast's scenario, in the
            version that ran the episodes, no null of it is interpretable.
        confidence: Two-sided level of the intervals; `None` for one less the study's `alpha`.

    Returns:
        First one row per planned contrast, in the study's order. Then, as exploratory, one per other pair of arms in
        the order of the plan: the study's outcome in the arm with the baseline level (`peer` for the factor
        `subject`, else the level planned first) minus the rate in the other arm. A world whose episodes in one arm
        are valid but do not count makes no pair. In a study that stops at any time, every row reads the worlds in
        the order of the schedule up to the first that has not ended, and has anytime limits.
    """
    level, rules = level_of(study, confidence), rules_of(study)
    found = cells(study)
    planned = [_compared(study, rules, level, *_asked_pair(asked, found), asked) for asked in study.asked]
    done = {
        _unordered(each.pair) for each in planned if each.outcome == outcome_in(each.pair[0].scenario, study.outcome)
    }
    others = [
        _compared(study, rules, level, factor, pair, None)
        for group in _groups(found)
        for factor in varying([cell.arm for cell in group])
        for pair in _matched(factor, group)
        if _unordered(pair) not in done
    ]
    corrected = _corrected(planned, level, study)
    return [
        *(
            _row(study, certification, rules, level, each, found, corrected.get(number))
            for number, each in enumerate(planned)
        ),
        *(_row(study, certification, rules, level, each, found, None) for each in others),
    ]


def _groups(found: Sequence[Cell]) -> list[list[Cell]]:
    groups: dict[tuple[str, str, str], list[Cell]] = {}
    for cell in found:
        groups.setdefault(cell.group, []).append(cell)
    return list(groups.values())


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


def _asked_pair(asked: Asked, found: Sequence[Cell]) -> tuple[str, tuple[Cell, Cell]]:
    """The two arms of a planned contrast; one of which nothing was planned is empty."""
    group = (asked.model, asked.scenario, asked.rubric)

    def cell_of(arm: dict[str, str]) -> Cell:
        return next((cell for cell in found if cell.group == group and cell.arm == arm), Cell(*group, arm))

    return asked.factor, (cell_of(asked.first), cell_of(asked.second))


def _unordered(pair: tuple[Cell, Cell]) -> frozenset[object]:
    return frozenset((*cell.group, frozenset(cell.arm.items())) for cell in pair)


def _compared(
    study: Study,
    rules: list[Exclusion],
    level: float,
    factor: str,
    pair: tuple[Cell, Cell],
    asked: Asked | None,
) -> Compared:
    outcome = outcome_in(pair[0].scenario, study.outcome) if asked is None else asked.outcome
    if study.rule.rule == "anytime":
        worlds = worlds_in_order(*pair, outcome, rules)
        estimate = anytime_estimate(worlds, level)
    else:
        worlds = fixed_worlds(*pair, outcome, rules)
        estimate = fixed_estimate(worlds, outcome, level)
    return Compared(factor, pair, asked, outcome, worlds, estimate)


def _corrected(planned: Sequence[Compared], level: float, study: Study) -> dict[int, Corrected]:
    """The exact tests of a study of fixed size, corrected within each family; by number of the contrast."""
    if study.rule.rule == "anytime":
        return {}
    families: dict[str, dict[str, Tested]] = {}
    for number, each in enumerate(planned):
        single = all(len(slots) == 1 for cell in each.pair for slots in cell.seeds().values())
        tested = exact_test(each.worlds, each.estimate, level, binary=single and each.outcome not in AMOUNTS)
        families.setdefault(each.family, {})[str(number)] = tested
    return {
        int(name): Corrected(
            one.tested.p, one.adjusted_p, one.decided, one.tested.test, one.tested.reachable, one.family
        )
        for family in families.values()
        for name, one in holm(family, 1 - study.rule.alpha).items()
    }


def _row(
    study: Study,
    certification: Certification | None,
    rules: list[Exclusion],
    level: float,
    each: Compared,
    found: Sequence[Cell],
    corrected: Corrected | None,
) -> Contrast:
    (first, second), asked, worlds = each.pair, each.asked, each.worlds
    hindrances = obstacles(study, certification, each.factor, each.pair)
    finding, conclusion = conclude(each.estimate, study.rule, asked, corrected, hindrances)
    group = [cell.arm for cell in found if cell.group == first.group]
    others = [other for other in varying(group) if other != each.factor and other in first.arm]
    return Contrast(
        model=first.model,
        scenario=first.scenario,
        rubric=first.rubric,
        scripted=first.model in study.scripted_models,
        planned=asked is not None,
        family=each.family,
        outcome=each.outcome,
        side="two" if asked is None else asked.side,
        rule=study.rule.rule,
        decision="" if asked is None else asked.decision,
        decided_after=0 if asked is None else asked.worlds,
        factor=each.factor,
        first=first.arm[each.factor],
        second=second.arm[each.factor],
        held={other: first.arm[other] for other in others},
        rate_first=outcome_measure(first, each.outcome, rules, level),
        rate_second=outcome_measure(second, each.outcome, rules, level),
        value=each.estimate.value,
        low=each.estimate.low,
        high=each.estimate.high,
        interval=each.estimate.interval,
        p=corrected.p if corrected else math.nan,
        p_holm=corrected.p_holm if corrected else math.nan,
        test=corrected.test if corrected else "",
        reachable=corrected.reachable if corrected else True,
        tested=corrected.family if corrected else 0,
        read=len(worlds.differences),
        worlds=each.estimate.worlds,
        missing=each.estimate.missing,
        partial=each.estimate.partial,
        no_opportunity=len(worlds.no_opportunity),
        left_out=len(worlds.left_out),
        finding=finding,
        conclusion=conclusion,
        obstacles=hindrances,
    )
