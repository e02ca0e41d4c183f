"""Worlds in Inspect's own `docker` provider, handed to a check inside of an evaluation without a model."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from inspect_ai import Task
from inspect_ai import eval as inspect_eval  # pyright: ignore[reportUnknownVariableType] - Inspect names types of extras
from inspect_ai.agent import Agent, AgentState, agent
from inspect_ai.dataset import Sample
from inspect_ai.util import ComposeConfig, SandboxEnvironment, SandboxEnvironmentSpec, sandbox

from peerwatch.sandboxes import set_up_hosts
from peerwatch.sandboxes.machines import Machines, compose
from peerwatch.sandboxes.provision import machine_image

Check = Callable[[Machines, dict[str, SandboxEnvironment]], Awaitable[None]]


def in_docker(machines: Machines, check: Check, folder: Path, *, worlds: int = 1) -> None:
    """Let a check work on set up machines; it fails where the check does.

    Args:
        machines: What is there.
        check: Called with the machines and their sandboxes, by the names of their services.
        folder: Where the log goes.
        worlds: How many worlds side by side.
    """
    layout = compose(machines, image=machine_image())

    @agent
    def worker() -> Agent:
        async def execute(state: AgentState) -> AgentState:
            hosts = {name: sandbox(name) for name in layout["services"]}
            await set_up_hosts(machines, hosts)
            await check(machines, hosts)
            return state

        return execute

    place = SandboxEnvironmentSpec("docker", ComposeConfig.model_validate(layout))
    samples = [Sample(input="work", id=f"world-{number}", sandbox=place) for number in range(worlds)]
    [log] = inspect_eval(
        Task(dataset=samples, solver=worker()),
        model="mockllm/model",
        log_dir=str(folder),
        display="none",
        max_samples=worlds,
        max_sandboxes=worlds,
    )
    failed = [sample.error.traceback for sample in log.samples or [] if sample.error]
    assert not failed, failed[0]
    assert log.status == "success", log.error


async def as_root(host: SandboxEnvironment, command: str) -> str:
    """What a command prints that the target could give on a host as root."""
    done = await host.exec(["sh", "-c", command], user="root", timeout=60)
    assert done.success, f"{command}: {done.stderr}"
    return done.stdout
