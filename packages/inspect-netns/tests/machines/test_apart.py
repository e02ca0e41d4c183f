"""A program is started apart from what a host has become: with the interpreter and tools that the host was given."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

from inspect_ai.util import ComposeConfig

from inspect_netns.provider import NetnsSandboxEnvironment
from inspect_netns.supervisor import HOST

LOOK = f"""
import os
print(os.path.exists("/home"), os.listdir("/usr/bin").count("xz"))
os.fchdir({HOST}); os.chroot(".")
print(open("/etc/mine").read(), os.getuid(), os.path.isdir("/proc/1"))
"""


def on_a_host(work: Callable[[NetnsSandboxEnvironment], Awaitable[None]]) -> None:
    async def run() -> None:
        config = ComposeConfig.model_validate({"services": {"default": {"network_mode": "none"}}})
        hosts = await NetnsSandboxEnvironment.sample_init("apart", config, {})
        try:
            await work(hosts["default"].as_type(NetnsSandboxEnvironment))
        finally:
            await NetnsSandboxEnvironment.sample_cleanup("apart", config, hosts, interrupted=False)

    asyncio.run(run())


def test_a_program_runs_apart_whatever_has_become_of_the_host() -> None:
    async def work(host: NetnsSandboxEnvironment) -> None:
        spoil = "echo mine > /etc/mine; rm /usr/bin/python3* /usr/bin/xz; rm -r /usr/lib/python3.11; rm /lib64/ld-*"
        assert (await host.exec(["sh", "-c", spoil])).success
        assert not (await host.exec(["/usr/bin/python3", "-c", "1"])).success
        ended = await host.exec_apart(["/usr/bin/python3", "-I", "-S", "-"], LOOK.encode(), 30)
        assert ended.stdout.split() == ["True", "1", "mine", "0", "True"], ended.stderr

    on_a_host(work)


def test_what_is_given_can_only_be_read_and_no_path_leads_to_it() -> None:
    async def work(host: NetnsSandboxEnvironment) -> None:
        ended = await host.exec_apart(["/bin/sh", "-c", "echo x > /etc/mine"], b"", 30)
        assert "Read-only" in ended.stderr
        found = await host.exec(["sh", "-c", "ls -l /proc/1/fd /proc/self/fd; cat /proc/self/mountinfo"])
        assert "lower" not in found.stdout.replace("lowerdir=lower", "")

    on_a_host(work)


def test_each_host_has_a_boot_id_of_its_own() -> None:
    outside = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")

    async def run() -> None:
        service = {"networks": ["lan"]}
        layout = {"services": {"default": service, "other": service}, "networks": {"lan": {"internal": True}}}
        config = ComposeConfig.model_validate(layout)
        hosts = await NetnsSandboxEnvironment.sample_init("boot", config, {})
        try:
            read = ["cat", "/proc/sys/kernel/random/boot_id"]
            ids = {(await host.exec(read)).stdout for host in hosts.values()}
        finally:
            await NetnsSandboxEnvironment.sample_cleanup("boot", config, hosts, interrupted=False)
        assert len({*ids, outside}) == 3
        assert all(uuid.UUID(each.strip()).version == 4 for each in ids)

    asyncio.run(run())
