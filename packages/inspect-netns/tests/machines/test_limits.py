"""A host of the namespace sandbox that goes over its limits is told from one that does not, and harms nothing else."""

from contextlib import suppress
from typing import Any

import anyio
import pytest
from inspect_ai.util import SandboxUnavailableError

from inspect_netns.provider import NetnsSandboxEnvironment as Netns

from .worlds import LAN, sh, world

pytestmark = pytest.mark.anyio

BOMB = "bomb() { bomb | bomb & }; bomb; sleep 20"
HOG = "import time; kept = bytearray(400 << 20); time.sleep(20)"
FILL = "dd if=/dev/zero of=/srv/full bs=1M 2>&1; rm /srv/full"
MANY = "import os, itertools\nfor n in itertools.count():\n    open(f'/srv/{n}', 'x').close()"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


def _two(**limits: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a compose file holds
    return {"default": {"networks": ["lan"], **limits}, "other": {"networks": ["lan"]}}


async def _over(host: Netns, expected: str) -> None:
    """The host is known to have gone over this limit within seconds, and its neighbour works."""
    with anyio.move_on_after(10):
        while host.overrun("default") is None:  # noqa: ASYNC110 - the supervisor has no event for it
            await anyio.sleep(0.05)
    assert (host.overrun("default") or "").startswith(expected)
    assert host.overrun() == f"default: {host.overrun('default')}"


async def _gone(host: Netns, other: Netns, kind: str) -> None:
    with pytest.raises(SandboxUnavailableError, match=f"default is down: it went over its limit of {kind}"):
        await host.exec(["true"])
    assert other.overrun("other") is None
    assert (await sh(other, "echo works")).stdout == "works\n"


async def _hog(host: Netns) -> None:
    """Take too much; the kernel may end the program, seen as such, before the supervisor ends the host."""
    with suppress(SandboxUnavailableError):
        assert (await host.exec(["python3", "-c", HOG], timeout=30)).returncode == 137


@pytest.mark.parametrize("user", ["root", "nobody"])
async def test_a_fork_bomb_ends_its_host_and_no_other(user: str) -> None:
    async with world(_two(pids_limit=200), LAN) as hosts:
        with pytest.raises(SandboxUnavailableError):
            await sh(hosts["default"], BOMB, user=user, timeout=30)
        await _over(hosts["default"], "processes: more than 200")
        await _gone(hosts["default"], hosts["other"], "processes")


async def test_too_much_memory_ends_its_host_and_no_other() -> None:
    async with world(_two(mem_limit="128m", **{"x-disk": "64m"}), LAN) as hosts:
        await _hog(hosts["default"])
        await _over(hosts["default"], "memory: more than 128 MiB")
        await _gone(hosts["default"], hosts["other"], "memory")


async def test_memory_within_the_limit_is_no_overrun() -> None:
    async with world(_two(mem_limit="600m"), LAN) as hosts:
        await hosts["default"].exec(["python3", "-c", HOG.replace("20)", "1)")], timeout=30)
        assert hosts["default"].overrun() is None


async def test_a_full_disk_is_known_and_the_host_can_still_be_looked_at() -> None:
    async with world(_two(**{"x-disk": "48m"}), LAN) as hosts:
        filled = await sh(hosts["default"], FILL.replace("; rm", "; sleep 1; rm"))
        assert "No space left" in filled.stdout
        await _over(hosts["default"], "disk: more than 48 MiB")
        assert (await sh(hosts["default"], "echo works")).stdout == "works\n"
        assert (await sh(hosts["other"], FILL.replace("of=", "count=64 of="))).success
        assert hosts["other"].overrun("other") is None


async def test_a_disk_full_of_empty_files_is_full() -> None:
    async with world(_two(**{"x-disk": "8m"}), LAN) as hosts:
        assert not (await hosts["default"].exec(["python3", "-c", MANY], timeout=60)).success
        await _over(hosts["default"], "disk")


async def test_limits_of_deploy_are_obeyed() -> None:
    asked = _two(deploy={"resources": {"limits": {"memory": "100m"}}}, **{"x-disk": "32m"})
    async with world(asked, LAN) as hosts:
        await _hog(hosts["default"])
        await _over(hosts["default"], "memory: more than 100 MiB")
