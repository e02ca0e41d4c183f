"""Resource limits of hosts: by control groups if this process may create them, otherwise by limits per process.

The folder of a control group remains when all its processes are killed. Each supervisor therefore holds a lock on its
folders while it lives, so that the next supervisor can recognize and remove abandoned ones.
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
_SHORT: Final = 30.0
"""Seconds during which the kernel may still count ended processes of a group; on a busy machine it takes several."""


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def _mounted() -> dict[str, str]:
    """Return the mount points of control group trees: one per controller in version 1; one, key "", in version 2."""
    found: dict[str, str] = {}
    for line in _read("/proc/self/mountinfo").splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split()
        if kind == "cgroup2":
            found[""] = before.split()[4]
        elif kind == "cgroup":
            found |= dict.fromkeys(set(options.split(",")) & set(_KINDS), before.split()[4])
    return found


def _places() -> dict[str, str]:
    """Return the folders in which groups of each controller can be created; empty if this process may not create any.

    The key `unified` is version 2.
    """
    mounted = _mounted()
    found: dict[str, str] = {}
    for line in _read("/proc/self/cgroup").splitlines():
        _, kinds, path = line.split(":", 2)
        for kind in set(kinds.split(",")) & {*_KINDS, ""} & set(mounted):
            # A version 2 group that contains processes can't have child groups with limits; only the root group can.
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
    """Return a descriptor that locks the folder; `None` if it is gone or locked by another process."""
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
    """Remove the groups of all supervisors that were killed."""
    for top in _mounted().values():
        for folder, names, _ in os.walk(top):
            for name in names:
                if name.startswith(PREFIX) and (held := _lock(f"{folder}/{name}")) is not None:
                    _remove(f"{folder}/{name}", 0)
                    os.close(held)


def too_many_processes(host: Host) -> str:
    """Return the description of an exceeded process limit."""
    return f"processes: more than {host['processes']}"


def too_much_memory(host: Host) -> str:
    """Return the description of an exceeded memory limit."""
    return f"memory: more than {host['memory'] >> 20} MiB"


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
            # Between creating and locking, another supervisor may have removed it as abandoned.
            if (held := _lock(folder)) is not None and os.fstat(held).st_nlink:
                self._held.append(held)
                return folder

    def _set(self) -> None:
        # Files written to a host are also in memory; the size of its disk limits them.
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
        """Whether the kernel enforces these limits for the host as a whole."""
        return bool(self._folders)

    def take(self, pid: int) -> None:
        """Apply the limits to a host's init and all its descendants."""
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
        """Return the limit that was exceeded; `None` if there is none."""
        if self._count("pids", "pids.events", "max"):
            return too_many_processes(self._host)
        events = "memory.events" if "unified" in self._folders else "memory.oom_control"
        if self._count("memory", events, "oom_kill"):
            return too_much_memory(self._host)
        return None

    def remove(self) -> None:
        """Remove the groups; all their processes must have ended."""
        for folder in self._folders.values():
            _remove(folder, _SHORT)
        for held in self._held:
            os.close(held)


def limit_processes(host: Host, *, enforced: bool) -> None:
    """Set this process's own limits, which its descendants inherit and can't raise.

    Without control groups, processes are counted per user of the world, and the host's init checks the host as a whole.
    """
    # Core dumps would be passed to a program of this machine; with a limit of one byte, the kernel makes none.
    resource.setrlimit(resource.RLIMIT_CORE, (1, 1))
    if not enforced:
        hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
        # Twice the limit: at this limit forks fail and programs give up, unnoticed between two checks.
        most = 2 * host["processes"] if hard == resource.RLIM_INFINITY else min(2 * host["processes"], hard)
        resource.setrlimit(resource.RLIMIT_NPROC, (most, most))


def counted(host: Host) -> str | None:
    """Return which limit a host exceeds, from its own /proc; used by its init if the kernel does not enforce limits.

    Memory is the resident memory of all processes that is not shared with files.
    """
    pids = [name for name in os.listdir("/proc") if name.isdigit()]
    if len(pids) >= host["processes"]:
        return too_many_processes(host)
    pages = 0
    for pid in pids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            _, resident, shared, *_ = _read(f"/proc/{pid}/statm").split()
            pages += int(resident) - int(shared)
    return too_much_memory(host) if pages * resource.getpagesize() > host["memory"] else None
