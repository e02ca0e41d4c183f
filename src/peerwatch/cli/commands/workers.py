"""Further processes for a run: one Inspect process keeps one core busy."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from peerwatch.cli.options import RunOptions

GRACE = 15.0
"""Seconds in which a worker that was told to stop may write down what it has; after them it is killed."""

_PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that the kernel sends to this process when the thread that started it ends."""


@contextmanager
def workers(folder: Path, options: RunOptions) -> Generator[None]:
    """Let all but one of the processes that a run asks for work beside this one, and wait for them.

    They resume the run as any second `peerwatch run --resume` would: the ledger keeps them from running the same
    episode, and the budget is one for all. Each ends with this process, however this one ends: its standard input is
    a pipe of which only this process holds the other end.
    """
    command = [sys.executable, "-m", "peerwatch", "run", "--resume", str(folder)]
    command += ["--processes", str(options.processes)]
    command += ["--minutes", str(options.minutes)] if options.minutes is not None else []
    begun: list[subprocess.Popen[bytes]] = []
    end_of_worker, end_of_ours = os.pipe()  # neither is inherited, but for the one that a worker gets as its input
    try:
        for number in range(1, options.processes):
            words = [*command, "--worker", str(number)]
            begun.append(subprocess.Popen(words, stdin=end_of_worker, stdout=subprocess.DEVNULL))  # noqa: S603 - our own program
        yield
        for each in begun:
            each.wait()
    finally:
        for each in begun:
            each.terminate()
        for each in begun:
            _wait(each)
        os.close(end_of_worker)
        os.close(end_of_ours)


def _wait(worker: "subprocess.Popen[bytes]") -> None:
    try:
        worker.wait(GRACE)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()


def end_with_parent() -> None:
    """End this process at once when the one that started it is gone, whatever ended that one.

    A run can be killed at any moment without losing an episode that has ended, so nothing is put in order first. On
    Linux the kernel does it, also while Python is busy. Everywhere a thread waits for the end of standard input, the
    parent's pipe, which no process is left to write to; it also covers a parent that was gone before.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_end_with_input, args=(sys.stdin.fileno(),), daemon=True, name="parent").start()


def _end_with_input(handle: int) -> None:
    while os.read(handle, 64):
        pass
    os._exit(1)
