"""The sandboxes that the hosts of machines are."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from inspect_ai.util import SandboxEnvironment

from peerwatch.sandboxes.machines import Machines, service_of

if TYPE_CHECKING:
    from inspect_netns.provider import NetnsSandboxEnvironment

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


PYTHON = ["/usr/bin/python3", "-I", "-S", "-"]
"""Runs a script from standard input, whatever folders, variables and search path the host has by now."""


class HostClosedError(HostError):
    """A host can't be looked into any more, because something on it has been broken."""


def apart(host: SandboxEnvironment) -> "NetnsSandboxEnvironment | None":
    """The sandbox of a host on which programs can be started apart from what it has become; `None` in any other."""
    try:
        from inspect_netns.provider import NetnsSandboxEnvironment
    except ImportError:  # the extra `netns` is not installed, so no host can be one of its hosts
        return None
    try:
        return host.as_type(NetnsSandboxEnvironment)  # Inspect hands sandboxes out in a wrapping
    except TypeError:
        return None


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
