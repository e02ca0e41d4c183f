"""Planned contrasts of a study with anytime stopping: the rule that decides each, and the limits of that rule."""

from collections.abc import Sequence

from peerwatch.analysis._worlds import Worlds
from peerwatch.records import ContrastStatus, Rule
from peerwatch.stats import Levels, Rules, State, after_stopping


def rules_in_time(rule: Rule, asked: ContrastStatus, strata: int) -> Rules:
    """Return the rules by which a planned contrast is evaluated after every world."""
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
    """Return the state of the stopping rule, at its share of the family's level.

    Args:
        rules: The rules of the contrast.
        asked: The planned contrast with its decision.
        declared: Number of questions in the family; for studies whose record lacks the levels.
    """
    kind = asked.decision or "open"
    if asked.low_error and asked.high_error:
        return State(kind, asked.worlds, Levels(asked.low_error, asked.high_error))
    return State(kind, asked.worlds, rules.levels(1 / declared, kind=kind))


def estimate_in_time(rule: Rule, asked: ContrastStatus, worlds: Worlds, strata: int, most: int) -> dict[str, float]:
    """Return row fields: the difference corrected for the bias of data-dependent stopping, and the plain mean.

    Args:
        rule: The rule of the study.
        asked: The planned contrast with its decision.
        worlds: In the order in which the rule reads them.
        strata: Number of pooled scenarios.
        most: The maximum number of planned worlds.
    """
    rules = rules_in_time(rule, asked, strata)
    if not asked.low_error:
        return {}
    found = after_stopping(worlds.differences, rules, state_in_time(rules, asked, 1), most)
    return {"after_stopping": found.value, "naive": found.naive}


def in_rounds(parts: Sequence[Worlds]) -> Worlds:
    """Order the worlds of pooled scenarios as the rule reads them: in rounds with one world of each."""
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
