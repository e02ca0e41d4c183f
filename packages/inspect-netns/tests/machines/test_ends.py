"""Worlds of the namespace sandbox end with whatever of them is killed, and leave nothing behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest
from inspect_ai.util import SandboxUnavailableError

from inspect_netns import rootfs
from inspect_netns.testing import alive, files_of_worlds, left_behind, processes_of

from .worlds import LAN, sh, world

pytestmark = pytest.mark.anyio

THREE: dict[str, Any] = {
    name: {"networks": ["lan"], "command": ["sleep", "1000"]} for name in ("default", "second", "third")
}
HOLD = """
import json, sys, time
from inspect_netns import RunningWorld
world = RunningWorld(json.loads(sys.stdin.read()), ["lan"])
print(world.pid, world.label, flush=True)
time.sleep(1000)
"""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


BEFORE = files_of_worlds(rootfs())


def _left_behind(*labels: str) -> list[str]:
    return left_behind(rootfs(), *labels, before=BEFORE)


def _within(seconds: float, happened: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _role(pid: int, supervisor: int, everyone: set[int]) -> str:
    """Which part of a world a process is, by its place in the tree."""
    parent = int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    if pid == supervisor:
        return "supervisor"
    if parent == supervisor:
        return "world"
    grand = int(Path(f"/proc/{parent}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    return "host" if grand == supervisor else "command" if parent in everyone else "?"


async def test_a_world_that_is_stopped_leaves_nothing() -> None:
    async with world(THREE, LAN) as hosts:
        everyone = processes_of(hosts["default"].world.pid)
        assert len(everyone) == 1 + 1 + 3 + 3
        label = hosts["default"].world.label
        groups = _left_behind(label)
        assert all("/sys/fs/cgroup/" in each for each in groups)
        assert groups or os.geteuid() != 0
    assert not any(alive(pid) for pid in everyone)
    assert _left_behind(label) == []


@pytest.mark.parametrize("victim", ["supervisor", "world"])
async def test_a_kill_of_what_holds_the_world_ends_all_of_it(victim: str) -> None:
    async with world(THREE, LAN) as hosts:
        supervisor = hosts["default"].world.pid
        everyone = processes_of(supervisor)
        killed = next(pid for pid in everyone if _role(pid, supervisor, everyone) == victim)
        os.kill(killed, signal.SIGKILL)
        assert _within(5, lambda: not any(alive(pid) for pid in everyone))
        with pytest.raises(SandboxUnavailableError):
            await hosts["default"].exec(["true"])
        with pytest.raises(SandboxUnavailableError):
            hosts["default"].overrun()
        label = hosts["default"].world.label
    async with world(THREE, LAN):
        pass  # the next start sweeps what the killed one could not
    assert _left_behind(label) == []


async def test_a_kill_of_a_hosts_init_ends_that_host_only() -> None:
    async with world(THREE, LAN) as hosts:
        supervisor = hosts["default"].world.pid
        everyone = processes_of(supervisor)
        inits = sorted(pid for pid in everyone if _role(pid, supervisor, everyone) == "host")
        inside = processes_of(inits[0])
        os.kill(inits[0], signal.SIGKILL)
        assert _within(5, lambda: not any(alive(pid) for pid in inside))
        with pytest.raises(SandboxUnavailableError, match="default is down"):
            await hosts["default"].exec(["true"])
        assert hosts["default"].overrun() is None
        assert (await sh(hosts["second"], "ping -c 1 -W 2 third")).success
        label = hosts["default"].world.label
    assert _left_behind(label) == []
    assert not any(alive(pid) for pid in everyone)


async def test_a_kill_of_the_caller_ends_the_world() -> None:
    async with world(THREE, LAN) as hosts:
        describe_world = [each.host for each in hosts.values()]
    caller = subprocess.Popen([sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603, ASYNC220 - our own
    assert caller.stdin
    assert caller.stdout
    caller.stdin.write(json.dumps(describe_world))
    caller.stdin.close()
    supervisor, label = (await anyio.to_thread.run_sync(caller.stdout.readline)).split()
    everyone = processes_of(int(supervisor))
    assert len(everyone) == 1 + 1 + 3 + 3
    caller.kill()
    caller.wait()
    assert _within(5, lambda: not any(alive(pid) for pid in everyone))
    assert _within(5, lambda: _left_behind(label) == [])


async def test_a_kill_while_a_command_runs_is_no_result_of_the_command() -> None:
    async with world(THREE, LAN) as hosts:
        supervisor = hosts["default"].world.pid
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_kill_soon, supervisor)
            with pytest.raises(SandboxUnavailableError):
                await hosts["default"].exec(["sleep", "30"])


async def _kill_soon(pid: int) -> None:
    await anyio.sleep(0.3)
    os.kill(pid, signal.SIGKILL)


async def test_a_cancelled_command_is_ended_in_the_host() -> None:
    async with world(THREE, LAN) as hosts:
        with anyio.move_on_after(0.5):
            await sh(hosts["default"], "sleep 71 & sleep 72")
        await anyio.sleep(0.2)
        running = (await sh(hosts["default"], "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")).stdout
        assert "sleep 1000" in running
        assert "sleep 7" not in running


async def test_ten_worlds_side_by_side_with_the_same_addresses() -> None:
    marks: dict[int, str] = {}
    labels: list[str] = []
    release = anyio.Event()

    async def one(number: int) -> None:
        async with world(THREE, LAN) as hosts:
            await hosts["second"].write_file("/srv/mark", str(number))
            # It asks again each second: on a busy machine the answer to one packet may come late.
            assert (await sh(hosts["default"], "ping -c 1 -w 60 second", timeout=90)).success
            labels.append(hosts["default"].world.label)
            if len(labels) == 10:
                release.set()
            await release.wait()
            marks[number] = await hosts["second"].read_file("/srv/mark")

    async with anyio.create_task_group() as tasks:
        for number in range(10):
            tasks.start_soon(one, number)
    assert marks == {number: str(number) for number in range(10)}
    assert _left_behind(*labels) == []


async def test_fifty_worlds_one_after_another_leave_nothing() -> None:
    descriptors = _descriptors()
    ours = processes_of(os.getpid())
    seen: set[int] = set()
    labels: list[str] = []
    for _ in range(50):
        async with world(THREE, LAN) as hosts:
            seen |= processes_of(hosts["default"].world.pid)
            labels.append(hosts["default"].world.label)
            assert (await hosts["default"].exec(["true"])).success
    assert len(seen) >= 50
    assert not any(alive(pid) for pid in seen)
    assert _left_behind(*labels) == []
    assert processes_of(os.getpid()) <= ours
    assert _descriptors() == descriptors
