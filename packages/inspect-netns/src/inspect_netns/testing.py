"""Observe a world from outside, for tests that worlds end and leave nothing behind."""

import os
import re
from collections.abc import Set as AbstractSet
from pathlib import Path

from .supervisor import owner


def processes_of(supervisor: int) -> set[int]:
    """Return a process and all its descendants."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    found = {supervisor}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def alive(pid: int) -> bool:
    """Whether a process exists and is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def files_of_worlds(folder: Path) -> set[str]:
    """Return files that belong to users of worlds, in folders where every user may create files.

    Args:
        folder: The root file system of the worlds, whose owner determines their users.
    """
    root = owner(str(folder))
    found = {path for place in ("/tmp", "/run", "/var/tmp", "/dev/shm") for path in Path(place).iterdir()}  # noqa: S108 - looked at
    return {str(path) for path in found if root and root <= path.lstat().st_uid < root + 65536}


def left_behind(folder: Path, *labels: str, before: AbstractSet[str] = frozenset()) -> list[str]:
    """Return what worlds have left on this machine: control groups, interfaces, mounts, files.

    Args:
        folder: Their root file system.
        labels: Labels of the worlds; control groups of other worlds are ignored.
        before: Files that existed before, from `files_of_worlds`.
    """
    groups = [path for path, _, _ in os.walk("/sys/fs/cgroup") if any(label in path for label in labels)]
    names = [path.name for path in Path("/sys/class/net").iterdir()]
    # Matches the supervisor's names of network devices: "n0", "n1" (bridges) and "h0-0" (interfaces).
    interfaces = [name for name in names if re.fullmatch(r"n\d+|h\d+-\d+", name)]
    mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8")
    seen = [word for word in ("lowerdir=lower", str(folder)) if word in mounts]
    return [*groups, *interfaces, *seen, *(files_of_worlds(folder) - before)]
