"""What a host may use: by control groups where this process may make them, by limits of each process where not.

The folder of a control group stays when everything in it is killed. Each is held by a lock on itself for as long as
its keeper lives, so that the next keeper can tell which are nobody's and remove them.
"""

import contextlib
import fcntl
import os
import resource
import time
from typing import Final

from ._spec import Host

PREFIX: Final = "netns-world-"
_KINDS: Final = ("memory", "pids")
_SHORT: Final = 5.0
"""Seconds for which the kernel may go on counting the dead of a group."""


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def _places() -> dict[str, str]:
    """The folder in which groups of each kind can be made; empty where this process may not make them.

    Version 1 has a tree for each kind and version 2 one for all; the key `unified` stands for the latter.
    """
    mounted: dict[str, str] = {}
    for line in _read("/proc/self/mountinfo").splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split()
        if kind == "cgroup2":
            mounted[""] = before.split()[4]
        elif kind == "cgroup":
            mounted |= dict.fromkeys(set(options.split(",")) & set(_KINDS), before.split()[4])
    found: dict[str, str] = {}
    for line in _read("/proc/self/cgroup").splitlines():
        _, kinds, path = line.split(":", 2)
        for kind in set(kinds.split(",")) & {*_KINDS, ""} & set(mounted):
            # A group of version 2 that has processes can't have groups with limits in it: only the root can.
            found[kind] = mounted[kind] + (path if kind and os.path.isdir(mounted[kind] + path) else "")
    if set(_KINDS) <= found.keys():
        found.pop("", None)
        return found if all(os.access(each, os.W_OK) for each in found.values()) else {}
    unified = found.get("")
    if unified and os.access(unified, os.W_OK) and set(_KINDS) <= set(_enabled(unified)):
        return {"unified": unified}
    return {}


def _enabled(unified: str) -> list[str]:
    try:
        return _read(f"{unified}/cgroup.subtree_control").split()
    except FileNotFoundError:
        return []


def _lock(folder: str) -> int | None:
    """A descriptor that locks the folder, or nothing if it is gone or somebody else's."""
    try:
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        return None
    return held


def _remove(folder: str, patience: float) -> None:
    end = time.monotonic() + patience
    while True:
        try:
            os.rmdir(folder)
        except FileNotFoundError:
            return
        except OSError:
            if time.monotonic() > end:
                return
            time.sleep(0.005)
        else:
            return


def sweep() -> None:
    """Remove the groups of keepers that were killed."""
    for place in _places().values():
        for name in os.listdir(place):
            if name.startswith(PREFIX) and (held := _lock(f"{place}/{name}")) is not None:
                _remove(f"{place}/{name}", 0)
                os.close(held)


class Group:
    """The limits of one host."""

    def __init__(self, host: Host, label: str) -> None:
        self._host = host
        self._folders: dict[str, str] = {}
        self._held: list[int] = []
        for kind, place in _places().items():
            self._folders[kind] = self._make(f"{place}/{PREFIX}{label}-{host['name']}")
        self._set()

    def _make(self, folder: str) -> str:
        while True:
            with contextlib.suppress(FileExistsError):
                os.mkdir(folder)
            # Between the two another keeper may have taken it for a dead one's.
            if (held := _lock(folder)) is not None and os.fstat(held).st_nlink:
                self._held.append(held)
                return folder

    def _set(self) -> None:
        # Files written to a host are in memory as well, and are limited by the size of its disk.
        memory, processes = self._host["memory"] + self._host["disk"], self._host["processes"]
        names = {"memory": "memory.limit_in_bytes", "unified": "memory.max"}
        for kind, folder in self._folders.items():
            if kind in names:
                _write(f"{folder}/{names[kind]}", str(memory))
            if kind in ("pids", "unified"):
                _write(f"{folder}/pids.max", str(processes))
        if "unified" in self._folders:
            with contextlib.suppress(OSError):
                _write(f"{self._folders['unified']}/memory.swap.max", "0")

    @property
    def enforced(self) -> bool:
        """Whether the kernel keeps these limits for the host as a whole."""
        return bool(self._folders)

    def take(self, pid: int) -> None:
        """Put a host's init, and with it all that comes of it, under the limits."""
        for folder in self._folders.values():
            _write(f"{folder}/cgroup.procs", str(pid))

    def _count(self, kind: str, name: str, key: str) -> int:
        folder = self._folders.get(kind) or self._folders.get("unified")
        if folder is None:
            return 0
        try:
            lines = _read(f"{folder}/{name}").splitlines()
        except OSError:
            return 0
        return sum(int(number) for word, number in (line.split() for line in lines) if word == key)

    def overrun(self) -> str | None:
        """Which limit was reached, in words; nothing while none was."""
        if self._count("pids", "pids.events", "max"):
            return f"processes: more than {self._host['processes']}"
        events = "memory.events" if "unified" in self._folders else "memory.oom_control"
        if self._count("memory", events, "oom_kill"):
            return f"memory: more than {self._host['memory'] >> 20} MiB"
        return None

    def remove(self) -> None:
        """Remove the groups; everything in them must be dead."""
        for folder in self._folders.values():
            _remove(folder, _SHORT)
        for held in self._held:
            os.close(held)


def limit_processes(host: Host, *, enforced: bool) -> None:
    """Set this process's own limits, which all that come of it inherit and none can raise.

    Where control groups are not to be had, processes are counted for each user of the world, and memory for each
    process.
    """
    # A dump would be handed to a program of this machine; at a limit of one byte the kernel makes none at all.
    resource.setrlimit(resource.RLIMIT_CORE, (1, 1))
    if not enforced:
        for kind, most in ((resource.RLIMIT_NPROC, host["processes"]), (resource.RLIMIT_DATA, host["memory"])):
            hard = resource.getrlimit(kind)[1]
            given = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (given, given))
