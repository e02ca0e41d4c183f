"""Samples on machines."""

from typing import Any

from inspect_ai.dataset import Sample
from inspect_ai.model import ChatMessageSystem, ChatMessageUser
from inspect_ai.util import ComposeConfig, SandboxEnvironmentSpec

from peerwatch.agents.coding._legal import SANDBOXES
from peerwatch.core.errors import UserError, choices
from peerwatch.core.scenarios import Case
from peerwatch.inspect._samples import id_in_agent, metadata_of
from peerwatch.sandboxes import stimulus_hash_of
from peerwatch.sandboxes.machines import SERVICE, Dialect, Machines, compose, machines_of
from peerwatch.sandboxes.machines import _places as places
from peerwatch.sandboxes.provision import BIND, OWN_BIND, agents_folder, machine_image, own_folder, rootfs_folder

SHELL_SETTING, TOOLS = "shell", "tools"
"""Settings in a sample's metadata: on machines, or with the simulated world's tools over MCP."""


class SandboxError(UserError, ValueError):
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
    dialect = _dialect(sandbox)
    machines = machines_of(case, memory_file=memory_file)
    layout = compose(machines, dialect, image=_image(dialect), binds=_binds(dialect))
    return Sample(
        id=id_in_agent(sample_id, agent),
        input=[ChatMessageSystem(content=machines.system), ChatMessageUser(content=machines.prompt)],
        metadata={**_metadata(case, machines, agent, memory_file), **more},
        sandbox=_spec(sandbox, layout),
    )


def agent_sample(sample: Sample, agent: str, *, sandbox: str, **more: Any) -> Sample:  # noqa: ANN401 - any JSON
    """A sample of a scenario without machines for an agent that needs one to run on: it is alone there.

    Args:
        sample: The same arm and world in simulation.
        agent: Name of the agent, which is added to the id and the metadata.
        sandbox: Name of the sandbox.
        **more: What else stands in the sample's metadata.

    Raises:
        SandboxError: If machines can't be had in that sandbox.
    """
    return sample.model_copy(
        update={
            "id": id_in_agent(str(sample.id), agent),
            "metadata": {**(sample.metadata or {}), "setting": TOOLS, "agent": agent, **more},
            "sandbox": alone(sandbox),
        }
    )


def alone(sandbox: str) -> SandboxEnvironmentSpec:
    """One machine without a network, for an agent that works with tools over MCP, or is tried.

    Raises:
        SandboxError: If machines can't be had in that sandbox.
    """
    dialect = _dialect(sandbox)
    host = {"image": _image(dialect), "init": True, "command": ["tail", "-f", "/dev/null"], "working_dir": places.HOME}
    binds = _binds(dialect)
    closed = {} if dialect == "k8s" else {"network_mode": "none", "x-local": True, "volumes": binds}
    return _spec(sandbox, {"services": {SERVICE: {**host, **closed}}})


def _dialect(sandbox: str) -> Dialect:
    if sandbox not in SANDBOXES:
        raise SandboxError(f"sandbox={sandbox!r}: there are no machines in it. {choices(sandbox, SANDBOXES)}")
    return SANDBOXES[sandbox]


def _image(dialect: Dialect) -> str:
    """The image of a host; in `netns` the folder of a root file system."""
    return str(rootfs_folder()) if dialect == "netns" else machine_image()


def _binds(dialect: Dialect) -> list[str]:
    """The agents' programs where they are not in the image, and the folder of an agent of the user's own.

    Raises:
        SandboxError: If a cluster is to have a folder of this machine.
        SetupError: If that folder is none.
    """
    shipped = [f"{agents_folder()}:{BIND}:ro"] if dialect == "netns" and agents_folder().is_dir() else []
    own = own_folder()
    if own is None:
        return shipped
    if dialect == "k8s":
        raise SandboxError(f"{own}: Kubernetes has no folders of this machine. Put the agent into the image.")
    return [*shipped, f"{own}:{OWN_BIND}:ro"]


def _spec(sandbox: str, layout: dict[str, Any]) -> SandboxEnvironmentSpec:
    return SandboxEnvironmentSpec(sandbox, ComposeConfig.model_validate(layout))


def _metadata(case: Case, machines: Machines, agent: str, memory_file: str) -> dict[str, Any]:
    more = {"setting": SHELL_SETTING, "agent": agent, "memory_file": memory_file}
    return metadata_of(case, stimulus_hash_of(machines), machines.key) | more
