"""Further processes for a run: one Inspect process keeps one core busy."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from peerwatch._commands.planning import Request


@contextmanager
def workers(folder: Path, request: Request) -> Generator[None]:
    """Let all but one of the processes that a run asks for work beside this one, and wait for them.

    They go on with the run as any second `peerwatch run --resume` would: the ledger keeps them from running the same
    episode, and the budget is one for all.
    """
    command = [sys.executable, "-m", "peerwatch", "run", "--resume", str(folder)]
    command += ["--processes", str(request.processes)]
    command += ["--minutes", str(request.minutes)] if request.minutes is not None else []
    begun = [
        subprocess.Popen([*command, "--worker", str(number)], stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
        for number in range(1, request.processes)
    ]
    try:
        yield
        for each in begun:
            each.wait()
    finally:
        for each in begun:
            each.terminate()
