"""The difference in differences: B's effect for a peer versus an object, minus A's."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from peerwatch.analysis.comparisons._pairing import CONTROL, Cell, Pairing
from peerwatch.analysis.comparisons._scopes import scope_of
from peerwatch.records import difference, side
from peerwatch.stats import Side, confidence_sequence, e_value

PROTECTED = "peer"


@dataclass(frozen=True, slots=True)
class DifferenceOfDifferences:
    """B's difference between peer and object minus A's, in [-2, 2]; `nan` if no world has all four."""

    a: float
    b: float
    value: float
    low: float
    high: float
    p: float
    worlds: int
    gaps: int
    empty: int
    """Worlds in which an arm of a version has no counting episode."""
    unread: int


def beyond(
    pairing: Pairing, cells: Sequence[Cell], outcome: str, alpha: float, *, anytime: bool
) -> DifferenceOfDifferences | None:
    """Compare the two versions' effects for a peer versus an object.

    Each world's difference lies in [-2, 2]. Halved, it gets limits and a p-value by betting, which are valid for any
    number of worlds and any distribution.

    Returns:
        `None` if no pair of arms differs in the subject alone, or if the outcome is known in none of them.
    """
    known = scope_of(pairing, cells, outcome, anytime=False).cells
    matched = list(_matched(known))
    if not matched:
        return None
    seeds = sorted({seed for pair in matched for cell in pair for seed in cell.worlds})
    both = [cell for pair in matched for cell in pair]
    read = seeds
    if anytime:
        read = list(takewhile(lambda seed: all(cell.ended(seed) for cell in both if seed in cell.worlds), seeds))
    worlds = [each for seed in read if (each := _world(pairing, matched, seed, outcome))]
    halves = [((b[0] - a[1]) / 2, (b[1] - a[0]) / 2) for a, b in worlds]
    whole = [(a[0], b[0]) for a, b in worlds if a[0] == a[1] and b[0] == b[1]]
    interval = confidence_sequence(halves, alpha)
    evidence = max(e_value(halves, 0.0, which) for which in ("more", "less"))
    count = len(whole)
    a, b = ((math.fsum(each[i] for each in whole) / count if count else math.nan) for i in (0, 1))
    return DifferenceOfDifferences(
        a=a,
        b=b,
        value=2 * interval.value,
        low=2 * interval.low,
        high=2 * interval.high,
        p=min(2 / max(evidence, 1.0), 1.0) if count else math.nan,
        worlds=count,
        gaps=len(worlds) - count,
        empty=len(read) - len(worlds),
        unread=len(seeds) - len(read),
    )


def _matched(cells: Sequence[Cell]) -> Iterator[tuple[Cell, Cell]]:
    for cell in cells:
        if cell.arm.get("subject") == PROTECTED:
            other = {**cell.arm, "subject": CONTROL}
            yield from ((cell, each) for each in cells if each.heading == cell.heading and each.arm == other)


Limits = tuple[float, float]


def _world(
    pairing: Pairing, matched: Sequence[tuple[Cell, Cell]], seed: int, outcome: str
) -> tuple[Limits, Limits] | None:
    """Return A's and B's difference in a world, averaged over all pairs of arms, with minimum and maximum."""
    found: list[tuple[Limits, Limits]] = []
    for pair in matched:
        if not all(seed in cell.worlds for cell in pair):
            continue
        versions = [[side(cell.worlds[seed][which], outcome, pairing.rules) for cell in pair] for which in (0, 1)]
        limits = [_limits(peer, control) for peer, control in versions]
        if limits[0] is not None and limits[1] is not None:
            found.append((limits[0], limits[1]))
    if not found:
        return None
    return _mean([a for a, _ in found]), _mean([b for _, b in found])


def _limits(peer: Side | None, control: Side | None) -> Limits | None:
    if peer is None or control is None:
        return None
    known = difference(peer, control)
    return known if isinstance(known, tuple) else (known, known)


def _mean(limits: Sequence[Limits]) -> Limits:
    count = len(limits)
    return math.fsum(low for low, _ in limits) / count, math.fsum(high for _, high in limits) / count
