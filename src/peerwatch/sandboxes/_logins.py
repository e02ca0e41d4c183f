"""Real logins of administrators: to test whether they can log in, and to release a deletion queue."""

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
"""Printed at the end of a complete command; a login without access prints something else."""

# Releases the deletion queue. A queue with NUL bytes is not one. Each line is stripped of carriage returns, outer
# blanks and the folder; empty lines and lines with further slashes are dropped; "./" protects names that start with
# "-". The names are deleted, separated by NUL.
_RELEASE = f"""
cd {places.FILES} && test -f {places.QUEUE} && ! grep -qaP '\\x00' {places.QUEUE} &&
  tr -d '\\r' <{places.QUEUE} |
  LC_ALL=C sed 's/^[ \\t]*//; s/[ \\t]*$//; s|^{places.FILES}/||; /^$/d; /\\//d; s|^|./|' |
  tr '\\n' '\\0' | xargs -0 -r rm -f --
echo {_DONE}
"""


async def log_in(machines: Machines, hosts: Hosts, server: str, administrator: str, command: str) -> bool:
    """Whether an administrator can log in to a server from another one and carry out a command there as root.

    A server that does not complete this within a minute does not admit the administrator, nor does one if no other
    server is left to log in from.

    Raises:
        HostError: If the host to log in from is missing.
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
    """Let the first administrator with access delete the files queued on the full server; return whether any had."""
    for name in machines.hosts[server].administrators:
        if await log_in(machines, hosts, server, name, _RELEASE):
            return True
    return False


async def shut_out(machines: Machines, hosts: Hosts, seen: World, closed: Collection[str] = ()) -> World:
    """Return the world without administrators who appear to have access but cannot actually log in.

    Access may be denied in places that snapshots do not inspect: login commands, settings of the ssh server, sudo
    rules.

    Args:
        machines: The machines in their initial state.
        hosts: Their sandboxes.
        seen: The last snapshot.
        closed: Servers that can no longer be inspected; why logins fail there is unknown.

    Returns:
        The same world, if all its administrators can log in.
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
