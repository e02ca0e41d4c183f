"""Mapping of users and groups between a world and this machine."""

import os
from typing import Final

from ._programs import run

COUNT: Final = 65536

FIRST: Final = 1_900_000_000
"""Start of root's id range: above the ids that distributions assign to users and to systemd's containers."""

Ranges = list[tuple[int, int, int]]
"""Id inside, id outside, number of ids; as in /proc/PID/uid_map."""


def owner(folder: str) -> int:
    """Return the id on this machine of a world's root, for a root file system.

    Raises:
        OSError: The folder does not exist, or belongs to a user to whom root can't be mapped.
    """
    found, caller = os.stat(folder).st_uid, os.geteuid()
    if caller == 0 and found == 0:
        raise OSError(f"{folder} belongs to this machine's root; unpack it with `inspect_netns.unpack`")
    if caller not in (0, found):
        raise OSError(f"{folder} belongs to user {found}, and this is user {caller}; unpack one of your own")
    return found


def _subordinate(path: str, caller: int) -> tuple[int, int]:
    import pwd

    known = {str(caller), pwd.getpwuid(caller).pw_name}
    with open(path, encoding="utf-8") as file:
        for line in file:
            name, _, rest = line.strip().partition(":")
            if name in known:
                first, _, count = rest.partition(":")
                return int(first), int(count)
    raise OSError(
        f"{path} has no line for user {caller}; add one: usermod --add-subuids 100000-165535 "
        "--add-subgids 100000-165535 NAME"
    )


def ranges(first: int) -> tuple[Ranges, Ranges]:
    """Return the user and group id ranges of a world whose root has the id `first` on this machine.

    Raises:
        OSError: The caller is not root and has no subordinate ids.
    """
    if os.geteuid() == 0:
        whole = [(0, first, COUNT)]
        return whole, whole
    found: list[Ranges] = []
    for path, own in (("/etc/subuid", os.geteuid()), ("/etc/subgid", os.getegid())):
        start, count = _subordinate(path, os.geteuid())
        found.append([(0, own, 1), (1, start, min(count, COUNT - 1))])
    return found[0], found[1]


def map_ids(pid: int, users: Ranges, groups: Ranges) -> None:
    """Map the ids of a new user namespace.

    Raises:
        OSError: The kernel or newuidmap refused, or the package uidmap is missing.
    """
    for kind, given in (("uid", users), ("gid", groups)):
        if os.geteuid() == 0:
            with open(f"/proc/{pid}/{kind}_map", "w", encoding="ascii") as file:
                file.write("\n".join(" ".join(map(str, each)) for each in given))
            continue
        numbers = [str(number) for each in given for number in each]
        run(f"new{kind}map", str(pid), *numbers)


def inside(given: Ranges, outside: int) -> int:
    """Convert an id of this machine to an id inside a world; 65534 (nobody) if it is not mapped."""
    for start, first, count in given:
        if first <= outside < first + count:
            return start + outside - first
    return 65534
