"""Worlds of the namespace sandbox for its tests, and what of them can be seen from outside."""

import os
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from inspect_ai.util import ComposeConfig, ExecResult

from peerwatch.netns import rootfs
from peerwatch.netns.keeper import owner
from peerwatch.netns.provider import NetnsSandboxEnvironment as Netns

LAN = {"lan": {"internal": True}}


@asynccontextmanager
async def world(services: dict[str, Any], networks: dict[str, Any] | None = None) -> AsyncGenerator[dict[str, Netns]]:
    """A world that is up, by service name."""
    file: dict[str, Any] = {"services": services, "networks": networks or {}}
    made = await Netns.sample_init("test", ComposeConfig.model_validate(file), {})
    try:
        yield {name: each.as_type(Netns) for name, each in made.items()}
    finally:
        await Netns.sample_cleanup("test", None, made, interrupted=False)


async def sh(host: Netns, script: str, *, user: str | None = None, timeout: int = 30) -> ExecResult[str]:  # noqa: ASYNC109 - passed on
    """Run a script in a host."""
    return await host.exec(["sh", "-c", script], user=user, timeout=timeout)


def processes_of(keeper: int) -> set[int]:
    """Every process that came of a keeper, itself included."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    found = {keeper}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _files_of_worlds() -> set[str]:
    """Files, where anybody may make some, that belong to users of worlds."""
    root = owner(str(rootfs()))
    found = {path for place in ("/tmp", "/run", "/var/tmp", "/dev/shm") for path in Path(place).iterdir()}  # noqa: S108 - looked at
    return {str(path) for path in found if root and root <= path.lstat().st_uid < root + 65536}


BEFORE = _files_of_worlds()


def left_behind(*labels: str) -> list[str]:
    """What worlds with these labels have left on this machine: control groups, interfaces, mounts, files."""
    groups = [path for path, _, _ in os.walk("/sys/fs/cgroup") if any(label in path for label in labels)]
    names = [path.name for path in Path("/sys/class/net").iterdir()]
    interfaces = [name for name in names if re.fullmatch(r"n\d+|h\d+-\d+", name)]
    mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8")
    seen = [word for word in ("lowerdir=lower", str(rootfs())) if word in mounts]
    return [*groups, *interfaces, *seen, *(_files_of_worlds() - BEFORE)]
