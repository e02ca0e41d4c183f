"""Set up a host in its first process: network, file system, capabilities, and then the request channel."""

import contextlib
import os
import signal
import socket
from typing import Final

from . import _linux as linux
from . import _root as root
from ._exec_server import ExecServer
from ._filter import install
from ._limits import limit_processes
from ._programs import run
from ._spec import Host
from ._users import NoSuchUserError, find

CAPABILITIES: Final = frozenset(
    {
        0,  # chown
        1,  # dac_override
        3,  # fowner
        4,  # fsetid
        5,  # kill
        6,  # setgid
        7,  # setuid
        8,  # setpcap
        10,  # net_bind_service
        18,  # sys_chroot: sshd confines its unprivileged process to an empty folder
        29,  # audit_write: sudo and sshd log who logged in
    }
)
"""All capabilities of a host's root (numbers from linux/capability.h); sshd, sudo and useradd need them."""

_FOR_THE_FILTER: Final = frozenset({21})
"""sys_admin, held until the filter is installed: without it, the kernel requires no_new_privs, which breaks sudo."""

LOG: Final = "/var/log/boot.log"


def _network(host: Host) -> None:
    lines = ["link set lo up"]
    for place, each in enumerate(host["addresses"]):
        lines += [f"link set eth{place} addrgenmode none", f"addr add {each['address']} dev eth{place}",
                  f"link set eth{place} up"]  # fmt: skip
    run("ip", "-batch", "-", text="\n".join(lines) + "\n")


def _working_dir(host: Host) -> None:
    """Create the working directory if the root file system does not contain it; it then belongs to the user."""
    path = host["working_dir"]
    if not os.path.isdir(path):
        os.makedirs(path, exist_ok=True)
        user = find(host["user"])
        os.chown(path, user.uid, user.gid)


def _keep_only(*kept: int) -> None:
    last = 2
    for each in sorted(kept):
        os.closerange(last + 1, each)
        last = each
    os.closerange(last + 1, 65536)


def _limited(supervisor: socket.socket) -> None:
    """Wait until the host's limits apply, and make its control group appear to be the only one."""
    supervisor.send(b"here")
    if supervisor.recv(16) != b"go":
        raise OSError("the supervisor is gone")
    linux.call("unshare", linux.NEW_CGROUPS)


def run_host(host: Host, channel: socket.socket, supervisor: socket.socket, wired: int, *, limited: bool) -> None:
    """Run the host. Returns when the supervisor has ended.

    Args:
        host: Description of the host.
        channel: Socket on which requests arrive.
        supervisor: Socket to the supervisor, which receives the filter's listener and a descriptor of the root.
        wired: Pipe that delivers one byte once the host's interfaces exist.
        limited: Whether control groups limit the host.

    Raises:
        OSError: The kernel refused something, or a folder is missing.
    """
    _keep_only(channel.fileno(), supervisor.fileno(), wired)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    # The host's root may have the id that this process had outside, and could otherwise inspect it.
    linux.readable(by_others=False)
    _limited(supervisor)
    root.build(host)
    if os.read(wired, 1) != b"1":
        raise OSError("the world ended before the host was wired")
    os.close(wired)
    _network(host)
    top, given = root.enter(host)
    linux.rename_process("/sbin/init")
    limit_processes(host, enforced=limited)
    linux.keep_capabilities(CAPABILITIES)
    linux.hold_capabilities(CAPABILITIES | _FOR_THE_FILTER)
    listener = install()
    linux.hold_capabilities(CAPABILITIES)
    try:
        _working_dir(host)
        find(host["user"])
        serving = ExecServer(host, channel, supervisor, (given, os.dup(top)), counting=not limited)
    except NoSuchUserError as unknown:
        raise OSError(f"the root file system has no user {unknown}") from unknown
    socket.send_fds(supervisor, [b"ready"], [listener, top])
    os.close(listener)
    os.close(top)
    null = os.open("/dev/null", os.O_RDWR)
    for number in range(3):
        os.dup2(null, number)
    os.close(null)
    serving.start(LOG)
    with contextlib.suppress(BrokenPipeError):
        supervisor.send(b"up")
    serving.serve()
