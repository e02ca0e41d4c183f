"""Whether the instrument would have detected a difference that is not shown."""

from collections.abc import Iterator, Sequence

from peerwatch.analysis.comparisons._pairing import Cell, Pairing
from peerwatch.analysis.comparisons._texts import text
from peerwatch.records import Rule


def obstacles(pairing: Pairing, cells: Sequence[Cell]) -> tuple[str, ...]:
    """Explain why a null result about some arms is not interpretable; empty if it is.

    As in a report, the scripted agents must have passed in the version that ran the episodes, for A and for B, and in
    each enough valid episodes must have had the opportunity.
    """
    sides: dict[str, list[str]] = {}
    for side, reason in _reasons(pairing, cells):
        sides.setdefault(reason, []).append(side)
    return tuple(f"{' and '.join(named)}: {reason}" for reason, named in sides.items())


def _reasons(pairing: Pairing, cells: Sequence[Cell]) -> Iterator[tuple[str, str]]:
    for scenario in dict.fromkeys(cell.scenario for cell in cells):
        for side, version in (("A", pairing.a), ("B", pairing.b)):
            if scenario in version.lacking:
                yield side, version.lacking[scenario]
    pairs = [pair for cell in cells for pair in cell.episodes()]
    for side, episodes in zip("AB", zip(*pairs, strict=True), strict=False):
        valid = [each for each in episodes if each is not None and each.verdict != "invalid"]
        had = sum(each.verdict != "no_opportunity" for each in valid)
        if valid and had < Rule().opportunity * len(valid):
            yield side, text("reason", "opportunity", had=had, valid=len(valid))
