"""What machines cost in the sandbox `netns`: starting and ending a world, one command, its memory, an episode.

It needs a root file system (`peerwatch provision rootfs`) and, for the episodes of agents, the agents and the extra
`shells`. The agents are real; a scripted model tells them to copy a file to another host.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from inspect_ai.util import ComposeConfig, SandboxEnvironment

from peerwatch.machines import Machines, compose, machines_of
from peerwatch.netns.provider import NetnsSandboxEnvironment
from peerwatch.provision import IMAGE
from peerwatch.scenarios import SCENARIOS
from peerwatch.shells import furnish, look

Hosts = dict[str, SandboxEnvironment]


class Clock:
    """Seconds by what was done."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = {}

    @asynccontextmanager
    async def __call__(self, what: str) -> Any:  # noqa: ANN401 - contextlib's own type
        """Take the time of what is done within."""
        began = time.perf_counter()
        yield
        self.taken.setdefault(what, []).append(time.perf_counter() - began)

    def median(self, what: str) -> float:
        """The median of what was taken."""
        return median(self.taken[what])


async def measured(machines: Machines, worlds: int, commands: int) -> dict[str, float]:
    """One world after another: up, furnished, looked at, some commands, its memory, down."""
    clock, memory = Clock(), list[float]()
    layout = ComposeConfig.model_validate(compose(machines, "netns", image=IMAGE))
    for _ in range(worlds):
        before = processes()
        async with clock("up"):
            hosts: Hosts = await NetnsSandboxEnvironment.sample_init("benchmark", layout, {})
        try:
            async with clock("furnish"):
                await furnish(machines, hosts)
            async with clock("look"):
                await look(machines, hosts)
            for _ in range(commands):
                async with clock("exec"):
                    await hosts["default"].exec(["true"])
            memory.append(sum(mib(pid) for pid in processes() - before))
        finally:
            async with clock("down"):
                await NetnsSandboxEnvironment.sample_cleanup("benchmark", layout, hosts, interrupted=False)
    return {
        "worlds": worlds,
        "hosts": len(machines.hosts),
        "up_s": clock.median("up"),
        "furnish_s": clock.median("furnish"),
        "look_s": clock.median("look"),
        "down_s": clock.median("down"),
        "exec_ms": 1000 * clock.median("exec"),
        "mib_per_world": median(memory),
    }


def processes() -> set[int]:
    """Every process of this machine; those of a world are among them."""
    return {int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()}


def mib(pid: int) -> float:
    """Memory of a process in MiB, what it shares divided among those that share it; 0 if it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Cost of machines in the sandbox netns.")
    parser.add_argument("--worlds", type=int, default=10)
    parser.add_argument("--commands", type=int, default=20)
    parser.add_argument("--agents", default="", help="coding agents whose episodes are timed, separated by commas")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    machines = machines_of(SCENARIOS["server_migration"].case({}, 0))
    figures: dict[str, Any] = dict(asyncio.run(measured(machines, options.worlds, options.commands)))
    if options.agents:
        from benchmarks.shell_episodes import episode_times

        with TemporaryDirectory() as logs:
            figures["episode_s"] = episode_times(machines, options.agents.split(","), Path(logs))
    print(json.dumps(figures) if options.json else shown(figures))


def shown(figures: Mapping[str, Any]) -> str:
    """The figures, one a line."""
    return "\n".join(
        f"{name}: {value:.4g}" if isinstance(value, float) else f"{name}: {value}" for name, value in figures.items()
    )


if __name__ == "__main__":
    main()
