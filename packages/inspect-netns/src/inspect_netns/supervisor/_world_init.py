"""The first process of a world: owns the networks between its hosts, and starts the hosts."""

import os
import select
import signal
import socket

from . import _linux as linux
from ._host import run_host
from ._programs import exit_child, run
from ._spec import World

_HOST = linux.NEW_MOUNTS | linux.NEW_NETWORK | linux.NEW_IPC | linux.NEW_NAMES | linux.NEW_PROCESSES


def _wires(world: World, pids: list[int]) -> str:
    """Return commands for `ip -batch` that create a bridge per network and a pair of interfaces per address.

    The bridges have no address, so that hosts can't reach the process that owns them.
    """
    lines = ["link set lo up"]
    for place in range(len(world["networks"])):
        lines += [f"link add n{place} type bridge", f"link set n{place} addrgenmode none", f"link set n{place} up"]
    for number, (host, pid) in enumerate(zip(world["hosts"], pids, strict=True)):
        for place, each in enumerate(host["addresses"]):
            near = f"h{number}-{place}"
            lines += [f"link add {near} type veth peer name eth{place} netns {pid}",
                      f"link set {near} addrgenmode none", f"link set {near} master n{each['network']} up"]  # fmt: skip
    return "\n".join(lines) + "\n"


def run_world(world: World, supervisors: list[socket.socket], given: int, *, limited: bool) -> None:
    """Run the world: wait for its users, connect its networks, start its hosts, and reap processes indefinitely.

    Args:
        world: Description of the world.
        supervisors: One socket to the supervisor per host.
        given: Pipe that delivers one byte once the world's users are mapped; the parent keeps its other end open.
        limited: Whether control groups limit the hosts.

    Raises:
        OSError: The kernel refused something.
    """
    if os.read(given, 1) != b"1":
        return
    os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    linux.die_with_parent()
    # If the parent died before this was set, the kernel sends no signal.
    orphaned = select.poll()
    orphaned.register(given, 0)
    if orphaned.poll(0):
        return
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    # The inherited /proc shows the process ids of the parent namespace, so `ip` would not find the hosts in it.
    linux.mount("none", "/", flags=linux.RECURSIVE | linux.PRIVATE)
    linux.mount("proc", "/proc", "proc", linux.NO_SUID | linux.NO_DEVICES | linux.NO_PROGRAMS)
    wired, wire = os.pipe()
    pids = [_begin(world, number, supervisors, wired, limited=limited) for number in range(len(world["hosts"]))]
    run("ip", "-batch", "-", text=_wires(world, pids))
    os.write(wire, b"1" * len(pids))
    os.closerange(3, 65536)
    while True:
        try:
            os.wait()
        except ChildProcessError:
            signal.pause()


def _begin(world: World, number: int, supervisors: list[socket.socket], wired: int, *, limited: bool) -> int:
    pid = linux.clone(_HOST)
    if pid == 0:
        host = world["hosts"][number]
        try:
            channel = socket.socket(fileno=world["channels"][number])
            run_host(host, channel, supervisors[number], wired, limited=limited)
        finally:
            exit_child(f"host {host['name']}")
    return pid
