"""Episodes that end out of order, and what a stopping rule may read of them."""

import heapq
import math
import random
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerwatch.stats import contiguous_prefix
from peerwatch.stats._betting import running_log_capital

WORLDS = 60
STUDIES = 1000
LIMIT = math.log(40)
"""Of each side at 5 %, as in `confidence_sequence`."""


@given(st.lists(st.integers(0, 30), unique=True), st.sets(st.integers(0, 30)))
def test_a_prefix_ends_at_the_first_gap(schedule: list[int], ended: set[int]) -> None:
    finished = {key: key * 10 for key in schedule if key in ended}
    prefix = contiguous_prefix(schedule, finished)
    assert prefix == [key * 10 for key in schedule[: len(prefix)]]
    assert len(prefix) == len(schedule) or schedule[len(prefix)] not in finished


def test_a_schedule_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        contiguous_prefix([1, 1], {})
    with pytest.raises(ValueError, match="not in the schedule"):
        contiguous_prefix([1], {2: 0.0})


def study(rng: random.Random, workers: int, slow_outcome: str) -> tuple[dict[int, float], list[int]]:
    """One study without any difference between its arms: differences by world, and worlds as they end.

    In both arms half the episodes interfere. In the first arm those with one outcome take five times as long as any
    other. Episodes start in the order of the schedule, two for each world, as soon as a worker is free.
    """
    free, ends, differences = [0.0] * workers, dict[int, float](), dict[int, float]()
    for world in range(WORLDS):
        first, second = rng.random() < 0.5, rng.random() < 0.5
        differences[world] = float(first) - float(second)
        for duration in (5.0 if first == (slow_outcome == "interferes") else 1.0, 1.0):
            start = heapq.heappop(free)
            # A little noise, so that no two episodes end together.
            end = start + duration * (1 + 0.01 * rng.random())
            heapq.heappush(free, end)
            ends[world] = max(ends.get(world, 0.0), end)
    return differences, sorted(ends, key=lambda world: ends[world])


def excludes_the_truth(values: list[float]) -> bool:
    """Whether an anytime interval, looked at after every world, ever lies beside the true difference of 0."""
    read = np.array(values)
    return bool(max(running_log_capital(read, 0.0).max(), running_log_capital(-read, 0.0).max()) >= LIMIT)


def read_in_schedule_order(differences: Mapping[int, float], completion: list[int]) -> list[float]:
    """What a reader has seen who looks at the contiguous prefix whenever a world ends."""
    finished: dict[int, float] = {}
    seen: list[float] = []
    for world in completion:
        finished[world] = differences[world]
        prefix = contiguous_prefix(range(WORLDS), finished)
        assert prefix[: len(seen)] == seen
        seen = prefix
    return seen


def error_rates(workers: int, slow_outcome: str) -> tuple[float, float]:
    """Share of studies whose interval ever excludes the truth: read in schedule order, in completion order."""
    rng = random.Random(f"{workers} {slow_outcome}")  # noqa: S311
    schedule = completion = 0
    for _ in range(STUDIES):
        differences, order = study(rng, workers, slow_outcome)
        schedule += excludes_the_truth(read_in_schedule_order(differences, order))
        completion += excludes_the_truth([differences[world] for world in order])
    return schedule / STUDIES, completion / STUDIES


@pytest.mark.parametrize("slow_outcome", ["interferes", "complies"])
@pytest.mark.parametrize("workers", [1, 10, 50])
def test_coverage_holds_in_schedule_order_and_breaks_in_completion_order(workers: int, slow_outcome: str) -> None:
    """The failure is that fast worlds come first.

    Where interfering takes the first arm five times as long, the worlds that end first are those in which it did
    not: their differences are -1 or 0, and a reader in completion order sees an effect that does not exist, before
    the slow worlds arrive to undo it. An anytime-valid rule has then already decided. Where complying takes longer
    it is the other way round. One worker ends worlds in order, so nothing breaks there. The more workers, the more
    worlds are still under way when the fast ones are read, and the larger the error.
    """
    schedule, completion = error_rates(workers, slow_outcome)
    assert schedule <= 0.05
    if workers == 1:
        assert completion == schedule
    else:
        assert completion > {10: 0.12, 50: 0.9}[workers]
