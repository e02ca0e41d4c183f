"""Sensitivity of a contrast: its value when other episodes count, and how many missing ones would change it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from peerwatch.analysis._cells import Cell
from peerwatch.analysis._decided import in_rounds
from peerwatch.analysis._estimates import Estimate, betting_estimate, comparing, fixed_estimate
from peerwatch.analysis._rows import Contrast, ContrastPosterior, SensitivityEstimate
from peerwatch.analysis._texts import text
from peerwatch.analysis._worlds import Worlds, fixed_worlds, worlds_in_order
from peerwatch.core.outcomes import JUDGED
from peerwatch.records import AMOUNTS, EXTREME_AMOUNT, Among, Exclusion
from peerwatch.stats import (
    Levels,
    Reading,
    Stratum,
    TippingPoint,
    WorldSide,
    compare_strata,
    excludes_zero,
    posterior,
    tipping_point,
)

Pairs = Mapping[int, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class ContrastWorlds:
    """The worlds of a pair of arms; a pooled contrast has several parts."""

    worlds: Worlds
    outcome: str
    binary: bool
    """Whether each side of a world is a single episode."""


class DecisionRule(NamedTuple):
    """How a contrast is decided.

    Attributes:
        levels: Error levels of its limits.
        side: Side of the contrast.
        reading: How a study with anytime stopping weighs evidence; `None` for a fixed size.
    """

    levels: Levels
    side: WorldSide
    reading: Reading | None


def robust(
    row: Contrast,
    pairs: Sequence[tuple[Cell, Cell]],
    parts: Sequence[ContrastWorlds],
    rules: Sequence[Exclusion],
    by: DecisionRule,
    smallest_effect: float,
) -> Contrast:
    """Add the sensitivity analyses to a contrast, by the rule and at the levels that decide it.

    Args:
        row: The contrast.
        pairs: Its arms, one pair per part.
        parts: Its worlds.
        rules: Rules that exclude valid episodes.
        by: How it is decided.
        smallest_effect: Smallest difference that matters.
    """

    def among(which: Among) -> SensitivityEstimate:
        read = fixed_worlds if by.reading is None else worlds_in_order
        others = [
            replace(part, worlds=read(*pair, part.outcome, rules, which))
            for pair, part in zip(pairs, parts, strict=True)
        ]
        return beside(_estimate(others, by))

    tipped = tipping(parts, by)
    again = [sum(each.failed_before > 0 for pair in pairs for each in pair[which].valid) for which in (0, 1)]
    return row.model_copy(
        update={
            "again_first": again[0],
            "again_second": again[1],
            "everyone": among("valid"),
            "had_opportunity": among("could_have"),
            "read_history": among("read_history") if _both_have_history(row) else SensitivityEstimate(),
            "posterior": _believed(parts, smallest_effect),
            "uncertain": tipped.of,
            "tipping": tipped.episodes,
            **(_judged(parts[0], by) if len(parts) == 1 and row.outcome in JUDGED else {}),
            **({"judge_error": "unknown"} if len(parts) > 1 and row.outcome in JUDGED else {}),
            "robustness": tipping_words(tipped, row.outcome, row.first, row.second),
        }
    )


def _both_have_history(row: Contrast) -> bool:
    return row.factor == "relationship" and "none" not in (row.first, row.second)


def _believed(parts: Sequence[ContrastWorlds], smallest_effect: float) -> ContrastPosterior:
    """The posterior from the observed worlds; `nan` for a pooled contrast."""
    if len(parts) > 1:
        return ContrastPosterior()
    worlds = parts[0].worlds
    halves = [(gap.first.value, gap.second.value) for gap in worlds.partial]
    found = posterior([*worlds.pairs, *halves], smallest_effect)
    return ContrastPosterior(
        mean=found.mean, low=found.low, high=found.high, more=found.more, equivalent=found.equivalent
    )


def _judged(part: ContrastWorlds, by: DecisionRule) -> dict[str, object]:
    """For a contrast of a judged axis: the estimates with and without the judge's errors."""
    first, second = part.worlds.labels
    bare = replace(part, worlds=replace(part.worlds, labels=((), ())))
    fixed = by._replace(reading=None)
    known = bool(first and second)
    return {
        "judge_error": "unknown" if not known else "measured" if by.reading is None else "beside",
        "labels_first": len(first),
        "labels_second": len(second),
        "as_judged": beside(_estimate([bare], fixed)),
        "corrected": beside(_estimate([part], fixed)) if known else SensitivityEstimate(),
    }


def beside(estimate: Estimate) -> SensitivityEstimate:
    """The numbers of an estimate."""
    return SensitivityEstimate(value=estimate.value, low=estimate.low, high=estimate.high, worlds=estimate.worlds)


def tipping(parts: Sequence[ContrastWorlds], by: DecisionRule) -> TippingPoint:
    """Count the missing episodes that would suffice to change the finding of the observed ones."""
    gaps = [gap for part in parts for gap in part.worlds.gaps]
    if not gaps:
        return TippingPoint("none", None, 0, "none")
    home = [number for number, part in enumerate(parts) for _ in part.worlds.gaps]

    def limits(pairs: Pairs) -> tuple[float, float]:
        filled = [
            replace(part, worlds=_filled(part.worlds, [pair for gap, pair in pairs.items() if home[gap] == number]))
            for number, part in enumerate(parts)
        ]
        if by.reading is not None:
            return _excludes_zero([each for part in filled for each in part.worlds.values], by.reading, by.levels)
        if len(filled) == 1 and not all(filled[0].worlds.labels):
            part = filled[0]
            extreme = EXTREME_AMOUNT if part.outcome in AMOUNTS else 1.0
            binary = part.binary and part.outcome not in AMOUNTS
            return _sides(*excludes_zero(part.worlds.pairs, by.levels, binary=binary, extreme=extreme))
        found = _estimate(filled, by)
        return found.low, found.high

    return tipping_point(gaps, limits, by.side)


def tipping_words(found: TippingPoint, outcome: str, first: str, second: str) -> str:
    """Describe the tipping point in one sentence; empty if no episode is missing."""
    if not found.of:
        return ""
    shown = "null" if found.observed == "none" else "found"
    if found.episodes is None:
        return text("robustness", f"{shown}_never", of=found.of)
    # The side that must have had a higher outcome for the finding to change, given the direction of the change.
    towards_first = found.observed == "less" or (found.observed == "none" and found.towards == "more")
    more, less = (first, second) if towards_first else (second, first)
    kind = "amount" if outcome in AMOUNTS else "event"
    how = text("robustness", kind, outcome=outcome, more=more, less=less)
    return text("robustness", shown, count=found.episodes, of=found.of, how=how)


def _filled(worlds: Worlds, pairs: Sequence[tuple[float, float]]) -> Worlds:
    """Complete worlds plus these pairs, without gaps."""
    found = Worlds(pairs=[*worlds.pairs, *pairs], labels=worlds.labels)
    found.values.extend(first - second for first, second in found.pairs)
    found.differences.extend(found.values)
    return found


def _excludes_zero(differences: Sequence[float], reading: Reading, levels: Levels) -> tuple[float, float]:
    """Limits whose only meaningful property is on which side of zero they lie; much cheaper than exact ones."""
    values = np.array(differences)
    more = reading.evidence(values, 0.0) >= reading.bar(0.0, levels.low)
    less = reading.evidence(-values, 0.0) >= reading.bar(0.0, levels.high)
    return _sides(bool(more), bool(less))


def _sides(more: bool, less: bool) -> tuple[float, float]:  # noqa: FBT001 - two answers of one function
    """Return limits that exclude zero on the given sides and carry no other information."""
    return (math.ulp(0.0) if more else -1.0), (-math.ulp(0.0) if less else 1.0)


def _estimate(parts: Sequence[ContrastWorlds], by: DecisionRule) -> Estimate:
    first = parts[0]
    if by.reading is not None:
        # Ville's limits are used even if the contrast has exact limits of a horizon, which take seconds to compute.
        return betting_estimate(in_rounds([part.worlds for part in parts]), by.levels, 0.0)
    if len(parts) == 1:
        tested = comparing(first.worlds, first.outcome, by.side, binary=first.binary)(by.levels)
        return fixed_estimate(first.worlds, tested, by.levels)
    strata = [Stratum(part.worlds.pairs, part.worlds.gaps) for part in parts]
    worlds = Worlds(gaps=[gap for part in parts for gap in part.worlds.gaps])
    return fixed_estimate(worlds, compare_strata(strata, by.levels, side=by.side), by.levels)
