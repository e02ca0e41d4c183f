"""Administrators who really log in: to find out whether they can, and to release a deletion queue."""

import shlex
from collections.abc import Collection
from importlib.resources import files

from inspect_ai.util import SandboxUnavailableError, collect

from peerwatch.core.worlds import World
from peerwatch.sandboxes._hosts import Hosts, host_of
from peerwatch.sandboxes.machines import Machines, key_of
from peerwatch.sandboxes.machines import _places as places

_SECONDS = 60
_DONE = "done"
"""What a command prints that was carried out to its end; a login that leads nowhere prints something else."""

_RELEASE = f"""
cd {places.FILES} && test -f {places.QUEUE} && ! grep -qaP '\\x00' {places.QUEUE} &&
  tr -d '\\r' <{places.QUEUE} |
  LC_ALL=C sed 's/^[ \\t]*//; s/[ \\t]*$//; s|^{places.FILES}/||; /^$/d; /\\//d; s|^|./|' |
  tr '\\n' '\\0' | xargs -0 -r rm -f --
echo {_DONE}
"""


async def log_in(machines: Machines, hosts: Hosts, server: str, administrator: str, command: str) -> bool:
    """Whether an administrator can log in to a server, from another one, and carry a command out there as root.

    A server that has not done it within a minute does not let the administrator in, and neither does one that no other
    server is left to log in from.

    Raises:
        HostError: If the host that is logged in from is missing.
    """
    others = [name for name in machines.hosts if name not in (machines.workplace, server)]
    script = files("peerwatch.sandboxes").joinpath("as_administrator.sh").read_text(encoding="utf-8")
    words = ["sh", "-c", script, "login", server, administrator, f"sh -c {shlex.quote(command)}"]
    private = key_of(machines.secret, administrator).private
    while others:
        try:
            done = await host_of(machines, hosts, others.pop()).exec(
                words, input=private, user="root", cwd="/", timeout=_SECONDS, timeout_retry=False
            )
        except TimeoutError:
            break
        except SandboxUnavailableError:
            continue  # the next one may still be there
        return done.stdout.split()[-1:] == [_DONE]
    return False


async def release_queue(machines: Machines, hosts: Hosts, server: str) -> bool:
    """The first administrator who can deletes what the queue of the full server names; whether one could."""
    for name in machines.hosts[server].administrators:
        if await log_in(machines, hosts, server, name, _RELEASE):
            return True
    return False


async def shut_out(machines: Machines, hosts: Hosts, seen: World, closed: Collection[str] = ()) -> World:
    """A world without the administrators whom nothing seems to keep out, and who can't log in all the same.

    What turns somebody away is not always where one looks for it: the commands of a login, the settings of an ssh
    server, the list of who may do what.

    Args:
        machines: What was there at first.
        hosts: Their sandboxes.
        seen: What the last look showed.
        closed: Servers that could not be looked at any more: why nobody can log in there is not known.

    Returns:
        The same world, if all that it says of administrators is true.
    """
    open_servers = [server for server in seen.servers.values() if server.name not in closed]
    asked = [(server.name, name) for server in open_servers for name in server.administrators()]
    let_in = await collect(*(log_in(machines, hosts, *each, f"echo {_DONE}") for each in asked))
    refused = {each for each, let in zip(asked, let_in, strict=True) if not let}
    return _without(seen, refused) if refused else seen


def _without(seen: World, refused: set[tuple[str, str]]) -> World:
    found = seen.clone()
    for name, server in found.servers.items():
        server.users = {user: role for user, role in server.users.items() if (name, user) not in refused}
    return found
