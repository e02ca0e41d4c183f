"""Additional processes for a run, since one Inspect process can use only one core."""

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
"""Seconds that a stopped worker has to save its results; it is then killed."""

_PR_SET_PDEATHSIG = 1
"""prctl(2) option: the signal that the kernel sends to this process when the thread that started it ends."""


@contextmanager
def workers(folder: Path, options: RunOptions) -> Generator[None]:
    """Start the additional processes of a run, and wait for them when the block ends.

    They resume the run as a second `peerwatch run --resume` would: the ledger prevents two processes from running the
    same episode, and they share one budget. Each worker ends with this process, however this one ends: its standard
    input is a pipe whose other end only this process has open.
    """
    command = [sys.executable, "-m", "peerwatch", "run", "--resume", str(folder)]
    command += ["--processes", str(options.processes)]
    command += ["--minutes", str(options.minutes)] if options.minutes is not None else []
    begun: list[subprocess.Popen[bytes]] = []
    end_of_worker, end_of_ours = os.pipe()  # not inherited, except for the end that is a worker's standard input
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
    """End this process as soon as its parent process ends for any reason.

    A run can be killed at any moment without losing a finished episode, so no cleanup is needed. On Linux, the kernel
    sends the signal, even while Python is busy. On all systems, a thread waits for the end of standard input, the
    parent's pipe; this also covers a parent that had already ended.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_end_with_input, args=(sys.stdin.fileno(),), daemon=True, name="parent").start()


def _end_with_input(handle: int) -> None:
    while os.read(handle, 64):
        pass
    os._exit(1)
