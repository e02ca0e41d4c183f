"""Further processes for a run: one Inspect process keeps one core busy."""

import os
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from peerwatch._commands.planning import Request


@dataclass(frozen=True)
class Workers:
    """Processes that work beside this one; they have loaded what they need and wait for a word."""

    processes: Sequence[subprocess.Popen[bytes]]

    def begin(self) -> None:
        """Let them begin."""
        for each in self.processes:
            # One that has failed has said so itself; the others do its work.
            with suppress(BrokenPipeError):
                os.write(_pipe(each), b"begin\n")

    def wait(self) -> None:
        """Wait until they have nothing left to do."""
        for each in self.processes:
            each.wait()


@contextmanager
def workers(folder: Path, request: Request) -> Generator[Workers]:
    """All but one of the processes that a run asks for; they are ended with the context.

    They go on with the run as any second `peerwatch run --resume` would: the ledger keeps them from running the same
    episode, and the budget is one for all. To load takes seconds, so they are started before there is work for them.
    """
    command = [sys.executable, "-m", "peerwatch", "run", "--resume", str(folder), "--worker"]
    command += ["--processes", str(request.processes)]
    command += ["--minutes", str(request.minutes)] if request.minutes is not None else []
    begun = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
        for _ in range(request.processes - 1)
    ]
    try:
        yield Workers(begun)
    finally:
        for each in begun:
            each.terminate()


def _pipe(process: subprocess.Popen[bytes]) -> int:
    if process.stdin is None:
        raise ValueError("the process was started without a pipe")
    return process.stdin.fileno()


def told_to_begin() -> bool:
    """Wait, as one of these processes, for the word of the first; false if that is gone."""
    return sys.stdin.readline() != ""
