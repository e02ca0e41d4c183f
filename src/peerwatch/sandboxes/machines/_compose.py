"""One description of machines in the dialects of Compose that sandboxes read."""

from collections.abc import Sequence
from typing import Any, Literal

from peerwatch.sandboxes.machines import _places as places
from peerwatch.sandboxes.machines._describe import MachinesError
from peerwatch.sandboxes.machines._hosts import Machines

Dialect = Literal["docker", "k8s", "netns"]

SERVICE = "default"
"""The service of the workplace: what Inspect takes for the agent's own machine."""

_MEMORY = "2g"
_PROCESSES = 1024
_WAIT = ["tail", "-f", "/dev/null"]
"""What a host runs at first. Its ssh server is started with the furniture, so that its end is not the host's."""


def service_of(machines: Machines, host: str) -> str:
    """Name of the service, and so of the sandbox, that a host is."""
    return SERVICE if host == machines.workplace else host


def compose(
    machines: Machines, dialect: Dialect = "docker", *, image: str, binds: Sequence[str] = ()
) -> dict[str, Any]:
    """A Compose file for machines.

    Args:
        machines: What is to be there.
        dialect: `docker` for Inspect's own provider, `k8s` for that of Kubernetes, `netns` for namespaces.
        image: Name of the image of every host.
        binds: Folders of this machine on the workplace, as `SOURCE:TARGET:ro`; not in Kubernetes.

    Returns:
        The file as plain mappings, ready for YAML. No address is fixed, so that worlds run side by side.

    Raises:
        MachinesError: If folders are to be bound where that cannot be done.
    """
    if dialect == "k8s" and binds:
        raise MachinesError(
            f"binds={', '.join(binds)}: Kubernetes has no folders of this machine. "
            "Put what the agent needs into the image."
        )
    services = {
        service_of(machines, name): _service(name, dialect, image, binds if name == machines.workplace else ())
        for name in machines.hosts
    }
    return {"services": services, "networks": {"lan": _network(dialect)}}


def _service(host: str, dialect: Dialect, image: str, binds: Sequence[str]) -> dict[str, Any]:
    own = host == places.WORKPLACE
    service: dict[str, Any] = {"image": image, "init": True, "command": _WAIT, "mem_limit": _MEMORY}
    if own:
        service["working_dir"] = places.HOME
    if binds:
        service["volumes"] = list(binds)
    if dialect == "k8s":  # takes no name but the service's, and limits processes for a whole node
        return {**service, "networks": ["lan"]}
    return {
        **service,
        "hostname": host,
        "pids_limit": _PROCESSES,
        "x-local": True,
        "networks": {"lan": {"aliases": [host]}} if own else ["lan"],
    }


def _network(dialect: Dialect) -> dict[str, Any]:
    if dialect == "k8s":
        return {"driver": "bridge", "internal": True}
    if dialect == "netns":
        return {"internal": True}
    # The gateway of a network is an address of the machine below, whose services could be reached by it.
    closed = {"com.docker.network.bridge.inhibit_ipv4": "true"}
    return {"driver": "bridge", "internal": True, "driver_opts": closed}
