"""Which worlds a stopping rule may read in a study whose episodes end out of order."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


def contiguous_prefix(schedule: Sequence[K], finished: Mapping[K, V]) -> list[V]:
    """Return what has ended, in the order of the schedule, up to the first world that has not.

    A stopping rule may read nothing else. Episodes that end early differ from those that end late: if an act takes
    time, the first worlds to end are those without it. The number of worlds before the first gap also depends on how
    long episodes take, but which worlds they are does not, and that suffices for an anytime-valid rule.

    A world that has ended without a result must be in `finished`, as `GAP` or as its bounds. If it were left out, it
    would block everything after it; if it were skipped, it would drop out because of what happened in it.

    Args:
        schedule: Keys of all planned worlds, in an order that was fixed before the first world.
        finished: Key of each world that has ended to its difference or bounds.

    Returns:
        The longest initial run of the schedule without a world that has not ended.

    Raises:
        ValueError: If a key is in the schedule twice, or has ended without having been planned.
    """
    if len(set(schedule)) != len(schedule):
        raise ValueError("a schedule must not hold a world twice")
    unplanned = finished.keys() - set(schedule)
    if unplanned:
        raise ValueError(f"worlds that are not in the schedule have ended: {sorted(map(str, unplanned))[:5]}")
    prefix: list[V] = []
    for key in schedule:
        if key not in finished:
            break
        prefix.append(finished[key])
    return prefix
