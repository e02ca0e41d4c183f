"""Planned contrasts of a study that stops at any time: the rules that decided each, and the limits that are theirs."""

from collections.abc import Sequence

from peerwatch.analysis._worlds import Worlds
from peerwatch.records import ContrastStatus, Rule
from peerwatch.stats import Levels, Rules, State, after_stopping


def rules_in_time(rule: Rule, asked: ContrastStatus, strata: int) -> Rules:
    """How a planned contrast is read after every world."""
    return Rules(
        smallest_effect=rule.smallest(asked.outcome),
        alpha=rule.alpha,
        beta=rule.beta,
        side=asked.side,
        horizon=asked.horizon,
        alike=asked.alike,
        strata=strata,
    )


def state_in_time(rules: Rules, asked: ContrastStatus, declared: int) -> State:
    """What the stopping rule has made of it, at its share of the family's level.

    Args:
        rules: Of the contrast.
        asked: With the decision.
        declared: How many questions the family has, for studies that were read before levels were kept.
    """
    kind = asked.decision or "open"
    if asked.low_error and asked.high_error:
        return State(kind, asked.worlds, Levels(asked.low_error, asked.high_error))
    return State(kind, asked.worlds, rules.levels(1 / declared, kind=kind))


def estimate_in_time(rule: Rule, asked: ContrastStatus, worlds: Worlds, strata: int, most: int) -> dict[str, float]:
    """The difference without the bias of stopping because of it, and the plain mean beside it, as a row has them.

    Args:
        rule: Of the study.
        asked: With the decision.
        worlds: In the order in which the rule reads them.
        strata: Scenarios that are pooled.
        most: The most worlds that were planned.
    """
    rules = rules_in_time(rule, asked, strata)
    if not asked.low_error:
        return {}
    found = after_stopping(worlds.differences, rules, state_in_time(rules, asked, 1), most)
    return {"after_stopping": found.value, "naive": found.naive}


def in_rounds(parts: Sequence[Worlds]) -> Worlds:
    """Worlds of pooled scenarios in the order in which the rule reads them: rounds with one of each."""
    found = Worlds()
    for worlds in parts:
        found.pairs.extend(worlds.pairs)
        found.gaps.extend(worlds.gaps)
        found.no_opportunity.extend(worlds.no_opportunity)
        found.left_out.extend(worlds.left_out)
    for each in zip(*(worlds.differences for worlds in parts), strict=False):
        found.differences.extend(each)
    for values in zip(*(worlds.values for worlds in parts), strict=False):
        found.values.extend(values)
    return found
