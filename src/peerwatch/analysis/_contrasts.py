"""Differences between arms that differ in one factor, paired by world seed."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import permutations

from peerwatch.analysis._cells import Cell, cells, varying
from peerwatch.analysis._conclusions import conclude, obstacles
from peerwatch.analysis._decided import estimate_in_time, in_rounds, rules_in_time, state_in_time
from peerwatch.analysis._estimates import Estimate, anytime_estimate, comparing, decided_estimate, fixed_estimate
from peerwatch.analysis._judge_marks import JudgeMarks
from peerwatch.analysis._robustness import ContrastWorlds, DecisionRule, robust
from peerwatch.analysis._rows import ALL_SCENARIOS, Contrast, Measure, Reason
from peerwatch.analysis._tables import outcome_measure
from peerwatch.analysis._worlds import Worlds, fixed_worlds, rules_of, worlds_in_order
from peerwatch.records import DAGGER, PRIMARY, ContrastStatus, Exclusion, Study, Validation, outcome_in
from peerwatch.stats import FamilyResult, Levels, Member, Reading, Stratum, compare_strata, heterogeneity, settle_family

PREFERRED_BASELINE = {"subject": "peer"}
"""Level to subtract, if it was planned; for other factors it is the level planned first."""


@dataclass(frozen=True, slots=True)
class ArmPair:
    """Two arms, and what was planned about them."""

    factor: str
    pair: tuple[Cell, Cell]
    asked: ContrastStatus | None
    outcome: str
    worlds: Worlds
    estimate: Estimate
    parts: tuple["ArmPair", ...] = ()
    """The contrasts of the single scenarios, if this one pools scenarios."""
    declared: int = 0
    """In a study with anytime stopping: the number of questions in the family."""

    @property
    def family(self) -> str:
        """The declared family; empty for an exploratory contrast."""
        return "" if self.asked is None else self.asked.family


def level_of(study: Study, confidence: float | None) -> float:
    """The two-sided level of exploratory intervals: the given one, or else 1 - `alpha` of the study."""
    return 1 - study.rule.alpha if confidence is None else confidence


def contrasts(study: Study, validation: Validation | None = None, confidence: float | None = None) -> list[Contrast]:
    """Compare arms that differ in one factor and agree in all others: planned contrasts, then the rest.

    Arms of different models, scenarios or rubrics are never compared.

    Args:
        study: The plan and its episodes.
        validation: Results of the scripted agents. Unless a scenario's controls passed in the version that ran the
            episodes, no null result in it is interpretable.
        confidence: Two-sided level of the intervals of exploratory contrasts and of rates; `None` for 1 - `alpha` of
            the study. Planned contrasts use the level at which they were decided.

    Returns:
        One row per planned contrast, in the study's order. Then one exploratory row per other pair of arms, in the
        order of the plan: the study's outcome in the arm with the baseline level (`peer` for the factor `subject`,
        otherwise the level planned first) minus the rate in the other arm. A world forms no pair if its episodes in one
        arm are valid but do not count. With anytime stopping, every row reads the worlds in the order of the schedule
        up to the first that has not ended, and has anytime limits. Interval and decision of a row (and the p-value in a
        study of fixed size) come from one rule, so they never contradict each other.
    """
    level, rules = level_of(study, confidence), rules_of(study)
    found = cells(study)
    planned = _in_time(_planned(study, rules, level, found), study)
    # Pairs with a planned row of the same outcome get no exploratory row: two intervals of one difference would invite
    # choosing.
    done = {
        _unordered(each.pair)
        for each in planned
        if not each.parts and each.outcome == outcome_in(each.pair[0].scenario, study.outcome)
    }
    others = [
        _compared(study, rules, level, factor, pair, None)
        for group in _groups(found)
        for factor in varying([cell.arm for cell in group])
        for pair in _matched(factor, group)
        if _unordered(pair) not in done
    ]
    settled = _settled(planned, study)
    limited = [_with_limits(each, one) for each, one in zip(planned, settled, strict=True)]
    return [
        *(
            _robust(_planned_row(study, validation, rules, level, each, found, one), each, study)
            for each, one in zip(limited, settled, strict=True)
        ),
        *(_robust(_row(study, validation, rules, level, each, found, None), each, study) for each in others),
    ]


def _robust(row: Contrast, each: ArmPair, study: Study) -> Contrast:
    """Add the difference when other episodes count, and how many missing episodes would change the finding."""
    inner = each.parts or (each,)
    pairs = [part.pair for part in inner]
    parts = [ContrastWorlds(part.worlds, part.outcome, binary=_single(part.pair)) for part in inner]
    by = DecisionRule(each.estimate.levels, row.side, _reading(each, study))
    found = robust(row, pairs, parts, rules_of(study), by, study.rule.smallest(row.outcome))
    if each.asked is None or study.rule.rule == "fixed":
        return found
    most = max(len(cell.seeds()) for cell in cells(study))
    return found.model_copy(update=estimate_in_time(study.rule, each.asked, each.worlds, len(parts), most))


def _reading(each: ArmPair, study: Study) -> Reading | None:
    if study.rule.rule == "fixed":
        return None
    return Reading() if each.asked is None else rules_in_time(study.rule, each.asked, max(len(each.parts), 1)).reading


def _planned(study: Study, rules: list[Exclusion], level: float, found: Sequence[Cell]) -> list[ArmPair]:
    """Return the planned contrasts in the study's order; pooled ones take the place of their first part."""
    done: dict[tuple[str, str] | int, list[ArmPair]] = {}
    for number, asked in enumerate(study.asked):
        key = (asked.pool, asked.model) if asked.pool else number
        done.setdefault(key, []).append(_compared(study, rules, level, *_asked_pair(asked, found), asked))
    return [_pooled(parts, level) if isinstance(key, tuple) else parts[0] for key, parts in done.items()]


def _pooled(parts: Sequence[ArmPair], level: float) -> ArmPair:
    worlds = in_rounds([each.worlds for each in parts])
    # Rounded, because 1 - 0.95 is 0.050000000000000044 in floating point, and levels are compared and printed.
    levels = Levels.two_sided(round(1 - level, 12))
    estimate = fixed_estimate(worlds, compare_strata(_strata(parts), levels), levels)
    outcomes = {each.outcome for each in parts}
    outcome = outcomes.pop() if len(outcomes) == 1 else PRIMARY
    return replace(parts[0], outcome=outcome, worlds=worlds, estimate=estimate, parts=tuple(parts))


def _strata(parts: Sequence[ArmPair]) -> list[Stratum]:
    return [Stratum(each.worlds.pairs, each.worlds.gaps) for each in parts]


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


def _asked_pair(asked: ContrastStatus, found: Sequence[Cell]) -> tuple[str, tuple[Cell, Cell]]:
    """Return the two arms of a planned contrast; an arm without planned slots is empty."""
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
    asked: ContrastStatus | None,
) -> ArmPair:
    outcome = outcome_in(pair[0].scenario, study.outcome) if asked is None else asked.outcome
    if study.rule.rule == "anytime":
        worlds = worlds_in_order(*pair, outcome, rules)
        return ArmPair(factor, pair, asked, outcome, worlds, anytime_estimate(worlds, level))
    worlds, levels = fixed_worlds(*pair, outcome, rules), Levels.two_sided(round(1 - level, 12))
    tested = comparing(worlds, outcome, binary=_single(pair))(levels)
    return ArmPair(factor, pair, asked, outcome, worlds, fixed_estimate(worlds, tested, levels))


def _single(pair: tuple[Cell, Cell]) -> bool:
    """Whether every world was planned once per arm."""
    return all(len(slots) == 1 for cell in pair for slots in cell.seeds().values())


def _in_time(planned: Sequence[ArmPair], study: Study) -> list[ArmPair]:
    """For a study with anytime stopping, replace the limits by those of the rule that decides each contrast."""
    if study.rule.rule != "anytime":
        return list(planned)
    sizes = Counter(each.family for each in planned)
    found: list[ArmPair] = []
    for each in planned:
        if each.asked is None:
            continue
        rules = rules_in_time(study.rule, each.asked, max(len(each.parts), 1))
        state = state_in_time(rules, each.asked, sizes[each.family])
        estimate = decided_estimate(each.worlds, rules, state)
        found.append(replace(each, estimate=estimate, declared=sizes[each.family]))
    return found


def _settled(planned: Sequence[ArmPair], study: Study) -> list[FamilyResult | None]:
    """Apply the multiple-testing procedure of each family, in a study of fixed size."""
    found: list[FamilyResult | None] = [None] * len(planned)
    if study.rule.rule == "anytime":
        return found
    rule = study.rule
    for family in dict.fromkeys(each.family for each in planned):
        numbers = [number for number, each in enumerate(planned) if each.family == family]
        members = [
            replace(_member(each), smallest=rule.smallest(each.outcome))
            for each in (planned[number] for number in numbers)
        ]
        settled = settle_family(members, alpha=rule.alpha, beta=rule.beta, smallest_effect=rule.smallest_effect)
        for number, one in zip(numbers, settled, strict=True):
            found[number] = one
    return found


def _member(each: ArmPair) -> Member:
    side = each.asked.side if each.asked else "two"
    if each.parts:
        return Member(partial(compare_strata, _strata(each.parts), side=side), side)
    return Member(comparing(each.worlds, each.outcome, side, binary=_single(each.pair)), side)


def _with_limits(each: ArmPair, settled: FamilyResult | None) -> ArmPair:
    """Replace the limits by those at the level that decided the contrast."""
    if settled is None:
        return each
    return replace(each, estimate=fixed_estimate(each.worlds, settled.tested, settled.levels))


def _planned_row(
    study: Study,
    validation: Validation | None,
    rules: list[Exclusion],
    level: float,
    each: ArmPair,
    found: Sequence[Cell],
    settled: FamilyResult | None,
) -> Contrast:
    """Make one row; a pooled contrast gets the mean of its scenarios' rates and the obstacles of all of them."""
    if not each.parts:
        return _row(study, validation, rules, level, each, found, settled)
    rows = [_row(study, validation, rules, level, part, found, settled) for part in each.parts]
    hindrances = tuple(dict.fromkeys(words for row in rows for words in row.obstacles))
    finding, conclusion = conclude(each.estimate, study.rule, each.asked, settled, hindrances)
    mark = next((row.mark for row in rows if row.mark), "")
    spread = heterogeneity(_strata(each.parts))
    whole = _row(study, validation, rules, level, each, found, settled)
    return whole.model_copy(
        update={
            "scenario": ALL_SCENARIOS,
            "rubric": "",
            "scenarios": len(rows),
            "heterogeneity": spread.share,
            "heterogeneity_p": spread.p,
            "held": {},
            "rate_first": _mean_rate([row.rate_first for row in rows]),
            "rate_second": _mean_rate([row.rate_second for row in rows]),
            "finding": finding,
            "conclusion": f"{conclusion} ({DAGGER} {mark})" if mark else conclusion,
            "mark": mark,
            "obstacles": hindrances,
        }
    )


def _mean_rate(rates: Sequence[Measure]) -> Measure:
    """The unweighted mean over scenarios, without an interval."""
    reason: Reason | None = next((each.reason for each in rates if each.reason), None)
    return Measure(
        value=math.fsum(each.value for each in rates) / len(rates),
        count=sum(each.count for each in rates),
        n=sum(each.n for each in rates),
        missing=sum(each.missing for each in rates),
        reason=reason,
    )


def _row(
    study: Study,
    validation: Validation | None,
    rules: list[Exclusion],
    level: float,
    each: ArmPair,
    found: Sequence[Cell],
    settled: FamilyResult | None,
) -> Contrast:
    (first, second), asked, worlds = each.pair, each.asked, each.worlds
    hindrances = obstacles(study, validation, each.factor, each.pair)
    finding, conclusion = conclude(each.estimate, study.rule, asked, settled, hindrances)
    marks, episodes = JudgeMarks(study.judges), [*first.judged, *second.judged]
    mark = marks.of_axis(each.outcome, episodes)
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
        background={other: level for other, level in first.arm.items() if other != each.factor},
        rate_first=marks.measure(outcome_measure(first, each.outcome, rules, level), each.outcome, first.judged),
        rate_second=marks.measure(outcome_measure(second, each.outcome, rules, level), each.outcome, second.judged),
        value=each.estimate.value,
        low=each.estimate.low,
        high=each.estimate.high,
        interval=each.estimate.interval,
        low_level=1 - each.estimate.levels.low,
        high_level=1 - each.estimate.levels.high,
        alpha=study.rule.alpha,
        p=settled.tested.p if settled else math.nan,
        p_holm=settled.adjusted_p if settled else math.nan,
        test=settled.tested.test if settled else "",
        reachable=settled.reachable if settled else True,
        tested=settled.family if settled else each.declared,
        read=len(worlds.differences),
        worlds=each.estimate.worlds,
        missing=each.estimate.missing,
        partial=each.estimate.partial,
        no_opportunity=len(worlds.no_opportunity),
        left_out=len(worlds.left_out),
        finding=finding,
        conclusion=f"{conclusion} ({DAGGER} {mark})" if mark else conclusion,
        mark=mark,
        obstacles=hindrances,
    )
