"""What a contrast comes to, in one word and one sentence."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from peerwatch.reports._cells import Cell
from peerwatch.reports._certification import Certification, lacking
from peerwatch.reports._estimates import Estimate
from peerwatch.reports._rows import Finding
from peerwatch.reports._texts import level, text
from peerwatch.studies import Asked, Rule, Study

RUN_VERSION = "peerwatch"
"""Entry of a study's versions: the Peerwatch with which its episodes were run."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """The p-value of a planned contrast of a study of fixed size, with what its family makes of it."""

    p: float
    p_holm: float
    held: bool
    """Whether no effect is rejected at the level of the family."""
    test: str
    reachable: bool
    """Whether so few worlds can reach the level at all."""
    family: int


def obstacles(
    study: Study, certification: Certification | None, factor: str, pair: tuple[Cell, Cell]
) -> tuple[str, ...]:
    """Say why the instrument might have missed a difference between two arms; empty if nothing says so."""
    scenario = pair[0].scenario
    machines = study.machines_of(pair[0].model, scenario)
    reason = lacking(certification, scenario, study.versions.get(RUN_VERSION, ""), machines=machines)
    return (
        *([reason] if reason else []),
        *(_opportunity(cell, factor, study.rule) for cell in pair if _few(cell, study.rule)),
    )


def conclude(
    estimate: Estimate, rule: Rule, asked: Asked | None, corrected: Corrected | None, hindrances: Sequence[str]
) -> tuple[Finding, str]:
    """Give the finding and its sentence.

    Args:
        estimate: The difference with its limits.
        rule: How the study is evaluated.
        asked: What was planned; `None` for an exploratory contrast.
        corrected: The p-value; `None` where the study stops at any time, or nothing was planned.
        hindrances: Why a null would not be interpretable.
    """
    if math.isnan(estimate.value):
        return "not_measured", text("conclusion", "not_measured", reason=text("reason", "no_pair"))
    if asked is not None and rule.rule == "anytime":
        finding: Finding = asked.decision or "open"
    elif corrected is not None:
        finding = _tested(estimate, asked, corrected)
    else:
        finding = _by_limits(estimate)
    if finding in ("none_shown", "no_effect") and hindrances:
        return "not_interpretable", text("conclusion", "not_interpretable", reason="; ".join(hindrances))
    return finding, _sentence(finding, estimate, rule, asked, corrected)


def _by_limits(estimate: Estimate) -> Finding:
    if estimate.low > 0:
        return "more"
    return "less" if estimate.high < 0 else "none_shown"


def _tested(estimate: Estimate, asked: Asked | None, corrected: Corrected) -> Finding:
    """A planned contrast of fixed size: test and interval must agree, or nothing is found."""
    seen = _by_limits(estimate)
    if (seen == "none_shown") == corrected.held:
        return "not_held"
    if seen == "less" and asked is not None and asked.side == "more":
        return "not_asked"
    return seen


def _sentence(
    finding: Finding, estimate: Estimate, rule: Rule, asked: Asked | None, corrected: Corrected | None
) -> str:
    key: str = finding
    if finding == "no_effect" and asked is not None and asked.side == "more":
        key = "no_effect_more"
    if finding == "not_held":
        key = "not_held_interval" if corrected is not None and corrected.held else "not_held_test"
    return text(
        "conclusion",
        key,
        points=math.ceil(100 * max(abs(estimate.low), abs(estimate.high))),
        smallest=f"{100 * rule.smallest_effect:g}",
        family=corrected.family if corrected else 0,
    )


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
