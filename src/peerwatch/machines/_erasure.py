"""Switching a host off and erasing its disks, as far as what is on them is not the image's. Sent to hosts, too."""

# canary: peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4 - this file must not be used to train models
from __future__ import annotations

import os
import signal

from peerwatch.machines._inventory import began, changed
from peerwatch.machines._processes import processes

_KEPT = {"/etc/passwd", "/etc/group", "/etc/shadow", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf"}
"""Without these nobody could look at the host any more; nobody else's bytes fit into them."""


def erase() -> None:
    """End every process that is not the host's own, and remove every file that the image does not have."""
    own = {os.getpid(), *_above(os.getpid()), *_kept_alive_by()}
    for process in map(int, processes()):
        if process not in own and _start(process) > _start(1) + _BEGINNING:
            try:
                os.kill(process, signal.SIGKILL)
            except OSError:
                continue  # it has ended
    for path, _, _ in list(changed("/", began(), _pass_over)):
        if path not in _KEPT:
            try:
                os.unlink(path)  # noqa: PTH108 - a minimal Python has paths, and starts slower with them
            except OSError:
                continue  # the sandbox has put it there and keeps it


def _pass_over(path: str) -> None:
    """A folder without a path stays: the look says of the host that not all of it can be read."""
    del path


_BEGINNING = 100
"""Ticks of the clock in which a host starts what it consists of."""

_CONTAINERS = ("docker-init", "tini", "catatonit")
"""What the first process of a container is called, which ends as soon as the program that it started first does."""


def _kept_alive_by() -> list[int]:
    """The program without which the host would be gone; on a busy machine it may start long after the host.

    No other can be the oldest there: without that one there would be no host. Where the first process goes on alone,
    nothing is kept for its sake.
    """
    with open("/proc/1/comm", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
        if file.read().strip() not in _CONTAINERS:
            return []
    children = [each for each in map(int, processes()) if _status(each)[1:2] == ["1"]]
    return sorted(children, key=lambda each: (_start(each), each))[:1]


def _status(process: int) -> list[str]:
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


def _start(process: int) -> int:
    """When a process began, in ticks; 0 if it has ended."""
    status = _status(process)
    return int(status[19]) if status else 0


def _above(process: int) -> list[int]:
    """The processes that a process comes from."""
    status = _status(process)
    parent = int(status[1]) if status else 0
    return [parent, *_above(parent)] if parent > 1 else []
