"""A running world, as seen by the process that started it."""

import json
import socket
import subprocess
import sys
import threading
import uuid
from pathlib import Path
from typing import IO, Any, Final, cast

from ._audit import ExecRecord, parse_audit
from ._call import ChannelClosedError, RequestResult, ask
from ._error import NetnsError
from .supervisor import Host, Request, World

_START: Final = "import sys; sys.path.insert(0, sys.argv[1]); import supervisor; supervisor.main()"
_PATIENCE: Final = 60.0
"""Seconds until a world must be up; on an idle machine it takes a fraction of one."""


class WorldDownError(Exception):
    """The world, or one of its hosts, has ended. The message states which and, if known, why."""


class RunningWorld:
    """A running world. Its processes end with `stop`, or when this process ends for any reason."""

    def __init__(self, hosts: list[Host], networks: list[str]) -> None:
        """Start a world and wait until every host's first process is ready.

        Args:
            hosts: At least one.
            networks: Names of the networks; hosts refer to them by position.

        Raises:
            NetnsError: This machine or these folders are unsuitable; the message contains the supervisor's error.
        """
        self._hosts = hosts
        self._asking = threading.Lock()
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        channels = {host["name"]: socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for host in hosts}
        self._control = control
        self._channels = {name: near for name, (near, _) in channels.items()}
        given = [far.fileno() for _, far in channels.values()]
        self.label = uuid.uuid4().hex[:12]
        world: World = {"hosts": hosts, "networks": networks, "channels": given,
                        "control": theirs.fileno(), "label": self.label}  # fmt: skip
        self._supervisor = subprocess.Popen(  # noqa: S603 - this Python, with our own program
            [sys.executable, "-I", "-S", "-B", "-c", _START, str(Path(__file__).parent)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=[theirs.fileno(), *given],
            env={},
            cwd="/",
            start_new_session=True,
        )
        for each in (theirs, *(far for _, far in channels.values())):
            each.close()
        self._begin(world)

    def _begin(self, world: World) -> None:
        stdin, stderr = cast("IO[bytes]", self._supervisor.stdin), cast("IO[bytes]", self._supervisor.stderr)
        try:
            stdin.write(json.dumps(world).encode())
            stdin.close()
            self._control.settimeout(_PATIENCE)
            up = self._control.recv(64)
            self._control.settimeout(None)
        except (BrokenPipeError, ConnectionResetError, TimeoutError) as gone:
            up = b"" if not isinstance(gone, TimeoutError) else None
        if not up:
            self._let_go()
            said = stderr.read().decode(errors="replace").strip()
            slow = f"it was not up within {_PATIENCE:.0f} s" if up is None else "its supervisor ended"
            self.stop()
            raise NetnsError(f"The netns world did not start: {said or slow}")

    @property
    def pid(self) -> int:
        """The supervisor's process id."""
        return self._supervisor.pid

    def _told(self, what: bytes) -> tuple[dict[str, Any], bytes]:
        with self._asking:
            try:
                self._control.send(what)
                data, given, _, _ = socket.recv_fds(self._control, 65536, 1)
            except OSError as gone:
                raise WorldDownError("the world's supervisor has ended") from gone
        if not data:
            raise WorldDownError("the world's supervisor has ended")
        with open(given[0], "rb") as file:  # noqa: PTH123 - it has no path
            file.seek(0)
            return json.loads(data), file.read()

    def audit(self) -> list[ExecRecord]:
        """Return everything that was started on any host so far, in order of time.

        Raises:
            WorldDownError: The world has ended, and its records with it.
        """
        return parse_audit(self._told(b"audit")[1])

    def overruns(self) -> dict[str, str]:
        """Return the hosts that exceeded a limit, each with the limit.

        Raises:
            WorldDownError: The world has ended.
        """
        return self._told(b"overrun")[0]["overrun"]

    def unrecorded(self) -> int:
        """Return the number of programs that were started after the record was full.

        Raises:
            WorldDownError: The world has ended.
        """
        return self._told(b"overrun")[0]["lost"]

    async def ask(self, host: str, request: Request, given: bytes, limit: int) -> RequestResult:
        """Send a request to a host; see `_call.ask`.

        Raises:
            WorldDownError: The host is down; the message states whether it exceeded a limit.
        """
        try:
            return await ask(self._channels[host], request, given, limit)
        except ChannelClosedError as closed:
            why = self.overruns().get(host)
            raise WorldDownError(f"{host} is down" + (f": it went over its limit of {why}" if why else "")) from closed

    def _let_go(self) -> None:
        self._control.close()
        for channel in self._channels.values():
            channel.close()

    def stop(self) -> None:
        """End the world and everything in it. Can be called repeatedly."""
        self._let_go()
        self._supervisor.wait()
        for stream in (self._supervisor.stdin, self._supervisor.stderr):
            if stream is not None:
                stream.close()
