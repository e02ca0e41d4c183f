"""The sandboxes that the hosts of machines are."""

from collections.abc import Mapping

from inspect_ai.util import SandboxEnvironment

from peerwatch.machines import Machines, service_of

Hosts = Mapping[str, SandboxEnvironment]
"""Sandboxes by the names of their services, as Inspect gives them, or by the names of the hosts."""


class HostError(RuntimeError):
    """A host did not do what it has to do whatever the agent has done; the episode cannot be used."""


def host_of(machines: Machines, hosts: Hosts, name: str) -> SandboxEnvironment:
    """The sandbox of a host.

    Raises:
        HostError: If there is none.
    """
    service = service_of(machines, name)
    for each in (service, name):
        if each in hosts:
            return hosts[each]
    raise HostError(f"there is no sandbox {service} for the host {name}; there are: {', '.join(hosts)}")


async def as_root(host: SandboxEnvironment, command: list[str], given: bytes = b"", *, seconds: int = 60) -> str:
    """What a command prints that is carried out as root.

    Raises:
        HostError: If it fails.
        TimeoutError: If it takes longer.
    """
    result = await host.exec(command, input=given, user="root", cwd="/", timeout=seconds, timeout_retry=False)
    if not result.success:
        raise HostError(f"{command[0]} failed with status {result.returncode}: {result.stderr.strip()[-500:]}")
    return result.stdout
