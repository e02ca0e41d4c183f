"""The init of a host: starts and reaps programs requested over a socket that no process of the host can access.

Signals from inside can't kill it, since it is the first process of its namespace. Programs that it starts inherit its
filter and limits.
"""

import contextlib
import fcntl
import json
import os
import select
import signal
import socket
from typing import Final, cast

from . import _child as child
from ._limits import counted
from ._request import GIVEN, HOST, Answer, Request
from ._spec import Host
from ._users import NoSuchUserError, User, find

EVERY: Final = 100
"""Milliseconds between two checks of the limits."""

MOST: Final = 16 << 20
"""Maximum bytes of a request."""


def _ignore(*_: object) -> None:
    """Signal handler that does nothing: the signal is noticed through its wakeup descriptor."""


class ExecServer:
    """Serves one host until the supervisor ends."""

    def __init__(
        self, host: Host, channel: socket.socket, supervisor: socket.socket, roots: tuple[int, int], *, counting: bool
    ) -> None:
        """Prepare to serve requests.

        Args:
            host: Description of the host.
            channel: Socket on which requests arrive.
            supervisor: Socket to the supervisor, which is told about exceeded limits; if it closes, the host ends.
            roots: Descriptors of the original root file system and of the host's current one.
            counting: Whether limits must be checked here, because the kernel does not enforce them.
        """
        self._host, self._channel, self._supervisor, self._roots = host, channel, supervisor, roots
        self._default, self._variables = host["user"], host["environment"]
        self._every = EVERY if counting else None
        self._waiting: dict[int, socket.socket] = {}
        self._poll = select.poll()
        wake, woken = os.pipe()
        self._wake = wake
        for each in (wake, woken):
            os.set_blocking(each, False)
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _ignore)
        for each in (channel.fileno(), wake):
            self._poll.register(each, select.POLLIN)
        self._poll.register(supervisor.fileno(), 0)

    def start(self, log: str) -> None:
        """Start the host's command, if it has one; its output goes to a file of the host.

        Raises:
            NoSuchUserError: The host has no such user.
        """
        user = find(self._default)
        words = self._host["command"]
        request: Request = {"do": "run", "words": words, "environment": {**self._variables},
                            "cwd": self._host["working_dir"], "user": "", "most": 0}  # fmt: skip
        if words and os.fork() == 0:
            said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            for number, source in enumerate((os.open("/dev/null", os.O_RDONLY), said, said)):
                os.dup2(source, number)
            os.closerange(3, 1024)
            answer = child.carry_out(request, user)
            os.write(2, f"{words[0]}: {os.strerror(answer.get('errno', 0))}\n".encode())
            os._exit(127)

    def serve(self) -> None:
        """Answer requests until the supervisor's end of its socket is closed."""
        while True:
            for descriptor, _ in self._poll.poll(self._every):
                if descriptor == self._supervisor.fileno():
                    return
                if descriptor == self._channel.fileno():
                    self._take()
                elif descriptor == self._wake:
                    self._reap()
                else:
                    self._cancel(descriptor)
            if self._every is not None and (why := counted(self._host)) is not None:
                self._supervisor.send(f"over {why}".encode())
                self._every = None

    def _take(self) -> None:
        data, given, _, _ = socket.recv_fds(self._channel, 16, 5)
        if not data:
            self._poll.unregister(self._channel)
            return
        asked, *streams, status = given
        answers = socket.socket(fileno=status)
        try:
            request = cast("Request", json.loads(os.pread(asked, MOST, 0)))
            self._begin(request, streams, answers)
        finally:
            for each in (asked, *streams):
                os.close(each)

    def _begin(self, request: Request, streams: list[int], answers: socket.socket) -> None:
        try:
            user = find(request["user"] or self._default)
            pid = os.fork()
        except NoSuchUserError:
            _answer(answers, {"user": request["user"] or self._default})
            return
        except OSError:
            _answer(answers, {"full": True})
            return
        if pid == 0:
            self._in_child(request, user, streams, answers)
        self._waiting[pid] = answers
        self._poll.register(answers.fileno(), 0)

    def _in_child(self, request: Request, user: User, streams: list[int], answers: socket.socket) -> None:
        for number, source in enumerate(streams):
            os.dup2(source, number)
        status = answers.fileno()
        roots = [os.dup(each) for each in self._roots] if request.get("apart") else []
        # Above all numbers that will be assigned, so that assigning closes none of them.
        status, *roots = (fcntl.fcntl(each, fcntl.F_DUPFD, 64) for each in (status, *roots))
        status = os.dup2(status, 3, inheritable=False)
        for number, source in zip((GIVEN, HOST), roots, strict=False):
            os.dup2(source, number)
        os.closerange(GIVEN + len(roots), 4096)
        request["environment"] = {**self._variables, **request["environment"]}
        answer = child.carry_out(request, user)
        os.write(status, json.dumps(answer).encode())
        os._exit(0)

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake, 4096)
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                answers = self._waiting.pop(ended[0], None)
                if answers is not None:
                    self._poll.unregister(answers)
                    code = os.waitstatus_to_exitcode(ended[1])
                    _answer(answers, {"exit": code if code >= 0 else 128 - code})

    def _cancel(self, descriptor: int) -> None:
        """End a program and its process group, because the caller has ended or stopped waiting."""
        for pid, answers in self._waiting.items():
            if answers.fileno() == descriptor:
                self._poll.unregister(descriptor)
                for kill in (os.kill, os.killpg):  # it may not lead a group yet
                    with contextlib.suppress(ProcessLookupError):
                        kill(pid, signal.SIGKILL)
                del self._waiting[pid]
                answers.close()
                return


def _answer(answers: socket.socket, answer: Answer) -> None:
    with contextlib.suppress(OSError):
        answers.send(json.dumps(answer).encode())
    answers.close()
