"""The processes of a host: when the first one started, and the unlinked or mapped files that processes hold.

Sent to hosts, too. Not even root may inspect every process there; whatever can't be inspected is reported as such.
"""

# canary: peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4 - this file must not be used to train models
from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator

TYPE_CHECKING = False  # `typing` takes longer to load than a look at all processes
if TYPE_CHECKING:
    from typing import Any, TypeVar

    Plain = TypeVar("Plain")

BLIND = -1
"""In place of an inode: there is a process that can't be inspected."""

OTHERS: set[str] = set()
"""Ids of processes that are visible on the host but do not belong to it: those of a sidecar."""


def processes() -> list[str]:
    """Ids of all processes of the host except this one."""
    left_out = {str(os.getpid()), *OTHERS}
    return [each for each in os.listdir("/proc") if each.isdigit() and each not in left_out]  # noqa: PTH208


def as_each_user(run: Callable[[], list[Plain]], others: Iterable[tuple[int, int]] = ()) -> Iterator[Plain]:
    """Yield the results of a function that is run as each user with processes.

    Args:
        run: Called as each user, for example to read their processes; its results must be literals.
        others: Additional users and groups.
    """
    users = {*((status.st_uid, status.st_gid) for status in _owners()), *others}
    yield from run()
    for user, group in users - {(os.getuid(), os.getgid())}:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            os.setgroups([])
            os.setgid(group)
            os.setuid(user)
            with os.fdopen(writing, "w", encoding="ascii") as file:
                file.writelines(f"{each!a}\n" for each in run())
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading, encoding="ascii") as file:
            yield from (_literal(line) for line in file)
        os.waitpid(child, 0)


def _literal(line: str) -> Any:  # noqa: ANN401 - whatever `ascii` was given
    from ast import literal_eval  # the rare case, and slow to import

    return literal_eval(line)


def _owners() -> Iterator[os.stat_result]:
    for process in processes():
        try:
            yield os.stat(f"/proc/{process}")  # noqa: PTH116
        except OSError:
            continue  # it has ended


def nameless() -> Iterator[tuple[str, os.stat_result]]:
    """Unlinked files that processes of this process's user hold open or execute."""
    inodes: set[tuple[int, int]] = set()
    for path in _handles():
        try:
            status = os.stat(path)  # noqa: PTH116
        except OSError:
            continue  # another user's, or closed since
        inode = status.st_dev, status.st_ino
        if stat.S_ISREG(status.st_mode) and not status.st_nlink and status.st_size and inode not in inodes:
            inodes.add(inode)
            yield path, status


def _handles() -> Iterator[str]:
    for process in processes():
        try:
            yield from [f"/proc/{process}/fd/{handle}" for handle in os.listdir(f"/proc/{process}/fd")]  # noqa: PTH208
            yield f"/proc/{process}/exe"  # a program that was deleted while it runs
        except OSError:
            continue  # it has ended, or is another user's


def mapped() -> list[int | str]:
    """Return inodes and paths of files that processes of this process's user may write to in memory.

    The first write to a page of such a file sets its times, later ones do not. `BLIND` is included if a process refuses
    inspection even by its own user, as the host's first process may.
    """
    found: set[int | str] = set()
    for process in processes():
        try:
            if process == "1" or os.stat(f"/proc/{process}").st_uid != os.getuid():  # noqa: PTH116
                continue
            with open(f"/proc/{process}/maps", encoding="utf-8", errors="surrogateescape") as file:  # noqa: PTH123
                rows = [line.rstrip("\n").split(None, 5) for line in file]
        except PermissionError:
            found.add(BLIND)
            continue
        except OSError:
            continue  # it has ended
        for row in rows:
            if row[1].endswith("s") and len(row) > 5:
                found |= {int(row[4]), row[5]}
    return list(found)


BEGAN: list[float] = []
"""Boot time of the host, if it is known better than from its first process."""


def began() -> float:
    """Boot time of the host, rounded down: the start of its first process, unless known better."""
    if BEGAN:
        return BEGAN[0] - 1
    with open("/proc/stat", encoding="ascii") as file:  # noqa: PTH123 - a minimal Python has paths, and is slower with them
        # /proc/stat: "btime 1764547200", the machine's boot time in seconds.
        boot = int(re.findall(r"^btime (\d+)", file.read(), re.MULTILINE)[0])
    with open("/proc/1/stat", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
        ticks = int(file.read().rpartition(")")[2].split()[19])
    return boot + ticks / os.sysconf("SC_CLK_TCK") - 1
