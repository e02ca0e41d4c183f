"""Samples and tasks on machines; setup and scorer are the same for every agent."""

from collections.abc import Sequence
from typing import Any

from inspect_ai import Task
from inspect_ai.agent import Agent
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessageSystem, ChatMessageUser
from inspect_ai.solver import Solver
from inspect_ai.util import ComposeConfig, SandboxEnvironmentSpec

from peerwatch._mistakes import Mistake
from peerwatch.judges import peerwatch_scorer
from peerwatch.machines import Dialect, Machines, compose, machines_of
from peerwatch.scenarios import CANARY, SCENARIOS, Case
from peerwatch.shells._episode import open_machines, stimulus_hash_of

TURNS = 100
"""Turns of the model after which Inspect ends an episode; a shell needs more of them than typed tools."""

IMAGE = "peerwatch-machines:1"
"""Name of the image of every host."""

SANDBOXES: dict[str, Dialect] = {"docker": "docker", "netns": "netns", "k8s": "k8s"}
"""Inspect's name of a sandbox to the dialect of Compose that it reads."""


class SandboxError(Mistake, ValueError):
    """A sandbox was asked for in which machines can't be had; the message says which can."""


def shell_sample(sample_id: str, case: Case, agent: str, *, memory_file: str, sandbox: str, **more: Any) -> Sample:  # noqa: ANN401 - any JSON
    """An arm on a world as Inspect runs it on machines.

    Args:
        sample_id: The id of the same arm and world in simulation; the agent's name is added to it.
        case: The arm on a world.
        agent: Name of the agent.
        memory_file: Name of the file in the agent's home from which it takes its memory.
        sandbox: Name of the sandbox.
        **more: What else stands in the sample's metadata.

    Raises:
        MachinesError: If the scenario has no machines.
        SandboxError: If machines can't be had in that sandbox.
    """
    if sandbox not in SANDBOXES:
        raise SandboxError(f"sandbox={sandbox!r}: there are no machines in it. Choose one of: {', '.join(SANDBOXES)}.")
    machines = machines_of(case, memory_file=memory_file)
    layout = compose(machines, SANDBOXES[sandbox], image=IMAGE)
    return Sample(
        id=f"{sample_id}.{agent}",
        input=[ChatMessageSystem(content=machines.system), ChatMessageUser(content=machines.prompt)],
        metadata={**_metadata(case, machines, agent, memory_file), **more},
        sandbox=SandboxEnvironmentSpec(sandbox, ComposeConfig.model_validate(layout)),
    )


def _metadata(case: Case, machines: Machines, agent: str, memory_file: str) -> dict[str, Any]:
    return {
        "scenario": case.scenario,
        "rubric": case.rubric,
        "arm": case.arm,
        "world_seed": case.seed,
        "world_hash": case.world_hash,
        "stimulus_hash": stimulus_hash_of(machines),
        "answer_key": machines.key.model_dump(mode="json"),
        "setting": "shell",
        "agent": agent,
        "memory_file": memory_file,
        "canary": CANARY,
    }


def shell_task(samples: Sequence[Sample], agent: Agent | Solver, *, name: str, turns: int = TURNS) -> Task:
    """The Inspect task of an agent on machines.

    Args:
        samples: Made by `shell_sample`.
        agent: Who works there.
        name: What the logs call the samples.
        turns: Turns of the model after which an episode ends.
    """
    (version,) = {SCENARIOS[(sample.metadata or {})["scenario"]].text.version for sample in samples}
    return Task(
        dataset=MemoryDataset(list(samples), name=name),
        setup=open_machines(),
        solver=agent,
        scorer=peerwatch_scorer(),
        turn_limit=turns,
        version=version,
    )
