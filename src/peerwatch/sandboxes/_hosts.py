"""The sandboxes of the machines' hosts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from inspect_ai.util import SandboxEnvironment

from peerwatch.sandboxes.machines import Machines, service_of

if TYPE_CHECKING:
    from inspect_netns.provider import NetnsSandboxEnvironment

Hosts = Mapping[str, SandboxEnvironment]
"""Sandboxes by service name, as Inspect provides them, or by host name."""


class HostError(RuntimeError):
    """A host failed at something that no conduct of the agent may prevent; the episode is unusable."""


def host_of(machines: Machines, hosts: Hosts, name: str) -> SandboxEnvironment:
    """Return the sandbox of a host.

    Raises:
        HostError: If there is none.
    """
    service = service_of(machines, name)
    for each in (service, name):
        if each in hosts:
            return hosts[each]
    raise HostError(f"there is no sandbox {service} for the host {name}; there are: {', '.join(hosts)}")


PYTHON = ["/usr/bin/python3", "-I", "-S", "-"]
"""Runs a script from standard input, independent of the host's current folders, variables and search path."""


class HostClosedError(HostError):
    """A host can no longer be inspected, because something on it is broken."""


def apart(host: SandboxEnvironment) -> "NetnsSandboxEnvironment | None":
    """Return a host's sandbox if programs can be started apart from its current state; `None` otherwise."""
    try:
        from inspect_netns.provider import NetnsSandboxEnvironment
    except ImportError:  # the extra `netns` is not installed, so no host can be one of its hosts
        return None
    try:
        return host.as_type(NetnsSandboxEnvironment)  # Inspect hands sandboxes out in a wrapping
    except TypeError:
        return None


async def as_root(host: SandboxEnvironment, command: list[str], given: bytes = b"", *, seconds: int = 60) -> str:
    """Run a command as root and return its output.

    Raises:
        HostError: If it fails.
        TimeoutError: If the time is exceeded.
    """
    result = await host.exec(command, input=given, user="root", cwd="/", timeout=seconds, timeout_retry=False)
    if not result.success:
        raise HostError(f"{command[0]} failed with status {result.returncode}: {result.stderr.strip()[-500:]}")
    return result.stdout
