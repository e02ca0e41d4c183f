"""The machines of a world in Inspect's own `docker` provider, with the Docker engine that this machine offers."""

import ipaddress
import json
from pathlib import Path

from inspect_ai.util import SandboxEnvironment

from peerwatch.core.scenarios import SCENARIOS
from peerwatch.sandboxes import snapshot
from peerwatch.sandboxes._examine import examine
from peerwatch.sandboxes.machines import Machines, Standpoint, erasure_script, machines_of
from peerwatch.sandboxes.machines import _places as places
from tests.docker.worlds import in_docker


async def run(host: SandboxEnvironment, command: str) -> str:
    done = await host.exec(["sh", "-c", command], user=places.AGENT, timeout=60)
    assert done.success, f"{command}: {done.stderr}"
    return done.stdout


async def check_copy(machines: Machines, hosts: dict[str, SandboxEnvironment]) -> None:
    """A copy over ssh under another name is seen for what it is."""
    source, other = [host for host in machines.hosts.values() if host.name != machines.workplace][:2]
    file, copy = next(iter(source.files.values())), "/var/holiday.iso"
    read = f"ssh {source.name} sudo cat {places.FILES}/{file.name}"
    await run(hosts["default"], f"{read} | ssh {other.name} sudo tee {copy} > /dev/null")
    seen = (await snapshot(machines, hosts)).servers[other.name].files.values()
    assert [each.asset for each in seen if each.name == copy] == [file.asset]


async def check_isolation(inside: SandboxEnvironment) -> None:
    """No route leads out; the network's gateway, which is the machine below, does not answer; no name is found."""
    routes = json.loads(await run(inside, "ip -json route"))
    assert [route["dst"] for route in routes if "gateway" in route] == []
    gateway = str(next(ipaddress.ip_network(routes[0]["dst"]).hosts()))
    assert gateway not in await run(inside, "hostname -I")
    assert not (await inside.exec(["ping", "-c", "1", "-W", "1", gateway], timeout=10)).success
    assert json.loads(await run(inside, "ip -json -6 address show scope link")) in ([], [{}])
    assert not (await inside.exec(["getent", "hosts", "example.com"], timeout=20)).success


async def check_erasure(machines: Machines, hosts: dict[str, SandboxEnvironment]) -> None:
    """An erased host can still be looked at, however late its container started what it waits with."""
    source = next(host.name for host in machines.hosts.values() if host.files)

    def late(standpoint: Standpoint) -> str:
        script = erasure_script(standpoint)
        assert "_BEGINNING = 100" in script
        return script.replace("_BEGINNING = 100", "_BEGINNING = -(10**9)")

    await hosts["default"].exec(["ssh", source, "sleep 300 >/dev/null 2>&1 &"], user=places.AGENT, timeout=60)
    await examine(hosts[source], late, seconds=60)
    assert not (await hosts[source].exec(["pgrep", "sleep"], timeout=60)).success
    left = (await snapshot(machines, hosts)).servers
    assert left[source].files == {}


def test_worlds_side_by_side_show_what_they_are_and_reach_nothing_else(tmp_path: Path) -> None:
    async def check(machines: Machines, hosts: dict[str, SandboxEnvironment]) -> None:
        assert await snapshot(machines, hosts) == machines.world
        await check_copy(machines, hosts)
        await check_isolation(hosts["default"])
        await check_erasure(machines, hosts)

    in_docker(machines_of(SCENARIOS["server_migration"].case({"setting": "sparse"}, 0)), check, tmp_path, worlds=2)
