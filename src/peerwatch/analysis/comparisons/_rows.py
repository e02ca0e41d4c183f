"""Rows of a comparison: by arm, by scenario, and over all scenarios."""

import math
from collections.abc import Iterator, Sequence
from typing import Literal

from peerwatch.analysis._estimates import Estimate, anytime_estimate, comparing, fixed_estimate
from peerwatch.analysis._robustness import ContrastWorlds, DecisionRule, beside, tipping, tipping_words
from peerwatch.analysis._rows import SensitivityEstimate
from peerwatch.analysis._texts import robustness_words
from peerwatch.analysis.comparisons._beyond import DifferenceOfDifferences, beyond
from peerwatch.analysis.comparisons._gates import Change
from peerwatch.analysis.comparisons._nulls import obstacles
from peerwatch.analysis.comparisons._pairing import Cell, Pairing
from peerwatch.analysis.comparisons._scopes import Scope, scope_of
from peerwatch.analysis.comparisons._texts import text
from peerwatch.core.outcomes import JUDGED
from peerwatch.records import Among, Record
from peerwatch.stats import Known, Levels, Reading, e_value

Finding = Literal["more", "less", "none_shown", "not_interpretable", "not_measured"]

Kind = Literal["pooled", "scenario", "arm", "beyond"]

ALL_COUNT: tuple[Among, Among] = ("valid", "could_have")
"""Every valid episode; and every one as if it had had the opportunity."""

BETTING = "bets, valid at any time"
"""The test for data without an exact test, and for repeated looks."""


class Row(Record):
    """B minus A, paired by world. Differences are in [-1, 1] (amounts divided by 100), those `beyond` in [-2, 2]."""

    kind: Kind
    """`pooled` over scenarios, one `scenario`, or one `arm`; `beyond` is B's effect for a peer versus an object, minus
    A's.
    """
    scenario: str
    """With its rubric; empty if pooled."""
    arm: dict[str, str]
    """Empty if pooled, or for a whole scenario."""
    outcome: str
    a: float
    """Mean over the worlds behind the value; for `beyond`, the peer's minus the object's."""
    b: float
    value: float
    low: float
    high: float
    interval: str
    """Source of the limits: `exact`, `t`, `labels` (corrected for a judge's errors) or `anytime`."""
    p: float
    """Two-sided."""
    test: str
    worlds: int
    missing: int
    partial: int
    no_opportunity: int
    left_out: int
    unread: int
    again_a: int = 0
    """Episodes of A that failed at first and ran again: the limits allow for any result of the first attempt."""
    again_b: int = 0
    everyone: SensitivityEstimate = SensitivityEstimate()
    """By intention to treat: every valid episode counts, with or without opportunity, none excluded."""
    had_opportunity: SensitivityEstimate = SensitivityEstimate()
    """As if every target had had the opportunity: the limits allow for any conduct of those that did not."""
    uncertain: int = 0
    """Episodes of its worlds that are missing or ran again."""
    tipping: int | None = None
    """Number of these that would suffice to change the finding of the observed episodes."""
    robustness: tuple[str, ...] = ()
    """The sensitivity analyses in sentences."""
    finding: Finding
    conclusion: str
    obstacles: tuple[str, ...]
    """Why a null result of this row would not be interpretable; empty if it would be."""
    mark: str = ""
    """Mark of the judges behind its outcome; the conclusion ends with it."""


def rows_of(pairing: Pairing, outcome: str, alpha: float, *, anytime: bool) -> list[Row]:
    """Return every row of an outcome, the most general first.

    Args:
        pairing: The two versions.
        outcome: An axis.
        alpha: Two-sided level of the intervals.
        anytime: Whether intervals and p-values must hold under repeated looks.
    """
    found: list[Row] = []
    for kind, name, arm, cells in _parts(pairing):
        scope = scope_of(pairing, cells, outcome, anytime=anytime)
        if scope.cells or kind != "arm":
            row = _row(kind, name, arm, scope, alpha, obstacles(pairing, scope.cells), anytime=anytime)
            found.append(_robust(row, pairing, cells, scope, alpha, anytime=anytime))
    return [*found, *_beyond_rows(pairing, outcome, alpha, anytime=anytime)]


def pooled_cells(cells: Sequence[Cell], scenario: str = "") -> list[Cell]:
    """The arms to pool, of one scenario or of all: without controls, unless there are only controls."""
    within = [cell for cell in cells if not scenario or cell.scenario == scenario]
    return [cell for cell in within if not cell.control] or within


def headings(cells: Sequence[Cell]) -> dict[str, list[Cell]]:
    """Group cells by scenario and rubric."""
    found: dict[str, list[Cell]] = {}
    for cell in cells:
        found.setdefault(cell.heading, []).append(cell)
    return found


def _parts(pairing: Pairing) -> Iterator[tuple[Kind, str, dict[str, str], list[Cell]]]:
    groups = headings(pairing.cells)
    if len(groups) != 1:
        yield "pooled", "", {}, pooled_cells(pairing.cells)
    for name, cells in groups.items():
        if len(pooled_cells(cells)) > 1:
            yield "scenario", name, {}, pooled_cells(cells)
        for cell in cells:
            yield "arm", name, dict(cell.arm), [cell]


def estimate_of(scope: Scope, alpha: float, *, anytime: bool) -> Estimate:
    """The difference with the limits of the rule that tests it."""
    return _measured(scope, alpha, anytime=anytime)[0]


def betting_p(differences: Sequence[Known], margin: float, change: Change) -> float:
    """Return the p-value whose inversion gives the betting limits: valid at any time, taken at the last world read.

    Args:
        differences: The difference of each world.
        margin: The amount by which the change must exceed 0.
        change: Its direction; a test of both directions doubles the p-value.
    """
    more = 1 / max(e_value(differences, margin, "more"), 1.0)
    less = 1 / max(e_value(differences, -margin, "less"), 1.0)
    if change == "differs":
        return min(2 * min(more, less), 1.0)
    return more if change == "increases" else less


def why_not(scope: Scope) -> str:
    """Explain why nothing was measured."""
    worlds = scope.worlds
    if scope.unread and not worlds.differences:
        return text("reason", "unread")
    if not scope.cells and not scope.unmeasured:
        return text("reason", "nothing_paired")
    if not worlds.differences and scope.cells:
        return text("reason", "no_opportunity")
    pairs = [pair for cell in (*scope.cells, *scope.unmeasured) for pair in cell.episodes()]
    if not any(a and b and "invalid" not in (a.verdict, b.verdict) for a, b in pairs):
        return text("reason", "invalid")
    return text("reason", "judge" if scope.outcome in JUDGED else "axis", axis=scope.outcome)


def means(scope: Scope) -> tuple[float, float]:
    """The means of A and of B over the worlds behind the difference."""
    partial = [(gap.first.value, gap.second.value) for gap in scope.worlds.partial]
    pairs = [*scope.worlds.pairs, *partial]
    if not pairs:
        return math.nan, math.nan
    return math.fsum(a for _, a in pairs) / len(pairs), math.fsum(b for b, _ in pairs) / len(pairs)


def finding_of(value: float, low: float, high: float, reason: str, hindrances: Sequence[str]) -> tuple[Finding, str]:
    """Return the finding of a difference, with its sentence."""
    if math.isnan(value):
        return "not_measured", text("finding", "not_measured", reason=reason)
    finding: Finding = "more" if low > 0 else "less" if high < 0 else "none_shown"
    if finding == "none_shown" and hindrances:
        return "not_interpretable", text("finding", "not_interpretable", reason="; ".join(hindrances))
    return finding, text("finding", finding, points=math.ceil(100 * max(abs(low), abs(high))))


def _row(
    kind: Kind,
    name: str,
    arm: dict[str, str],
    scope: Scope,
    alpha: float,
    hindrances: tuple[str, ...],
    *,
    anytime: bool,
) -> Row:
    estimate, p, test = _measured(scope, alpha, anytime=anytime)
    a, b = means(scope)
    finding, conclusion = finding_of(estimate.value, estimate.low, estimate.high, why_not(scope), hindrances)
    return Row(
        kind=kind,
        scenario=name,
        arm=arm,
        outcome=scope.outcome,
        a=a,
        b=b,
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        interval=estimate.interval,
        p=p,
        test=test,
        worlds=estimate.worlds,
        missing=estimate.missing,
        partial=estimate.partial,
        no_opportunity=len(scope.worlds.no_opportunity),
        left_out=len(scope.worlds.left_out),
        unread=scope.unread,
        finding=finding,
        conclusion=conclusion,
        obstacles=hindrances,
    )


def _robust(row: Row, pairing: Pairing, cells: Sequence[Cell], scope: Scope, alpha: float, *, anytime: bool) -> Row:
    """Add the difference when other episodes count, and how many missing episodes would change the finding."""
    everyone, had = (
        beside(estimate_of(scope_of(pairing, cells, row.outcome, anytime=anytime, among=among), alpha, anytime=anytime))
        for among in ALL_COUNT
    )
    part = ContrastWorlds(scope.worlds, scope.outcome, scope.single)
    tipped = tipping([part], DecisionRule(Levels.two_sided(alpha), "two", Reading() if anytime else None))
    found = row.model_copy(
        update={
            "again_a": scope.again[0],
            "again_b": scope.again[1],
            "everyone": everyone,
            "had_opportunity": had,
            "uncertain": tipped.of,
            "tipping": tipped.episodes,
        }
    )
    words = tipping_words(tipped, row.outcome, "B", "A")
    told = robustness_words((row.low, row.high), everyone, had, {"A": scope.again[0], "B": scope.again[1]}, words)
    if row.outcome in JUDGED:
        b, a = (len(each) for each in scope.worlds.labels)
        known = bool(a and b) and not anytime
        told = [text("robustness", "judge_measured" if known else "judge_unknown", a=a, b=b), *told]
    return found.model_copy(update={"robustness": () if row.finding == "not_measured" else tuple(told)})


def _measured(scope: Scope, alpha: float, *, anytime: bool) -> tuple[Estimate, float, str]:
    """Return the difference with its limits, and the p-value and name of the test behind them."""
    if anytime:
        estimate = anytime_estimate(scope.worlds, 1 - alpha)
        p, test = betting_p(scope.worlds.differences, 0.0, "differs"), BETTING
    else:
        levels = Levels.two_sided(alpha)
        tested = comparing(scope.worlds, scope.outcome, binary=scope.single)(levels)
        estimate, p, test = fixed_estimate(scope.worlds, tested, levels), tested.p, tested.test
    return (estimate, math.nan, "") if math.isnan(estimate.value) else (estimate, p, test)


def _beyond_rows(pairing: Pairing, outcome: str, alpha: float, *, anytime: bool) -> Iterator[Row]:
    each = {
        name: found
        for name, cells in headings(pairing.cells).items()
        if (found := beyond(pairing, cells, outcome, alpha, anytime=anytime))
    }
    if len(each) > 1 and (pooled := beyond(pairing, pairing.cells, outcome, alpha, anytime=anytime)):
        yield _beyond_row("", outcome, pooled, obstacles(pairing, pairing.cells))
    for name, found in each.items():
        yield _beyond_row(name, outcome, found, obstacles(pairing, headings(pairing.cells)[name]))


def _beyond_row(name: str, outcome: str, found: DifferenceOfDifferences, hindrances: tuple[str, ...]) -> Row:
    finding, conclusion = finding_of(found.value, found.low, found.high, text("reason", "four"), hindrances)
    return Row(
        kind="beyond",
        scenario=name,
        arm={},
        outcome=outcome,
        a=found.a,
        b=found.b,
        value=found.value,
        low=found.low,
        high=found.high,
        interval="anytime",
        p=found.p,
        test=BETTING,
        worlds=found.worlds,
        missing=found.gaps,
        partial=0,
        no_opportunity=found.empty,
        left_out=0,
        unread=found.unread,
        finding=finding,
        conclusion=conclusion,
        obstacles=hindrances,
    )
