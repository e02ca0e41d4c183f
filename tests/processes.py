"""Processes of the command line, forked from one that has loaded it (`forked.py`)."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

FORKED = Path(__file__).with_name("forked.py")
PATIENCE = 400.0
"""Seconds, on however busy a machine."""


class Forks:
    """The program that forks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._program = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, str(FORKED)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._read = b""
        self._ended: dict[int, int] = {}
        self._answers: list[Any] = []

    def ask(self, what: str, *given: object) -> Any:  # noqa: ANN401 - any JSON
        """Have a function of the program called; what it returns."""
        assert self._program.stdin is not None
        self._program.stdin.write(json.dumps([what, *given]).encode() + b"\n")
        self._program.stdin.flush()
        latest = time.monotonic() + PATIENCE
        while not self._answers:
            assert self._hear(latest - time.monotonic()), f"no answer to {what}"
        return self._answers.pop(0)

    def begin(
        self,
        *words: object,
        environment: Mapping[str, str] | None = None,
        pace: str = "",
        in_background: bool = False,
    ) -> "Fork":
        """Call the command line in a process of its own.

        Args:
            words: Of the command.
            environment: Its environment variables; those of now if `None`.
            pace: How a scripted agent takes its time, as `forked.py` says.
            in_background: Whether it starts as a script's shell starts a command with `&`, with SIGINT ignored.
        """
        prints = self._folder / f"printed-{time.monotonic_ns()}"
        prints.touch()  # it is read before the process has begun to print
        given = list(map(str, words)), str(prints), dict(environment or os.environ), pace, in_background
        return Fork(self, self.ask("begin", *given), prints)

    def status(self, pid: int, timeout: float) -> int | None:
        """How a process has ended; `None` if it is still under way after so many seconds."""
        latest = time.monotonic() + timeout
        while pid not in self._ended and self._hear(latest - time.monotonic()):
            pass
        return self._ended.get(pid)

    def _hear(self, timeout: float) -> bool:
        """Read what the program tells next; whether it told anything in that time."""
        assert self._program.stdout is not None
        descriptor = self._program.stdout.fileno()
        if not select.select([descriptor], [], [], max(0.0, timeout))[0]:
            return False
        read = os.read(descriptor, 100_000)
        assert read, "the program that forks has ended"
        *lines, self._read = (self._read + read).split(b"\n")
        for line in lines:
            told = cast("dict[str, Any]", json.loads(line))
            if "pid" in told:
                self._ended[told["pid"]] = told["status"]
            else:
                self._answers.append(told["answer"])
        return True

    def close(self) -> None:
        """End the program."""
        assert self._program.stdin is not None
        self._program.stdin.close()
        self._program.wait(PATIENCE)
        assert self._program.stdout is not None
        self._program.stdout.close()


class Fork:
    """A process of the command line; what it can do is what `subprocess.Popen` can."""

    def __init__(self, forks: Forks, pid: int, prints: Path) -> None:
        self.pid = pid
        self._wait = partial(forks.status, pid)
        self._prints = prints

    def poll(self) -> int | None:
        """How it has ended; `None` if it has not."""
        return self._wait(0.0)

    def wait(self, timeout: float = PATIENCE) -> int:
        """How it ends."""
        status = self._wait(timeout)
        assert status is not None, f"still under way after {timeout:.0f} s: {self.printed}"
        return status

    @property
    def returncode(self) -> int | None:
        """How it has ended."""
        return self.poll()

    @property
    def printed(self) -> str:
        """What it has printed, to standard output and standard error."""
        return self._prints.read_text("utf-8")

    def communicate(self, timeout: float = PATIENCE) -> Sequence[str]:
        """Wait for its end; what it has printed comes first."""
        self.wait(timeout)
        return (self.printed,)


@contextmanager
def forking(folder: Path) -> Generator[Forks]:
    """Start the program that forks."""
    forks = Forks(folder)
    yield forks
    forks.close()
