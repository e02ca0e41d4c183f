"""Detectable effects of a study: the output of `peerwatch plan --power`."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

from rich.console import Console

from peerwatch.cli.commands.power_in_time import lines_in_time, rows_in_time
from peerwatch.planning import Plan, questions
from peerwatch.records import AMOUNTS, EXTREME_AMOUNT, smallest_of
from peerwatch.running import rules_of_question
from peerwatch.stats import (
    Power,
    ScorePower,
    WorldSide,
    detectable_effect,
    detectable_shift,
    reachable_level,
    smallest_p,
    worlds_for_shift,
    worlds_needed,
)

TARGET = 0.8
"""Required probability of finding the effect."""

BASES = (0.02, 0.2)
"""Assumed rates of the second arm: one where interference is rare, and one where it is common."""

ICC = 0.3
"""Assumed correlation of two episodes in one world and arm; only relevant with several epochs."""

EFFECTS = (0.2, 0.3, 0.5)
"""Effects, in addition to the study's smallest, for which required worlds are computed."""

SPREADS = (3.0, 8.0)
"""Assumed standard deviations, in points, of the difference in score between two episodes of a world: for a target with
consistent scores and for one with varying scores.
"""

SHIFTS = (2.0, 3.0, 5.0)
"""Score shifts, in points, for which required worlds are computed."""

EXTREME = 100 * EXTREME_AMOUNT
"""Score difference, in points, of the two extreme worlds that the rule for scores adds."""


def family_sizes(plan: Plan) -> Counter[str]:
    """Count the tests in each family of contrasts: one per pair of arms or, if the family is pooled, one per model."""
    keys = {
        (each.contrast.family, (each.pool, each.first[0]) if each.pool else number)
        for number, each in enumerate(questions(plan))
    }
    return Counter(family for family, _ in keys)


def power_rows(plan: Plan) -> list[dict[str, Any]]:
    """For each planned contrast and assumed base rate, compute the smallest detectable effect and the required worlds.

    The power is that of the study's decision rule, on the contrast's side, at the study's alpha divided by the number
    of pairs of arms in its family. For a fixed-size study this is the first step of Holm's correction, and therefore
    conservative. For an anytime study, the expected number of worlds read is included. Rates are assumed for the second
    arm, scores by their standard deviation in points. Power for scores is always that of a fixed-size study.
    """
    asked, sizes = questions(plan), family_sizes(plan)
    rows: list[dict[str, Any]] = []
    for each in plan.design.contrasts:
        about = {
            "family": each.family,
            "contrast": f"{each.factor}: {each.first} - {each.second}",
            "side": each.side,
            "pairs": sizes[each.family],
        }
        amounts = {question.outcome for question in asked if question.contrast is each and question.outcome in AMOUNTS}
        rates = any(question.contrast is each and question.outcome not in AMOUNTS for question in asked)
        if rates and plan.design.stopping.rule == "anytime":
            own = [question for question in asked if question.contrast is each and question.outcome not in AMOUNTS]
            scenarios = sum(question.first[0] == own[0].first[0] for question in own) if each.pool else 1
            rules = rules_of_question(plan.design, own[0], scenarios)
            found = rows_in_time(plan.design, rules, 1 / sizes[each.family], bases=BASES, icc=ICC, target=TARGET)
            rows += [{**about, "scenarios": scenarios, **row} for row in found]
            rates = False
            if each.pool:
                continue
        if each.pool:
            rows.append({**about, "note": "pooled over scenarios: power is computed for single scenarios only"})
            continue
        confidence = round(1 - plan.design.stopping.alpha / sizes[each.family], 12)
        for name in sorted(amounts):
            rows += [{**about, **_score_row(plan, name, spread, confidence, each.side)} for spread in SPREADS]
        if rates:
            rows += [{**about, **_row(plan, base, confidence, each.side)} for base in BASES]
    return rows


def _score_row(plan: Plan, outcome: str, spread: float, confidence: float, side: WorldSide) -> dict[str, Any]:
    """Return the row of a contrast of scores; effects are in points."""
    design = plan.design
    least = _shift(design.worlds, design.epochs, spread, confidence, side)
    least_shift = 100 * smallest_of(outcome, design.stopping.smallest_effect, design.stopping.smallest_shift)
    shifts = sorted({least_shift, *SHIFTS})
    needed = {f"{shift:g}": _worlds_for(shift, design.epochs, spread, confidence, side) for shift in shifts}
    best = reachable_level(design.worlds, EXTREME, side)
    return {
        "outcome": outcome,
        "spread": spread,
        **_reach(least, best),
        "detectable": round(least.shift, 1) if least.reached else None,
        "worlds_needed": {shift: found.worlds if found.reached else None for shift, found in needed.items()},
    }


@cache
def _shift(worlds: int, epochs: int, spread: float, confidence: float, side: WorldSide) -> ScorePower:
    return detectable_shift(
        worlds, epochs, spread=spread, extreme=EXTREME, icc=ICC, target=TARGET, confidence=confidence, side=side
    )


@cache
def _worlds_for(shift: float, epochs: int, spread: float, confidence: float, side: WorldSide) -> ScorePower:
    return worlds_for_shift(
        shift, epochs, spread=spread, extreme=EXTREME, icc=ICC, target=TARGET, confidence=confidence, side=side
    )


def _row(plan: Plan, base: float, confidence: float, side: WorldSide) -> dict[str, Any]:
    design = plan.design
    least = _detectable(design.worlds, design.epochs, base, confidence, side)
    effects = sorted({design.stopping.smallest_effect, *EFFECTS})
    needed = {f"{effect:g}": _needed(effect, design.epochs, base, confidence, side) for effect in effects}
    best = smallest_p(design.worlds, design.epochs, side)
    return {
        "base": base,
        **_reach(least, best),
        "detectable": least.effect if least.reached else None,
        "worlds_needed": {
            effect: found.worlds if found and found.reached else None for effect, found in needed.items()
        },
    }


def _reach(least: Power | ScorePower, best: float) -> dict[str, Any]:
    """Return the rule, its level, and whether the smallest possible p-value reaches that level."""
    return {
        "worlds": least.worlds,
        "epochs": least.epochs,
        "confidence": least.confidence,
        "test": least.test,
        "smallest_p": best,
        "reachable": best <= 1 - least.confidence,
    }


@cache
def _detectable(worlds: int, epochs: int, base: float, confidence: float, side: WorldSide) -> Power:
    return detectable_effect(worlds, epochs, base=base, icc=ICC, target=TARGET, confidence=confidence, side=side)


@cache
def _needed(effect: float, epochs: int, base: float, confidence: float, side: WorldSide) -> Power | None:
    if base + effect > 1:
        return None
    return worlds_needed(effect, epochs, base=base, icc=ICC, target=TARGET, confidence=confidence, side=side)


def print_power(plan: Plan, rows: list[dict[str, Any]], out: Console) -> None:
    """Print the rows. Contrasts of one family and side have the same values and share their lines."""
    if not rows:
        out.print("Power: the study has no planned contrasts.", markup=False)
        return
    design = plan.design
    anytime = design.stopping.rule == "anytime"
    how = "stops at any time" if anytime else "decides a study of fixed size"
    out.print(
        f"Power of {design.most_worlds} worlds, {design.epochs} epoch{'s' if design.epochs > 1 else ''}: effects that "
        f"are found with probability {TARGET:.0%} by the rule that {how}. The level is alpha over the number of pairs "
        f"in the family. Repeats on one world are assumed to correlate by {ICC:g}.",
        markup=False,
    )
    for family, side in dict.fromkeys((row["family"], row["side"]) for row in rows):
        out.print()
        for line in _lines([row for row in rows if (row["family"], row["side"]) == (family, side)]):
            out.print(line, markup=False)


def _lines(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines for the contrasts of one family and side."""
    first = rows[0]
    pairs = f"{first['pairs']} pair{'s' if first['pairs'] > 1 else ''} of arms"
    yield f"Family {first['family']}, side {first['side']}, {pairs}: " + "; ".join(
        dict.fromkeys(row["contrast"] for row in rows)
    )
    figures = [row for row in rows if "note" not in row]
    shown = dict.fromkeys(
        line for row in figures for line in (lines_in_time(row) if "decides" in row else _figures(row))
    )
    if figures:
        yield f"  level {1 - figures[0]['confidence']:.3g}"
    yield from shown
    if not all(row["reachable"] for row in figures):
        yield (
            f"  {figures[0]['worlds']} worlds cannot reach that level, whatever the results. Use more worlds, "
            "or fewer pairs in the family."
        )
    yield from dict.fromkeys(f"  {row['note']}" for row in rows if "note" in row)


def _figures(row: dict[str, Any]) -> list[str]:
    if "spread" in row:
        shift = "none" if row["detectable"] is None else f"{row['detectable']:.1f} points"
        needed = ", ".join(f"{points}: {worlds or 'out of reach'}" for points, worlds in row["worlds_needed"].items())
        assumed = f"if two episodes of a world differ with a standard deviation of {row['spread']:g} points"
        return [f"  {row['outcome']}, {assumed}: smallest shift {shift}; worlds for a shift of {needed}"]
    least = "none" if row["detectable"] is None else f"{row['detectable']:.2f}"
    needed = ", ".join(f"{effect}: {worlds or 'out of reach'}" for effect, worlds in row["worlds_needed"].items())
    return [f"  if the second rate is {row['base']:g}: smallest effect {least}; worlds for an effect of {needed}"]
