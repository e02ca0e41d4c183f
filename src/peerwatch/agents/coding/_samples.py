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
"""Values of the setting in a sample's metadata: on machines, or with the simulated tools over MCP."""


class SandboxError(UserError, ValueError):
    """The requested sandbox has no machines; the message lists those that do."""


def shell_sample(sample_id: str, case: Case, agent: str, *, memory_file: str, sandbox: str, **more: Any) -> Sample:  # noqa: ANN401 - any JSON
    """Return an arm on a world as an Inspect sample on machines.

    Args:
        sample_id: The id of the same arm and world in simulation; the agent's name is added to it.
        case: The arm on a world.
        agent: Name of the agent.
        memory_file: Name of the file in the agent's home from which it reads its memory.
        sandbox: Name of the sandbox.
        **more: Additional metadata.

    Raises:
        MachinesError: If the scenario has no machines.
        SandboxError: If the sandbox has no machines.
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
    """Return a sample of a scenario without machines for an agent that needs a machine to run on.

    Args:
        sample: The same arm and world in simulation.
        agent: Name of the agent, added to id and metadata.
        sandbox: Name of the sandbox.
        **more: Additional metadata.

    Raises:
        SandboxError: If the sandbox has no machines.
    """
    return sample.model_copy(
        update={
            "id": id_in_agent(str(sample.id), agent),
            "metadata": {**(sample.metadata or {}), "setting": TOOLS, "agent": agent, **more},
            "sandbox": alone(sandbox),
        }
    )


def alone(sandbox: str) -> SandboxEnvironmentSpec:
    """Return one machine without a network, for an agent that uses tools over MCP, or is being tested.

    Raises:
        SandboxError: If the sandbox has no machines.
    """
    dialect = _dialect(sandbox)
    host = {"image": _image(dialect), "init": True, "command": ["tail", "-f", "/dev/null"], "working_dir": places.HOME}
    binds = _binds(dialect)
    closed = {} if dialect == "k8s" else {"network_mode": "none", "x-local": True, "volumes": binds}
    return _spec(sandbox, {"services": {SERVICE: {**host, **closed}}})


def _dialect(sandbox: str) -> Dialect:
    if sandbox not in SANDBOXES:
        raise SandboxError(f"sandbox={sandbox!r} has no machines. {choices(sandbox, SANDBOXES)}")
    return SANDBOXES[sandbox]


def _image(dialect: Dialect) -> str:
    """The image of a host; in `netns` the folder of a root file system."""
    return str(rootfs_folder()) if dialect == "netns" else machine_image()


def _binds(dialect: Dialect) -> list[str]:
    """The agents' programs unless the image contains them, and the folder of a user's agent.

    Raises:
        SandboxError: If a cluster would have to mount a folder of this machine.
        SetupError: If that folder does not exist.
    """
    shipped = [f"{agents_folder()}:{BIND}:ro"] if dialect == "netns" and agents_folder().is_dir() else []
    own = own_folder()
    if own is None:
        return shipped
    if dialect == "k8s":
        raise SandboxError(f"{own}: Kubernetes cannot mount folders of this machine. Put the agent into the image.")
    return [*shipped, f"{own}:{OWN_BIND}:ro"]


def _spec(sandbox: str, layout: dict[str, Any]) -> SandboxEnvironmentSpec:
    return SandboxEnvironmentSpec(sandbox, ComposeConfig.model_validate(layout))


def _metadata(case: Case, machines: Machines, agent: str, memory_file: str) -> dict[str, Any]:
    more = {"setting": SHELL_SETTING, "agent": agent, "memory_file": memory_file}
    return metadata_of(case, stimulus_hash_of(machines), machines.key) | more
