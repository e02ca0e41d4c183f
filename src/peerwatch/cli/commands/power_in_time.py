"""Detectable effects and expected worlds of an anytime study: part of `peerwatch plan --power`."""

from functools import cache
from typing import Any

from peerwatch.planning import Design
from peerwatch.stats import PowerInTime, Rules, detectable_in_time, family_states, power_in_time


def rows_in_time(
    design: Design, rules: Rules, share: float, *, bases: tuple[float, ...], icc: float, target: float
) -> list[dict[str, Any]]:
    """For each base rate, compute the smallest detectable effect, and how soon effects and their absence are decided.

    Args:
        design: The study.
        rules: The decision rules of the contrast.
        share: The contrast's share of the family's level.
        bases: Assumed rates of the second arm.
        icc: Correlation of two episodes in one world and arm.
        target: Required probability of finding the smallest effect.
    """
    worlds, epochs = design.most_worlds, design.epochs
    # Test whether a contrast ends with "more" if every world shows the maximum difference.
    best = family_states([[1.0] * (worlds * rules.strata)], rules, stepwise=False, declared=round(1 / share))[0]
    return [
        {
            "base": base,
            "worlds": worlds,
            "epochs": epochs,
            "confidence": round(1 - rules.alpha * share, 12),
            "test": _test(rules),
            "reachable": best.kind == "more",
            "least_worlds": best.worlds // rules.strata if best.kind == "more" else None,
            "detectable": _least(worlds, epochs, rules, base, icc, share, target),
            "decides": {
                f"{each.effect:g}": _decides(each) for each in _courses(worlds, epochs, rules, base, icc, share)
            },
        }
        for base in bases
    ]


def lines_in_time(row: dict[str, Any]) -> list[str]:
    """Return the printed lines of one row."""
    least = "none" if row["detectable"] is None else f"{row['detectable']:.2f}"
    read = ", ".join(f"{effect}: {found['expected_worlds']:.0f}" for effect, found in row["decides"].items())
    none = row["decides"]["0"]["no_effect"]
    return [
        f"  if the second rate is {row['base']:g}: smallest effect {least}",
        f"    worlds read on average for an effect of {read}",
        f"    without an effect its absence is decided with a chance of {none:.0%}",
    ]


def _test(rules: Rules) -> str:
    if rules.horizon is None:
        return "bets, Ville's limits"
    return "bets, exact limits for worlds of one kind" if rules.alike else "bets, exact limits for any worlds"


@cache
def _least(
    worlds: int, epochs: int, rules: Rules, base: float, icc: float, share: float, target: float
) -> float | None:
    found = detectable_in_time(worlds, epochs, rules, base=base, icc=icc, share=share, target=target)
    return found.effect if found.reached else None


@cache
def _courses(worlds: int, epochs: int, rules: Rules, base: float, icc: float, share: float) -> tuple[PowerInTime, ...]:
    effects = sorted({0.0, rules.smallest_effect, 0.2, 0.3, 0.5})
    return tuple(
        power_in_time(worlds, epochs, effect, rules, base=base, icc=icc, share=share)
        for effect in effects
        if base + effect <= 1
    )


def _decides(found: PowerInTime) -> dict[str, float]:
    return {
        "power": round(found.power, 4),
        "no_effect": round(found.no_effect, 4),
        "expected_worlds": round(found.expected_worlds, 2),
    }
