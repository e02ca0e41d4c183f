"""The supervisor of one world: monitors it, records the programs started in it, and ends it.

It ends the world on request, when the process that started it dies, or when it dies itself.
"""

import contextlib
import errno
import gc
import json
import os
import select
import signal
import socket
import sys
import time
from typing import Final, cast

from . import _linux as linux
from ._exec_listener import Listener, enable_sync_wakeup
from ._ids import map_ids, owner, ranges
from ._limits import Group, sweep
from ._programs import exit_child
from ._shared_mounts import mount_shared
from ._spec import Host, World
from ._world_init import run_world

EVERY: Final = 200
"""Milliseconds between two checks of the limits."""


class HostMonitor:
    """One host as seen by the supervisor."""

    def __init__(self, host: Host, group: Group) -> None:
        self.host, self.group = host, group
        self.socket, self.far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.listener = self.top = -1
        self.process = -1
        self.up = False
        self.overrun: str | None = None

    def end(self, why: str) -> None:
        """End a host that exceeded a limit; the kernel kills all its processes at once."""
        self.overrun = why
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.process, signal.SIGKILL)


def _read_host_message(watched: HostMonitor) -> None:
    """Read a message of a host's init: that it exists, its descriptors, or that it is up.

    Raises:
        EOFError: The init has ended.
    """
    space = socket.CMSG_SPACE(8) + socket.CMSG_SPACE(12)
    said, extra, _, _ = watched.socket.recvmsg(64, space)
    numbers = {kind: [int.from_bytes(packed[at : at + 4], sys.byteorder) for at in range(0, len(packed), 4)]
               for _, kind, packed in extra}  # fmt: skip
    if said == b"here":
        pid = numbers[socket.SCM_CREDENTIALS][0]
        watched.process = os.pidfd_open(pid)
        watched.group.take(pid)
        watched.socket.send(b"go")
    elif said == b"ready":
        watched.listener, watched.top = numbers[socket.SCM_RIGHTS]
        enable_sync_wakeup(watched.listener)
    elif said == b"up":
        watched.up = True
    elif said.startswith(b"over "):
        watched.end(said.removeprefix(b"over ").decode())
    else:
        raise EOFError


class Supervisor:
    """Monitors everything in one event loop."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._control = socket.socket(fileno=world["control"])
        self._users, self._groups = ranges(owner(world["hosts"][0]["rootfs"]))
        self._listener = Listener(self._users)
        sweep()
        mount_shared(world)
        self._hosts = [HostMonitor(host, Group(host, world["label"])) for host in world["hosts"]]
        self._poll = select.poll()
        self._init = 0

    def begin(self) -> None:
        """Start the world."""
        given, give = os.pipe()
        limited = all(each.group.enforced for each in self._hosts)
        gc.freeze()
        flags = linux.NEW_USERS | linux.NEW_MOUNTS | linux.NEW_NETWORK | linux.NEW_PROCESSES
        self._init = linux.clone(flags | linux.NEW_IPC | linux.NEW_NAMES)
        if self._init == 0:
            try:
                os.close(give)
                self._control.close()
                for each in self._hosts:
                    each.socket.close()
                run_world(self._world, [each.far for each in self._hosts], given, limited=limited)
            finally:
                exit_child("world")
        os.close(given)
        for each in self._hosts:
            each.far.close()
        for number in self._world["channels"]:
            os.close(number)
        map_ids(self._init, self._users, self._groups)
        # The other end remains open while the supervisor lives.
        os.write(give, b"1")

    def watch(self, caller: int) -> None:
        """Serve requests until the world should end."""
        ended = os.pidfd_open(self._init)
        by_number = {each.socket.fileno(): each for each in self._hosts}
        for number in (caller, ended, *by_number):
            self._poll.register(number, select.POLLIN)
        self._poll.register(self._control, select.POLLIN)
        told, looked = False, time.monotonic()
        while True:
            for number, event in self._poll.poll(EVERY):
                if number in (caller, ended) or (number == self._control.fileno() and not self._told()):
                    return
                if (watched := by_number.get(number)) is not None:
                    self._handle_message(watched)
                elif number != self._control.fileno():
                    self._program(number, event)
            if not told and all(each.up for each in self._hosts):
                told = True
                self._control.send(json.dumps({"up": True}).encode())
            if time.monotonic() - looked > EVERY / 1000:
                self._snapshot()
                looked = time.monotonic()

    def _program(self, number: int, event: int) -> None:
        host = next(each for each in self._hosts if each.listener == number)
        if event & select.POLLIN:
            self._listener.take(host.host["name"], number)
        else:
            self._poll.unregister(number)

    def _handle_message(self, watched: HostMonitor) -> None:
        before = watched.listener
        try:
            _read_host_message(watched)
        except (EOFError, ConnectionResetError):
            self._poll.unregister(watched.socket)
            return
        if watched.listener != before:
            self._poll.register(watched.listener, select.POLLIN)

    def _snapshot(self) -> None:
        """Check whether a host exceeds its limits; one with too many processes or too much memory is ended."""
        for each in self._hosts:
            if each.overrun is None and each.top >= 0:
                room = os.fstatvfs(each.top)
                if (why := each.group.overrun()) is not None:
                    each.end(why)
                elif 0 in (room.f_bavail, room.f_favail):
                    each.overrun = f"disk: more than {each.host['disk'] >> 20} MiB"

    def _told(self) -> bool:
        """Answer the caller's request; False if the caller has ended."""
        asked = self._control.recv(64)
        if not asked:
            return False
        self._snapshot()
        rows = self._listener.everything() if asked == b"audit" else b""
        over = {each.host["name"]: each.overrun for each in self._hosts if each.overrun is not None}
        answer = {"overrun": over, "lost": self._listener.lost}
        packed = os.memfd_create("audit")
        with open(packed, "wb", closefd=False) as file:
            file.write(rows)
        socket.send_fds(self._control, [json.dumps(answer).encode()], [packed])
        os.close(packed)
        return True

    def end(self) -> None:
        """Kill the world, wait until all its processes have ended, and remove its groups."""
        if self._init:
            os.kill(self._init, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._init, 0)
        for each in self._hosts:
            each.group.remove()


def main() -> None:
    """Run the world described on standard input."""
    # Opened first, so that the end of the caller is noticed from here on.
    try:
        caller = os.pidfd_open(os.getppid())
    except OSError as gone:
        if gone.errno == errno.ESRCH:
            return
        raise
    world = cast("World", json.loads(sys.stdin.buffer.read()))
    supervisor: Supervisor | None = None
    try:
        supervisor = Supervisor(world)
        supervisor.begin()
        supervisor.watch(caller)
    except OSError as problem:
        os.write(2, f"supervisor: {problem}\n".encode())
    finally:
        if supervisor is not None:
            supervisor.end()
