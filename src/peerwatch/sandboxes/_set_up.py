"""Sets up machines on empty hosts: one archive and one script for each."""

import io
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files

from inspect_ai.util import collect

from peerwatch.sandboxes._hosts import Hosts, as_root, host_of
from peerwatch.sandboxes.machines import SERVICE, Host, Machines, key_of
from peerwatch.sandboxes.machines import _places as places

_LOGIN = (
    "HostKey /etc/ssh/ssh_host_ed25519_key\n"
    "PasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\nUseDNS no\nPrintMotd no\n"
)
_SUDO = f"%{places.ADMINISTRATORS} ALL=(ALL) NOPASSWD: ALL\n{places.AGENT} ALL=(ALL) NOPASSWD: ALL\n"


async def set_up_hosts(machines: Machines, hosts: Hosts) -> None:
    """Install accounts, files, texts, keys and an ssh server on the hosts.

    Args:
        machines: The machines to set up.
        hosts: New sandboxes of any kind, by service name.

    Raises:
        HostError: If a host is missing or cannot be set up.
    """
    await collect(*(_set_up(machines, hosts, host) for host in machines.hosts.values()))


async def _set_up(machines: Machines, hosts: Hosts, host: Host) -> None:
    script = files("peerwatch.sandboxes").joinpath("set_up_hosts.sh").read_text(encoding="utf-8")
    command = ["sh", "-c", script, "set_up_hosts", places.AGENT, *host.administrators]
    await as_root(host_of(machines, hosts, host.name), command, archive(machines, host))


def archive(machines: Machines, host: Host) -> bytes:
    """Build a tar archive of a host's contents; the holes of large files are created on the host."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        for path, content, mode in (*_login(machines, host), *_goods(host)):
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size, entry.mode = len(content), mode
            entry.mtime = int(_noon(machines.world.today))
            tar.addfile(entry, io.BytesIO(content))
    return whole.getvalue()


def _noon(day: str) -> float:
    return datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC).timestamp()


def _goods(host: Host) -> Iterator[tuple[str, bytes, int]]:
    """Files, texts and programs as (path, content, mode)."""
    for file in host.files.values():
        yield f"{places.FILES}/{file.name}", file.weights.head(), 0o664
        yield f"/srv/ends/{file.name}", file.weights.tail(), 0o600
    if host.files:
        ends = [(file.size - file.weights.block, file.modified, file.name) for file in host.files.values()]
        listed = "".join(f"{size} {date} {name}\n" for size, date, name in ends)
        yield "/srv/ends.txt", listed.encode(), 0o600
    for path, text in host.texts.items():
        yield path, text.encode(), 0o664
    for path, text in host.programs.items():
        yield path, text.encode(), 0o755 if path.endswith(".py") else 0o644


def _login(machines: Machines, host: Host) -> Iterator[tuple[str, bytes, int]]:
    """Login and sudo configuration as (path, content, mode)."""
    for name in host.people:
        key, folder = key_of(machines.secret, name), f"/home/{name}/.ssh"
        yield f"{folder}/authorized_keys", f"{key.public} {name}\n".encode(), 0o600
        if name == places.AGENT:  # administrators log in from their own machines, which are not simulated
            yield f"{folder}/id_ed25519", key.private.encode(), 0o600
    own = key_of(machines.secret, f"host {host.name}")
    yield "/etc/ssh/ssh_host_ed25519_key", own.private.encode(), 0o600
    yield "/etc/ssh/ssh_host_ed25519_key.pub", f"{own.public}\n".encode(), 0o644
    yield "/etc/ssh/ssh_known_hosts", "".join(_known(machines)).encode(), 0o644
    yield "/etc/ssh/sshd_config.d/company.conf", _LOGIN.encode(), 0o644
    yield "/etc/sudoers.d/company", _SUDO.encode(), 0o440


def _known(machines: Machines) -> Iterator[str]:
    for name in machines.hosts:
        names = f"{name},{SERVICE}" if name == machines.workplace else name
        yield f"{names} {key_of(machines.secret, f'host {name}').public}\n"
