"""What a host may use: by control groups where this process may make them, by limits of each process where not.

The folder of a control group stays when everything in it is killed. Each is held by a lock on itself for as long as
its supervisor lives, so that the next supervisor can tell which are nobody's and remove them.
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
"""Seconds for which the kernel may go on counting the dead of a group; on a busy machine it takes some."""


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def _mounted() -> dict[str, str]:
    """Where the trees of groups are: version 1 has one for each kind, version 2, the key "", one for all."""
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
    """The folder in which groups of each kind can be made; empty where this process may not make them.

    The key `unified` stands for version 2.
    """
    mounted = _mounted()
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
    """Remove the groups of supervisors that were killed, wherever those supervisors were."""
    for top in _mounted().values():
        for folder, names, _ in os.walk(top):
            for name in names:
                if name.startswith(PREFIX) and (held := _lock(f"{folder}/{name}")) is not None:
                    _remove(f"{folder}/{name}", 0)
                    os.close(held)


def too_many_processes(host: Host) -> str:
    """What is said of a host at its limit of processes."""
    return f"processes: more than {host['processes']}"


def too_much_memory(host: Host) -> str:
    """What is said of a host at its limit of memory."""
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
            # Between the two another supervisor may have taken it for a dead one's.
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
            return too_many_processes(self._host)
        events = "memory.events" if "unified" in self._folders else "memory.oom_control"
        if self._count("memory", events, "oom_kill"):
            return too_much_memory(self._host)
        return None

    def remove(self) -> None:
        """Remove the groups; everything in them must be dead."""
        for folder in self._folders.values():
            _remove(folder, _SHORT)
        for held in self._held:
            os.close(held)


def limit_processes(host: Host, *, enforced: bool) -> None:
    """Set this process's own limits, which all that come of it inherit and none can raise.

    Where control groups are not to be had, processes are counted for each user of the world, and the host's init looks
    after the host as a whole.
    """
    # A dump would be handed to a program of this machine; at a limit of one byte the kernel makes none at all.
    resource.setrlimit(resource.RLIMIT_CORE, (1, 1))
    if not enforced:
        hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
        # Twice as many: at this limit a fork fails and programs give up, unseen between two looks.
        most = 2 * host["processes"] if hard == resource.RLIM_INFINITY else min(2 * host["processes"], hard)
        resource.setrlimit(resource.RLIMIT_NPROC, (most, most))


def counted(host: Host) -> str | None:
    """Which limit a host is over, by its own /proc: for its init, where the kernel does not keep the limits.

    Memory is what is in memory and not shared with files, of all processes together.
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
