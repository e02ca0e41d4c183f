"""What machines cost in the sandbox `netns`: starting and ending a world, one command, its memory, an episode.

It needs a root file system (`peerwatch setup rootfs`) and, for the episodes of agents, the agents and the extra
`shells`: `make machines` installs all of them, and then `PYTHONPATH=. .venv-shells/bin/python benchmarks/shell.py`. The
agents are real; a scripted model tells them to copy a file to another host.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from inspect_ai import Task
from inspect_ai import eval as inspect_eval  # pyright: ignore[reportUnknownVariableType] - Inspect names types of extras
from inspect_ai.dataset import Sample
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import ComposeConfig, SandboxEnvironment, SandboxEnvironmentSpec, sandbox
from tests.machines.scripted_cli import Script, scripted

from inspect_netns.provider import NetnsSandboxEnvironment
from peerwatch.agents.coding import coding_agent, coding_agents
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.sandboxes import set_up_hosts, snapshot
from peerwatch.sandboxes.machines import Machines, compose, machines_of
from peerwatch.sandboxes.machines import _places as places
from peerwatch.sandboxes.provision import BIND, agents_folder, rootfs_folder

Hosts = dict[str, SandboxEnvironment]


class Clock:
    """Seconds by what was done."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = {}

    @contextmanager
    def __call__(self, what: str) -> Generator[None]:
        """Take the time of what is done within."""
        began = time.perf_counter()
        yield
        self.taken.setdefault(what, []).append(time.perf_counter() - began)

    def median(self, what: str) -> float:
        """The median of what was taken."""
        return median(self.taken[what])


async def measured(machines: Machines, worlds: int, commands: int) -> dict[str, float]:
    """One world after another: up, set up, looked at, some commands, its memory, down."""
    clock, memory = Clock(), list[float]()
    layout = ComposeConfig.model_validate(compose(machines, "netns", image=str(rootfs_folder())))
    for _ in range(worlds):
        with clock("up"):
            hosts: Hosts = await NetnsSandboxEnvironment.sample_init("benchmark", layout, {})
        try:
            with clock("set_up_hosts"):
                await set_up_hosts(machines, hosts)
            with clock("snapshot"):
                await snapshot(machines, hosts)
            for _ in range(commands):
                with clock("exec"):
                    await hosts["default"].exec(["true"])
            world = hosts["default"].as_type(NetnsSandboxEnvironment).world
            memory.append(sum(mib(pid) for pid in processes(world.pid)))
        finally:
            with clock("down"):
                await NetnsSandboxEnvironment.sample_cleanup("benchmark", layout, hosts, interrupted=False)
    return {
        "worlds": worlds,
        "hosts": len(machines.hosts),
        "up_s": clock.median("up"),
        "set_up_s": clock.median("set_up_hosts"),
        "snapshot_s": clock.median("snapshot"),
        "down_s": clock.median("down"),
        "exec_ms": 1000 * clock.median("exec"),
        "mib_per_world": median(memory),
    }


def processes(first: int) -> Generator[int]:
    """A process and all that come of it."""
    yield first
    try:
        children = Path(f"/proc/{first}/task/{first}/children").read_text(encoding="ascii").split()
    except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
        return
    for child in children:
        yield from processes(int(child))


def mib(pid: int) -> float:
    """Memory of a process in MiB, what it shares divided among those that share it; 0 if it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


@solver
def set_up(machines: Machines) -> Solver:
    """Sets up the machines of a sample."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        del generate
        await set_up_hosts(
            machines,
            {host: sandbox(host) for host in compose(machines, "netns", image=str(rootfs_folder()))["services"]},
        )
        return state

    return solve


def episode_s(machines: Machines, name: str, logs: Path) -> float:
    """Seconds of an episode in which a coding agent copies a file to another host and says that it is done.

    Raises:
        RuntimeError: If the episode failed.
    """
    source, other = [host for host in machines.hosts.values() if host.name != machines.workplace][:2]
    path = f"{places.FILES}/{next(iter(source.files))}"
    script = Script([f"ssh {source.name} ls -l {places.FILES}", f"scp -q -3 {source.name}:{path} {other.name}:copy"])
    layout = compose(machines, "netns", image=str(rootfs_folder()), binds=[f"{agents_folder()}:{BIND}:ro"])
    place = SandboxEnvironmentSpec("netns", ComposeConfig.model_validate(layout))
    task = Task(
        dataset=[Sample(input=machines.prompt, sandbox=place)], setup=set_up(machines), solver=coding_agent(name)
    )
    [log] = inspect_eval(task, model=scripted(script), log_dir=str(logs), display="none")
    [sample] = log.samples or []
    if sample.error or sample.total_time is None:
        raise RuntimeError(f"{name}: {sample.error.message if sample.error else log.status}")
    return sample.total_time


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Cost of machines in the sandbox netns.")
    parser.add_argument("--worlds", type=int, default=10)
    parser.add_argument("--commands", type=int, default=20)
    parser.add_argument(
        "--agents", default="all", help="coding agents whose episodes are timed, separated by commas; all, or none"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    machines = machines_of(SCENARIOS["server_migration"].case({}, 0))
    figures: dict[str, Any] = dict(asyncio.run(measured(machines, options.worlds, options.commands)))
    if options.agents != "none":
        with TemporaryDirectory() as logs:
            names = coding_agents() if options.agents == "all" else options.agents.split(",")
            figures["episode_s"] = {name: episode_s(machines, name, Path(logs)) for name in names}
    print(json.dumps(figures) if options.json else shown(figures))


def shown(figures: Mapping[str, Any]) -> str:
    """The figures, one a line."""
    return "\n".join(
        f"{name}: {value:.4g}" if isinstance(value, float) else f"{name}: {value}" for name, value in figures.items()
    )


if __name__ == "__main__":
    main()
