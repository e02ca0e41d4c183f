"""What a world's own machines take down of what is started on them."""

import os
import signal
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest

from inspect_netns import ExecRecord
from inspect_netns.provider import NetnsSandboxEnvironment as Netns
from inspect_netns.testing import alive, processes_of

from .worlds import LAN, sh, world

pytestmark = pytest.mark.anyio

SSHD = "mkdir -p /run/sshd; ssh-keygen -A; exec /usr/sbin/sshd -D -o UsePAM=no"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


def _ran(host: Netns, word: str) -> list[ExecRecord]:
    return [each for each in host.audit() if word in each.argv]


async def test_what_ran_is_known_with_user_parent_and_time() -> None:
    async with world({"default": {"network_mode": "none"}}) as hosts:
        before = datetime.now(tz=UTC)
        await sh(hosts["default"], "true; /bin/echo one 'two words'; echo builtin", user="nobody")
        shell, echo = (each for each in hosts["default"].audit() if "builtin" in each.argv[-1] or "one" in each.argv)
        assert echo.argv == ("/bin/echo", "one", "two words")
        assert (echo.host, echo.program, echo.uid, shell.uid) == ("default", "/bin/echo", 65534, 65534)
        assert (echo.parent, shell.parent) == (shell.pid, 1)
        assert before <= shell.at <= echo.at <= datetime.now(tz=UTC)


async def test_a_copy_by_ssh_shows_on_both_hosts() -> None:
    services = {name: {"networks": ["lan"], "command": ["sh", "-c", SSHD]} for name in ("default", "other")}
    async with world(services, LAN) as hosts:
        key = await sh(
            hosts["default"],
            "mkdir -m 700 -p ~/.ssh; ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519; cat ~/.ssh/*.pub",
        )
        await sh(hosts["other"], "usermod -p '*' root; mkdir -m 700 -p ~/.ssh")
        await hosts["other"].write_file("/root/.ssh/authorized_keys", key.stdout)
        wait = "while ! ssh -o StrictHostKeyChecking=no -o ConnectTimeout=2 other true; do sleep 0.1; done"
        copied = await sh(hosts["default"], f"{wait}; scp -q /etc/hostname other:/srv/copy")
        assert copied.success, copied.stderr
        assert [each.host for each in _ran(hosts["default"], "other:/srv/copy")] == ["default"]
        assert "sftp-server" in " ".join(each.program for each in hosts["default"].audit() if each.host == "other")


async def test_root_of_a_host_can_not_turn_it_off() -> None:
    async with world({"default": {"network_mode": "none"}}) as hosts:
        script = "kill -9 1; setsid nohup /bin/echo unseen >/dev/null 2>&1 & (exec -a disguised /bin/echo other)"
        await sh(hosts["default"], "useradd -m agent; echo 'agent ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/agent")
        await hosts["default"].exec(["sudo", "bash", "-c", script], user="agent")
        assert _ran(hosts["default"], "unseen")
        assert [each.program for each in _ran(hosts["default"], "disguised")] == ["/bin/echo"]


async def test_what_was_not_found_is_there_once() -> None:
    async with world({"default": {"network_mode": "none"}}) as hosts:
        await sh(hosts["default"], "env no-such-program with-a-word")
        found = _ran(hosts["default"], "with-a-word")
        assert [each.argv[0] for each in found] == ["env", "no-such-program"]


async def test_long_arguments_are_cut_and_odd_bytes_kept_apart() -> None:
    async with world({"default": {"network_mode": "none"}}) as hosts:
        await hosts["default"].exec(
            ["/bin/echo", "x" * 100_000, "\udcff".encode("utf-8", "surrogateescape").decode("latin-1"), *"abc"]
        )
        echo = next(each for each in hosts["default"].audit() if each.program == "/bin/echo")
        assert [len(word) for word in echo.argv] == [9, 4096, 1, 1, 1, 1]


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def test_it_costs_less_than_a_millisecond() -> None:
    """Of a processor: what the clock says depends on what else the machine does."""
    async with world({"default": {"network_mode": "none"}}) as hosts:
        supervisor = hosts["default"].world.pid
        before = _processor_seconds(supervisor)
        await sh(hosts["default"], "i=0; while [ $i -lt 1000 ]; do /bin/true; i=$((i+1)); done", timeout=60)
        spent = _processor_seconds(supervisor) - before
        assert sum(each.program == "/bin/true" for each in hosts["default"].audit()) == 1000
        assert spent / 1000 < 0.001


async def test_nothing_hangs_when_the_supervisor_dies() -> None:
    async with world({"default": {"network_mode": "none"}}) as hosts:
        everyone = processes_of(hosts["default"].world.pid)
        os.kill(hosts["default"].world.pid, signal.SIGKILL)
        with anyio.fail_after(5):
            while any(alive(pid) for pid in everyone):  # noqa: ASYNC110 - processes have no event
                await anyio.sleep(0.01)
