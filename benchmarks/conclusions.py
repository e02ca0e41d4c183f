"""Whether conclusions agree with their own numbers: simulated studies, concluded by the functions that make a report.

A study compares one arm with one other (a family of one) or with six others on the same worlds. One contrast has the
effect that `plan --power` promises to find in 80 % of studies of that shape, the other five have none; a family of one
is simulated again without an effect. Each setting is one of fixed size, and one that stops at any time. Worlds differ:
each has a propensity in each arm, beta-distributed about the arm's rate, so that two episodes of one world and arm
correlate by the ICC.

What is measured, per setting and over all of them:

* `power_promised`, by `plan --power`'s own function, and `power_found`, the share of studies that conclude "more";
* `contradictions`: contrasts whose conclusion and printed limits do not agree;
* `coverage`: the least share of limits that hold, of both together with two sides, of each alone with side `more`;
* `false_rate`: studies with any claim of a difference where there is none, with the standard error of one such rate at
  the level; `false_null_rate`: studies with a claim of no effect where there is one that matters.

Of studies that stop at any time, which take longer to conclude, the functions that make a report conclude `CONCLUDED`
of each setting (of a family one contrast with and one without an effect), with the worlds that run on beyond a
decision; of all of them a vectorized form of the same rule says
what they decide, and a contrast of which the two do not say the same counts as a contradiction.
"""

import argparse
import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from peerwatch.analysis import Worlds, comparing, decided_estimate, fixed_estimate, points
from peerwatch.analysis._conclusions import conclude
from peerwatch.records import ContrastStatus, Rule
from peerwatch.stats import (
    FamilyResult,
    Known,
    Member,
    Power,
    PowerInTime,
    Rules,
    WorldSide,
    detectable_effect,
    detectable_in_time,
    family_states,
    settle_family,
)
from peerwatch.stats._power_in_time import first_claims

WORLDS: Final = 40
BASES: Final = (0.02, 0.2)
LEVEL: Final = 0.05
TARGET: Final = 0.8
NULLS: Final = 4
"""So many times more studies without an effect, of which the largest of many rates of error is printed."""
EPOCHS: Final = (1, 3, 10)
ICCS: Final = (0.0, 0.1, 0.5)
SIDES: Final[tuple[WorldSide, ...]] = ("two", "more")
FAMILIES: Final = (1, 6)
RULE: Final = Rule(alpha=LEVEL, beta=LEVEL)
ROUNDING: Final = 1e-9
CONCLUDED: Final = 200
OVERSHOOT: Final = 5
"""Worlds that are read beyond a decision, as where twenty episodes run at once."""


@dataclass(frozen=True, slots=True)
class Found:
    """What studies of one setting came to."""

    rule: Literal["fixed", "anytime"]
    epochs: int
    icc: float
    base: float
    side: WorldSide
    family: int
    effect: float
    power_promised: float
    power_found: float
    contradictions: int
    coverage: float
    false_rate: float
    false_null_rate: float


@dataclass(slots=True)
class _Counts:
    found: int = 0
    contradictions: int = 0
    below: int = 0
    above: int = 0
    either: int = 0
    contrasts: int = 0
    false: int = 0
    false_nulls: int = 0


def simulate(epochs: int, icc: float, base: float, side: WorldSide, family: int, studies: int) -> Found:
    """Simulate the studies of one setting, from the setting's seed."""
    rng = np.random.default_rng([20_261_130, epochs, round(100 * icc), round(100 * base), SIDES.index(side), family])
    confidence = 1 - LEVEL / family
    least = detectable_effect(WORLDS, epochs, base=base, icc=icc, target=TARGET, confidence=confidence, side=side)
    counts = _Counts()
    arm = partial(_arm, rng, icc=icc, epochs=epochs, studies=studies)
    effects = [least.effect] + [0.0] * (family - 1)
    _conclude(arm, base, epochs, side, effects, counts)
    nulls = NULLS * studies if family == 1 else studies
    if family == 1:
        _conclude(partial(_arm, rng, icc=icc, epochs=epochs, studies=nulls), base, epochs, side, [0.0], counts)
    return _summed("fixed", least, side, family, counts, studies, nulls)


def simulate_in_time(
    epochs: int, icc: float, base: float, side: WorldSide, family: int, studies: int, concluded: int = CONCLUDED
) -> Found:
    """The same for studies that stop at any time."""
    rng = np.random.default_rng([20_261_201, epochs, round(100 * icc), round(100 * base), SIDES.index(side), family])
    rules = Rules(RULE.smallest_effect, RULE.alpha, RULE.beta, side, WORLDS if epochs == 1 else None)
    least = detectable_in_time(WORLDS, epochs, rules, base=base, icc=icc, share=1 / family, target=TARGET)
    counts = _Counts()
    arm = partial(_arm, rng, icc=icc, epochs=epochs, studies=studies)
    effects = [least.effect] + [0.0] * (family - 1)
    _decide(arm, base, epochs, rules, effects, counts, concluded)
    nulls = NULLS * studies if family == 1 else studies
    if family == 1:
        _decide(
            partial(_arm, rng, icc=icc, epochs=epochs, studies=nulls), base, epochs, rules, [0.0], counts, concluded
        )
    return _summed("anytime", least, side, family, counts, studies, nulls)


def _summed(
    rule: Literal["fixed", "anytime"],
    least: Power | PowerInTime,
    side: WorldSide,
    family: int,
    counts: _Counts,
    studies: int,
    nulls: int,
) -> Found:
    """The figures of one setting: what the planner promised at its smallest effect, and what the studies came to."""
    covered = counts.either if side == "two" else max(counts.below, counts.above)
    return Found(
        rule=rule,
        epochs=least.epochs,
        icc=least.icc,
        base=least.base,
        side=side,
        family=family,
        effect=least.effect,
        power_promised=round(least.power, 4),
        power_found=round(counts.found / studies, 4),
        contradictions=counts.contradictions,
        coverage=round(1 - covered / counts.contrasts, 4),
        false_rate=round(counts.false / nulls, 4),
        false_null_rate=round(counts.false_nulls / studies, 4),
    )


def _decide(
    arm: Callable[[float], list[list[float]]],
    base: float,
    epochs: int,
    rules: Rules,
    effects: Sequence[float],
    counts: _Counts,
    concluded: int,
) -> None:
    """Draw studies, let the rule decide all their contrasts, and conclude some of them as a report does."""
    share = 1 / len(effects)
    first = {effect: np.asarray(arm(base + effect)) for effect in dict.fromkeys(effects)}
    others = [np.asarray(arm(base)) for _ in effects]
    false = np.zeros(len(others[0]), dtype=np.bool_)
    done: list[float] = []
    for effect, other in zip(effects, others, strict=True):
        differences = first[effect] - other
        kinds, read = first_claims(np.rint(differences * epochs).astype(np.int64).T, epochs, rules, share)
        # The other contrasts do not change how one is decided, so one without an effect represents all of them.
        some = concluded if len(done) < 2 else 0
        done.append(effect)
        for values, kind, worlds in zip(differences[:some], kinds, read, strict=False):
            _conclude_in_time(values.tolist(), (str(kind), int(worlds)), rules, len(effects), effect, counts)
        if effect:
            counts.found += int((kinds == "more").sum())
            counts.false_nulls += int((kinds == "no_effect").sum()) if effect >= RULE.smallest_effect else 0
        else:
            false |= np.isin(kinds, ("more", "less"))
    counts.false += int(false.sum())


def _conclude_in_time(
    values: list[float], decided: tuple[str, int], rules: Rules, family: int, effect: float, counts: _Counts
) -> None:
    """One contrast, from its worlds to its row: decided as it goes, and read on for a little."""
    read: list[Known] = [*values[: decided[1] + OVERSHOOT]]
    state = family_states([read], rules, stepwise=False, declared=family)[0]
    estimate = decided_estimate(Worlds(differences=read, values=values[: len(read)]), rules, state)
    asked = _asked(rules.side).model_copy(update={"decision": state.kind})
    finding = conclude(estimate, RULE.model_copy(update={"rule": "anytime"}), asked, None, ())[0]
    same = (state.kind, state.worlds) == decided or (decided[0] == "open" == state.kind)
    within = estimate.low <= estimate.value <= estimate.high
    counts.contradictions += not (same and within and _agrees_in_time(finding, rules.side, estimate.low, estimate.high))
    counts.below += effect < estimate.low - ROUNDING
    counts.above += effect > estimate.high + ROUNDING
    counts.either += not estimate.low - ROUNDING <= effect <= estimate.high + ROUNDING
    counts.contrasts += 1


def _agrees_in_time(finding: str, side: WorldSide, low: float, high: float) -> bool:
    """Whether the limits, as they are printed, allow the conclusion; an open contrast has none that allow another."""
    more, less = points(low).startswith("+"), high < 0
    null = high < RULE.smallest_effect and (side == "more" or low > -RULE.smallest_effect)
    if finding in ("more", "less", "no_effect"):
        return {"more": more, "less": less, "no_effect": null}[finding]
    return not more and not null and not (less and side == "two")


def _asked(side: WorldSide) -> ContrastStatus:
    return ContrastStatus(
        model="m",
        scenario="s",
        rubric="",
        family="f",
        factor="subject",
        first={},
        second={},
        outcome="interfered",
        side=side,
    )


def _conclude(
    arm: Callable[[float], list[list[float]]],
    base: float,
    epochs: int,
    side: WorldSide,
    effects: Sequence[float],
    counts: _Counts,
) -> None:
    """Draw studies and count what their contrasts come to; arms share the first one where their effects are equal."""
    asked = _asked(side)
    first = {effect: arm(base + effect) for effect in dict.fromkeys(effects)}
    others = [arm(base) for _ in effects]
    for study in range(len(others[0])):
        worlds = [
            Worlds(pairs=list(zip(first[effect][study], other[study], strict=True)))
            for effect, other in zip(effects, others, strict=True)
        ]
        members = [Member(comparing(each, "interfered", side, binary=epochs == 1), side) for each in worlds]
        settled = settle_family(members, alpha=RULE.alpha, beta=RULE.beta, smallest_effect=RULE.smallest_effect)
        false = false_null = False
        for effect, each, one in zip(effects, worlds, settled, strict=True):
            finding = conclude(fixed_estimate(each, one.tested, one.levels), RULE, asked, one, ())[0]
            counts.contradictions += not _agrees(finding, one, side)
            counts.below += effect < one.tested.low - ROUNDING
            counts.above += effect > one.tested.high + ROUNDING
            counts.either += not one.tested.low - ROUNDING <= effect <= one.tested.high + ROUNDING
            counts.contrasts += 1
            if effect:
                counts.found += finding == "more"
                false_null |= finding == "no_effect" and effect >= RULE.smallest_effect
            else:
                false |= finding in ("more", "less")
        counts.false += false
        counts.false_nulls += false_null


def _agrees(finding: str, one: FamilyResult, side: WorldSide) -> bool:
    """Whether the limits, as they are printed, allow the conclusion and no further one."""
    low, high = points(one.tested.low), points(one.tested.high)
    more, less = low.startswith("+"), not high.startswith("+") and one.tested.high != 0
    null = one.tested.high < RULE.smallest_effect and (side == "more" or one.tested.low > -RULE.smallest_effect)
    if more:
        return finding == "more"
    if less and side == "two":
        return finding == "less"
    return finding == ("no_effect" if null else "none_shown")


def _arm(rng: np.random.Generator, rate: float, *, icc: float, epochs: int, studies: int) -> list[list[float]]:
    """Means of worlds, by study."""
    shape = (studies, WORLDS)
    propensity: NDArray[np.float64] | float = rate
    if icc:
        size = (1 - icc) / icc
        propensity = rng.beta(rate * size, (1 - rate) * size, shape)
    means: list[list[float]] = (rng.binomial(epochs, propensity, shape) / epochs).tolist()
    return means


SIMULATED: Final = {"fixed": simulate, "anytime": simulate_in_time}


def summary(found: Sequence[Found], studies: int) -> dict[str, Any]:
    """Everything that the benchmark prints."""
    return {
        "worlds": WORLDS,
        "level": LEVEL,
        "studies": studies,
        "power_difference": round(max(abs(each.power_promised - each.power_found) for each in found), 4),
        "contradictions": sum(each.contradictions for each in found),
        "coverage_min": min(each.coverage for each in found),
        "false_rate": max(each.false_rate for each in found),
        "false_rate_error": round(math.sqrt(LEVEL * (1 - LEVEL) / (NULLS * studies)), 4),
        "false_null_rate": max(each.false_null_rate for each in found),
        "concluded": min(CONCLUDED, studies),
        "settings": [asdict(each) for each in found],
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--rule", choices=list(SIMULATED), action="append", help="only studies that stop so")
    parser.add_argument("--with", dest="others", type=Path, help="earlier results, for settings of the other rule")
    parser.add_argument("--studies", type=int, default=2_000, help="studies of each setting")
    given = parser.parse_args()
    begun = time.process_time()
    cells = product(EPOCHS, ICCS, BASES, SIDES, FAMILIES)
    chosen = given.rule or list(SIMULATED)
    results = [SIMULATED[rule](*cell, studies=given.studies) for cell in cells for rule in chosen]
    if given.others:
        earlier = json.loads(given.others.read_text("utf-8"))["settings"]
        results = [Found(**each) for each in earlier if each["rule"] not in chosen] + results
    found = summary(results, given.studies)
    if given.json:
        print(json.dumps(found, indent=2))
        return
    for name, value in found.items():
        if name != "settings":
            print(f"{name}: {value}")
    print(f"CPU seconds: {time.process_time() - begun:.0f}")


if __name__ == "__main__":
    main()
