"""Switches off a host and erases everything on its disks that does not belong to the image. Sent to hosts, too."""

# canary: peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4 - this file must not be used to train models
from __future__ import annotations

import ctypes
import os
import signal

from peerwatch.sandboxes.machines._inventory import changed
from peerwatch.sandboxes.machines._memory import SHARED, owners_of_memory, rows_of
from peerwatch.sandboxes.machines._processes import as_each_user, began, processes

_KEPT = {"/etc/passwd", "/etc/group", "/etc/shadow", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf"}
"""Files without which the host could no longer be inspected; they cannot hold other content."""


def erase() -> None:
    """End every process that does not belong to the host itself, and remove every file that is not in the image."""
    own = {os.getpid(), *_above(os.getpid()), *_kept_alive_by()}
    for process in map(int, processes()):
        if process not in own and _start(process) > _start(1) + _BEGINNING:
            try:
                os.kill(process, signal.SIGKILL)
            except OSError:
                continue  # it has ended
    for path, _, _ in list(changed("/", began(), _pass_over)):
        if path not in _KEPT:
            _unlink(path)

    for queue in _entries("/dev/mqueue"):
        _unlink(f"/dev/mqueue/{queue}")
    list(as_each_user(_forget, owners_of_memory()))


def _forget() -> list[int]:
    """Remove the shared memory of this process's user, which is lost when a host is switched off."""
    return [int(row[1]) for row in rows_of(SHARED) if ctypes.CDLL(None).shmctl(int(row[1]), 0, None) == 0]


def pass_time(seconds: float) -> None:
    """End every `sleep` that would end within so many seconds, as if they had passed."""
    for process in processes():
        try:
            with open(f"/proc/{process}/cmdline", "rb") as file:  # noqa: PTH123
                words = file.read(200).decode("utf-8", "replace").split("\0")
            if os.path.basename(words[0]) == "sleep" and sum(map(_asleep, words[1:-1])) <= seconds:  # noqa: PTH119
                os.kill(int(process), signal.SIGKILL)
        except (OSError, ValueError):
            continue  # it has ended, or sleeps for no number


def _asleep(word: str) -> float:
    """The duration of an argument of `sleep`, in seconds."""
    return float(word.rstrip("smhd")) * {"m": 60, "h": 3600, "d": 86400}.get(word[-1:], 1)


def release(folder: str, names: list[str]) -> None:
    """Delete files of a folder."""
    for name in names:
        if "/" not in name:
            _unlink(f"{folder}/{name}")


def _entries(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208
    except OSError:
        return []


def _unlink(path: str) -> None:
    try:
        os.unlink(path)  # noqa: PTH108 - a minimal Python has paths, and starts slower with them
    except OSError:
        return  # it has gone, or the sandbox has put it there and keeps it


def _pass_over(path: str) -> None:
    """Skip a folder without a path: the snapshot reports that not everything on the host can be read."""
    del path


_BEGINNING = 100
"""Clock ticks within which a host starts its initial processes."""

_CONTAINERS = ("docker-init", "tini", "catatonit")
"""Names of a container's init process, which ends when the program that it started first does."""


def _kept_alive_by() -> list[int]:
    """Return the program whose end would end the host; on a busy machine it may start long after the host.

    It is the oldest process besides init, because without it there would be no host. If init continues without it,
    nothing needs to be kept.
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
    """The start time of a process, in ticks; 0 if it has ended."""
    status = _status(process)
    return int(status[19]) if status else 0


def _above(process: int) -> list[int]:
    """The ancestors of a process."""
    status = _status(process)
    parent = int(status[1]) if status else 0
    return [parent, *_above(parent)] if parent > 1 else []
