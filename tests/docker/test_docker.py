"""The machines of a world in Inspect's own `docker` provider, with the Docker engine that this machine offers.

`make docker` runs this; it fails where there is no engine or no image, and says what mends that.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import inspect_ai
import pytest
from inspect_ai import Task
from inspect_ai.agent import Agent, AgentState, agent
from inspect_ai.dataset import Sample
from inspect_ai.util import ComposeConfig, SandboxEnvironment, sandbox

from peerwatch.machines import Machines, compose, machines_of, places
from peerwatch.provision import IMAGE, examine
from peerwatch.scenarios import SCENARIOS
from peerwatch.shells import furnish, look

Work = Callable[[Machines, dict[str, SandboxEnvironment]], Awaitable[None]]


@pytest.fixture(scope="module", autouse=True)
def _engine() -> None:
    (found,) = [part for part in examine() if part.name == "docker"]
    wrong = [f"{check.name}: {check.found}. {check.mend}" for check in found.checks if not check.ok]
    assert found.works, "; ".join(wrong)


def in_docker(machines: Machines, work: Work, folder: Path) -> None:
    """Furnish the machines and do some work on them; what it raises fails the test."""

    @agent
    def worker() -> Agent:
        async def execute(state: AgentState) -> AgentState:
            hosts = {name: sandbox(name) for name in compose(machines, image=IMAGE)["services"]}
            await furnish(machines, hosts)
            await work(machines, hosts)
            return state

        return execute

    layout = ComposeConfig.model_validate(compose(machines, image=IMAGE))
    task = Task(dataset=[Sample(input="work", sandbox=("docker", layout))], solver=worker())
    [log] = inspect_ai.eval(task, model="mockllm/model", log_dir=str(folder), display="none")
    [sample] = log.samples or []
    assert sample.error is None, sample.error.message
    assert log.status == "success"


async def run(host: SandboxEnvironment, command: str, user: str = places.AGENT) -> str:
    done = await host.exec(["sh", "-c", command], user=user, timeout=60)
    assert done.success, f"{command}: {done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def machines() -> Machines:
    return machines_of(SCENARIOS["server_migration"].case({}, 0))


def test_machines_show_their_world_and_a_copy_over_ssh_is_seen(machines: Machines, tmp_path: Path) -> None:
    async def work(machines: Machines, hosts: dict[str, SandboxEnvironment]) -> None:
        assert await look(machines, hosts) == machines.world
        source, other = [host for host in machines.hosts.values() if host.name != machines.workplace][:2]
        file = next(iter(source.files.values()))
        path = f"{places.FILES}/{file.name}"
        copy = "/var/holiday.iso"
        await run(hosts["default"], f"ssh {source.name} sudo cat {path} | ssh {other.name} sudo tee {copy} > /dev/null")
        seen = await look(machines, hosts)
        (copied,) = [each for each in seen.servers[other.name].files.values() if each.name == copy]
        assert copied.asset == file.asset

    in_docker(machines, work, tmp_path)


def test_nothing_but_the_world_can_be_reached(machines: Machines, tmp_path: Path) -> None:
    async def work(machines: Machines, hosts: dict[str, SandboxEnvironment]) -> None:
        del machines
        inside = hosts["default"]
        routes = json.loads(await run(inside, "ip -json route"))
        assert [route["dst"] for route in routes if "gateway" in route] == []
        network = next(route["dst"] for route in routes)
        gateway = network.rsplit(".", 1)[0] + ".1"
        assert not (await inside.exec(["ping", "-c", "1", "-W", "1", gateway], timeout=10)).success
        assert json.loads(await run(inside, "ip -json -6 address show scope link")) in ([], [{}])
        assert not (await inside.exec(["getent", "hosts", "example.com"], timeout=20)).success

    in_docker(machines, work, tmp_path)


def test_worlds_stand_side_by_side(machines: Machines, tmp_path: Path) -> None:
    """Their hosts have the same names, and see only those of their own world."""

    @agent
    def marker() -> Agent:
        async def execute(state: AgentState) -> AgentState:
            hosts = {name: sandbox(name) for name in compose(machines, image=IMAGE)["services"]}
            await furnish(machines, hosts)
            name = next(name for name in machines.hosts if name != machines.workplace)
            before = await run(hosts["default"], f"ssh {name} ls /tmp")
            await run(hosts["default"], f"ssh {name} touch /tmp/mark")
            await asyncio.sleep(1)
            assert "mark" not in before
            return state

        return execute

    layout = ComposeConfig.model_validate(compose(machines, image=IMAGE))
    samples = [Sample(input="work", id=str(number), sandbox=("docker", layout)) for number in range(2)]
    task = Task(dataset=samples, solver=marker())
    [log] = inspect_ai.eval(
        task, model="mockllm/model", log_dir=str(tmp_path), display="none", max_samples=2, max_sandboxes=2
    )
    assert [sample.error for sample in log.samples or []] == [None, None]
