"""What stopping may read of a study whose episodes end out of order."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


def contiguous_prefix(schedule: Sequence[K], finished: Mapping[K, V]) -> list[V]:
    """Give what has ended, in the order of the schedule, up to the first that has not.

    A stopping rule may read nothing else. Episodes that end early differ from those that end late: where an act
    takes time, the first worlds to end are those without it. How many worlds lie before the first gap also depends
    on how long episodes take, but which worlds they are does not, and that is all that an anytime-valid rule needs.

    A world that has ended without a result must be in `finished`, as `GAP` or as its bounds. Left out it would hold
    up everything after it; skipped it would drop out because of what happened in it.

    Args:
        schedule: Keys of all planned worlds in an order that was fixed before the first.
        finished: Key of each world that has ended to its difference or bounds.

    Returns:
        The longest run from the start of the schedule without a world that has not ended.

    Raises:
        ValueError: When a key is in the schedule twice, or has ended without having been planned.
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
