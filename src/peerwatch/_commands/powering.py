"""What effects a study can see: the figures of `peerwatch plan --power`."""

from collections import Counter
from functools import cache
from typing import Any

from rich.console import Console

from peerwatch._commands.output import table
from peerwatch.stats import Power, WorldSide, detectable_effect, smallest_p, worlds_needed
from peerwatch.studies import AMOUNTS, Plan, questions

TARGET = 0.8
"""Chance of finding the effect."""

BASES = (0.02, 0.2)
"""Assumed rates of the second arm: one where hardly anybody interferes, and one where many do."""

ICC = 0.3
"""Correlation of two episodes of one world and arm, assumed; it matters where there are several epochs."""

EFFECTS = (0.2, 0.3, 0.5)
"""Effects beside the study's smallest, for which worlds are counted."""


def power_rows(plan: Plan) -> list[dict[str, Any]]:
    """For each planned contrast and assumed base rate the smallest effect in sight, and the worlds that effects need.

    It is the power of the rule that decides a study of fixed size, with the contrast's side, at the study's alpha
    over the number of pairs of arms in its family: the first step of Holm's correction, and so the cautious one.
    """
    asked = questions(plan)
    # A pooled contrast is one question for each model, any other one for each pair of arms.
    keys = {
        (each.contrast.family, (each.pool, each.first[0]) if each.pool else number) for number, each in enumerate(asked)
    }
    sizes = Counter(family for family, _ in keys)
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
        rows += [{**about, "note": f"{name} is an amount: power is computed for rates alone"} for name in amounts]
        if each.pool:
            rows.append({**about, "note": "pooled over scenarios: power is computed for single scenarios alone"})
        if not rates or each.pool:
            continue
        level = plan.design.stopping.alpha / sizes[each.family]
        rows += [{**about, **_row(plan, base, round(1 - level, 12), each.side)} for base in BASES]
    return rows


def _row(plan: Plan, base: float, confidence: float, side: WorldSide) -> dict[str, Any]:
    design = plan.design
    least = _detectable(design.worlds, design.epochs, base, confidence, side)
    effects = sorted({design.stopping.smallest_effect, *EFFECTS})
    needed = {f"{effect:g}": _needed(effect, design.epochs, base, confidence, side) for effect in effects}
    best = smallest_p(design.worlds, design.epochs, side)
    return {
        "base": base,
        "worlds": design.worlds,
        "epochs": design.epochs,
        "confidence": confidence,
        "test": least.test,
        "smallest_p": best,
        "reachable": best <= 1 - confidence,
        "detectable": least.effect if least.reached else None,
        "worlds_needed": {
            effect: found.worlds if found and found.reached else None for effect, found in needed.items()
        },
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
    """Print the same as a table."""
    design = plan.design
    effects = sorted({design.stopping.smallest_effect, *EFFECTS})
    columns = [
        "family",
        "contrast",
        "side",
        "level",
        "if the second rate is",
        "smallest effect",
        *(f"worlds for {e:g}" for e in effects),
    ]
    if not rows:
        out.print("Power: the study has no planned contrast.", markup=False)
        return
    out.print(table(f"Power: {design.worlds} worlds, {design.epochs} epochs", columns, [_cells(row) for row in rows]))
    out.print(
        f"Effects that are found with a chance of {TARGET:.0%} by the rule that decides a study of fixed size. The "
        "level is alpha over the number of pairs in the family. Repeats on one world are assumed to correlate by "
        f"{ICC:g}.",
        markup=False,
    )
    for family in dict.fromkeys(row["family"] for row in rows if not row.get("reachable", True)):
        out.print(
            f"Family {family}: {design.worlds} worlds cannot reach the first level of the family, whatever they show. "
            "More worlds are needed, or fewer pairs in the family.",
            markup=False,
        )
    if design.stopping.rule == "anytime":
        out.print("The study stops by another rule: these figures are those of a fixed one of its size.", markup=False)


def _cells(row: dict[str, Any]) -> list[str]:
    about = [row["family"], row["contrast"], row["side"]]
    if "note" in row:
        return [*about, "", row["note"]]
    least = "none" if row["detectable"] is None else f"{row['detectable']:.2f}"
    needed = [str(each) if each is not None else "-" for each in row["worlds_needed"].values()]
    return [*about, f"{1 - row['confidence']:.3g}", f"{row['base']:g}", least, *needed]
