"""Starts the command line over and over: a program of its own that has loaded no more than a start loads.

It reads lines of JSON, words of a command each, and answers with how that leaves and how long it takes. Each command
runs in a fork, so that it loads what it needs anew, and the time of the start itself is counted with each.
"""

import json
import os
import sys
import tempfile
import time

from peerwatch.cli import main

START = time.process_time()
"""Seconds of the processor until here: of Python's start, and of what every start of Peerwatch loads."""


def left(words: list[str]) -> dict[str, object]:
    """How a command leaves, what it prints on standard error, and how many seconds of the processor it takes."""
    with tempfile.TemporaryFile("w+") as printed:
        number = os.fork()
        if not number:
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.dup2(nowhere, 0)
            os.dup2(nowhere, 1)
            os.dup2(printed.fileno(), 2)
            sys.argv = ["peerwatch", *words]
            main()  # leaves by an exception, which ends this process as it would any other
            raise AssertionError("the command line returned")
        _, status, used = os.wait4(number, 0)
        printed.seek(0)
        seconds = START + used.ru_utime + used.ru_stime
        return {"status": os.waitstatus_to_exitcode(status), "text": printed.read(), "seconds": seconds}


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(left(json.loads(line))) + "\n")
        sys.stdout.flush()
