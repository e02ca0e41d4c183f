"""Converts one description of machines to the Compose dialects of the sandboxes."""

from collections.abc import Sequence
from typing import Any, Literal

from peerwatch.sandboxes.machines import _places as places
from peerwatch.sandboxes.machines._describe import MachinesError
from peerwatch.sandboxes.machines._hosts import Machines

Dialect = Literal["docker", "k8s", "netns"]

SERVICE = "default"
"""The service of the workplace: Inspect uses it as the agent's machine."""

_MEMORY = "2g"
_PROCESSES = 1024
_WAIT = ["tail", "-f", "/dev/null"]
"""The first process of a host. The ssh server is started during set-up, so that stopping it does not end the host."""


def service_of(machines: Machines, host: str) -> str:
    """Name of the service, and so of the sandbox, of a host."""
    return SERVICE if host == machines.workplace else host


def compose(
    machines: Machines, dialect: Dialect = "docker", *, image: str, binds: Sequence[str] = ()
) -> dict[str, Any]:
    """Build a Compose file for machines.

    Args:
        machines: The machines.
        dialect: `docker` for Inspect's provider, `k8s` for the Kubernetes provider, `netns` for namespaces.
        image: Name of the image of every host.
        binds: Folders of this machine to mount on the workplace, as `SOURCE:TARGET:ro`; not in Kubernetes.

    Returns:
        The file as plain mappings, ready for YAML. Addresses are not fixed, so that worlds can run side by side.

    Raises:
        MachinesError: If folders are to be mounted where that is not possible.
    """
    if dialect == "k8s" and binds:
        raise MachinesError(
            f"binds={', '.join(binds)}: Kubernetes cannot mount folders of this machine. "
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
    # A network's gateway is an address of the underlying machine, whose services would be reachable through it.
    closed = {"com.docker.network.bridge.inhibit_ipv4": "true"}
    return {"driver": "bridge", "internal": True, "driver_opts": closed}
