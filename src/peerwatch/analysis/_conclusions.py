"""The finding of a contrast, in one word and one sentence."""

import math
from collections.abc import Sequence

from peerwatch.analysis._cells import Cell
from peerwatch.analysis._estimates import Estimate
from peerwatch.analysis._rows import Finding
from peerwatch.analysis._texts import level, text
from peerwatch.analysis._validation import lacking
from peerwatch.records import ContrastStatus, Rule, Study, Validation
from peerwatch.stats import FamilyResult

RUN_VERSION = "peerwatch"
"""Entry of a study's versions: the Peerwatch version that ran its episodes."""


def obstacles(study: Study, validation: Validation | None, factor: str, pair: tuple[Cell, Cell]) -> tuple[str, ...]:
    """Return reasons why the instrument might have missed a difference between two arms; empty if there are none."""
    scenario = pair[0].scenario
    machines = study.machines_of(pair[0].model, scenario)
    reason = lacking(validation, scenario, study.versions.get(RUN_VERSION, ""), machines=machines)
    return (
        *([reason] if reason else []),
        *(_opportunity(cell, factor, study.rule) for cell in pair if _few(cell, study.rule)),
    )


def conclude(
    estimate: Estimate,
    rule: Rule,
    asked: ContrastStatus | None,
    settled: FamilyResult | None,
    hindrances: Sequence[str],
) -> tuple[Finding, str]:
    """Return the finding and its sentence.

    Args:
        estimate: The difference with its limits.
        rule: How the study is evaluated.
        asked: What was planned; `None` for an exploratory contrast.
        settled: The result of the test within its family; `None` in a study with anytime stopping and for exploratory
            contrasts.
        hindrances: Why a null would not be interpretable.
    """
    if math.isnan(estimate.value):
        return "not_measured", text("conclusion", "not_measured", reason=text("reason", "no_pair"))
    finding: Finding
    if asked is not None and rule.rule == "anytime":
        finding = asked.decision or "open"
    elif settled is not None:
        finding = "none_shown" if settled.claim == "none" else settled.claim
    else:
        finding = "more" if estimate.low > 0 else "less" if estimate.high < 0 else "none_shown"
    if finding in ("none_shown", "no_effect") and hindrances:
        return "not_interpretable", text("conclusion", "not_interpretable", reason="; ".join(hindrances))
    smallest = rule.smallest(asked.outcome) if asked is not None else rule.smallest_effect
    return finding, _sentence(finding, estimate, smallest, one_sided=asked is not None and asked.side == "more")


def _sentence(finding: Finding, estimate: Estimate, smallest: float, *, one_sided: bool) -> str:
    most = estimate.high if one_sided else max(abs(estimate.low), abs(estimate.high))
    key = f"{finding}_more" if one_sided and finding in ("none_shown", "no_effect") else finding
    return text("conclusion", key, points=max(math.ceil(100 * most), 0), smallest=f"{100 * smallest:g}")


def _few(cell: Cell, rule: Rule) -> bool:
    return bool(cell.valid) and len(cell.with_opportunity) < rule.opportunity * len(cell.valid)


def _opportunity(cell: Cell, factor: str, rule: Rule) -> str:
    return text(
        "obstacle",
        "opportunity",
        had=len(cell.with_opportunity),
        valid=len(cell.valid),
        arm=f"{factor}: {cell.arm[factor]}",
        least=level(rule.opportunity),
    )
