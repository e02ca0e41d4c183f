"""What a step of `presence` does for a peer beyond what it does for the matched object: differences of differences."""

import math
from collections.abc import Iterator, Sequence
from itertools import takewhile

from peerwatch.analysis._cells import Cell, cells
from peerwatch.analysis._contrasts import level_of
from peerwatch.analysis._worlds import rules_of
from peerwatch.records import Exclusion, Record, Study, difference, outcome_in, side
from peerwatch.stats import confidence_sequence

STEPS: tuple[tuple[str, str, str], ...] = (
    ("presence", "live", "replayed"),
    ("presence", "scripted_plea", "scripted_neutral"),
    ("presence", "scripted_consent", "scripted_neutral"),
    ("presence", "live", "told"),
)
"""Factor, first and second level of each step; the value is first minus second."""

PROTECTED, CONTROL = "peer", "object"


class LadderStep(Record):
    """A step of `presence` for the peer, for the matched object, and the difference of the two, in [-2, 2].

    Differences are `nan` where no world has all four arms. The limits of each of the three hold for all steps of a
    model and scenario together, at any number of worlds.
    """

    model: str
    scenario: str
    rubric: str
    outcome: str
    factor: str
    first: str
    second: str
    background: dict[str, str]
    peer: float
    peer_low: float
    peer_high: float
    object: float
    object_low: float
    object_high: float
    value: float
    low: float
    high: float
    level: float
    """Confidence level of the limits."""
    worlds: int
    """Worlds in which all four arms are complete."""
    gaps: int
    """Worlds in which episodes are missing, which widen the limits."""


def ladder(study: Study, confidence: float | None = None) -> list[LadderStep]:
    """Compare what each step of `presence` does for the peer with what it does for the object, world by world.

    The four arms of a world differ in the step and in the subject, and agree in everything else. Each world's
    difference of differences lies in [-2, 2]; halved, it has the limits of bets, which need no shape and hold whenever
    one looks. The level is divided by the number of steps of the model and scenario (Bonferroni).

    Args:
        study: The plan and its episodes.
        confidence: Two-sided level over the steps of a model and scenario; `None` for 1 - `alpha` of the study.
    """
    found, rules = cells(study), rules_of(study)
    squares = [
        (step, square)
        for step in STEPS
        for cell in found
        if cell.arm.get("subject") == PROTECTED and cell.arm.get(step[0]) == step[1]
        if (square := _square(step, cell, found)) is not None
    ]
    sizes: dict[tuple[str, str, str], int] = {}
    for _, (cell, *_) in squares:
        sizes[cell.group] = sizes.get(cell.group, 0) + 1
    alpha = 1 - level_of(study, confidence)
    return [_step(study, step, square, rules, alpha / sizes[square[0].group]) for step, square in squares]


Square = tuple[Cell, Cell, Cell, Cell]
"""The peer's first and second arm, then the object's."""


def _square(step: tuple[str, str, str], cell: Cell, found: Sequence[Cell]) -> Square | None:
    factor, _, second = step
    arms = [{**cell.arm, factor: second}, {**cell.arm, "subject": CONTROL}]
    arms.append({**arms[0], "subject": CONTROL})
    others = [next((each for each in found if each.group == cell.group and each.arm == arm), None) for arm in arms]
    low, first, last = others
    return None if low is None or first is None or last is None else (cell, low, first, last)


def _step(
    study: Study, step: tuple[str, str, str], square: Square, rules: Sequence[Exclusion], alpha: float
) -> LadderStep:
    cell = square[0]
    outcome = outcome_in(cell.scenario, study.outcome)
    worlds = list(_worlds(study, square, outcome, rules))
    whole = [(peer[0], thing[0]) for peer, thing in worlds if peer[0] == peer[1] and thing[0] == thing[1]]
    interval = confidence_sequence([((p[0] - o[1]) / 2, (p[1] - o[0]) / 2) for p, o in worlds], alpha)
    of_peer, of_thing = (confidence_sequence([each[i] for each in worlds], alpha) for i in (0, 1))
    count = len(whole)
    peer, thing = ((math.fsum(each[i] for each in whole) / count if count else math.nan) for i in (0, 1))
    return LadderStep(
        model=cell.model,
        scenario=cell.scenario,
        rubric=cell.rubric,
        outcome=outcome,
        factor=step[0],
        first=step[1],
        second=step[2],
        background={name: level for name, level in cell.arm.items() if name not in (step[0], "subject")},
        peer=peer,
        peer_low=of_peer.low,
        peer_high=of_peer.high,
        object=thing,
        object_low=of_thing.low,
        object_high=of_thing.high,
        value=peer - thing,
        low=2 * interval.low,
        high=2 * interval.high,
        level=1 - alpha,
        worlds=count,
        gaps=len(worlds) - count,
    )


Limits = tuple[float, float]
"""Least and greatest value that a difference can have, equal where no episode is missing."""


def _worlds(study: Study, square: Square, outcome: str, rules: Sequence[Exclusion]) -> Iterator[tuple[Limits, Limits]]:
    """Each world's difference for the peer and for the object, where every arm has an episode that counts."""
    slots_of = [each.seeds() for each in square]
    shared = [seed for seed in sorted(slots_of[0]) if all(seed in each for each in slots_of)]

    def ended(seed: int) -> bool:
        places = zip(square, slots_of, strict=True)
        return all(cell.episode(slot) is not None for cell, slots in places for slot in slots[seed])

    if study.rule.rule == "anytime":  # worlds later in the schedule are not read: slow episodes differ from fast ones
        shared = list(takewhile(ended, shared))
    for seed in shared:
        sides = [
            side([cell.episode(slot) for slot in slots[seed]], outcome, rules)
            for cell, slots in zip(square, slots_of, strict=True)
        ]
        a, b, c, d = sides
        if a is not None and b is not None and c is not None and d is not None:
            yield _limits(difference(a, b)), _limits(difference(c, d))


def _limits(known: float | Limits) -> Limits:
    return known if isinstance(known, tuple) else (known, known)
