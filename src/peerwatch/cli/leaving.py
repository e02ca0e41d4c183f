"""Exits of the command line: errors become one line and an exit status, and SIGTERM acts like Ctrl-C."""

import errno
import os
import signal
import sys
import threading
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

import typer

from peerwatch.cli.output import error_console
from peerwatch.cli.usage import UsageError, in_a_line
from peerwatch.core.errors import MachineryError, UserError

DEBUG = "PEERWATCH_DEBUG"
"""Environment variable that makes unexpected errors print their full traceback."""


@contextmanager
def leaving() -> Generator[None]:
    """Turn errors raised inside into one line on standard error and an exit status."""
    try:
        with _stopped_in_order():
            yield
    except UsageError as error:
        if line := in_a_line(error):
            _leave(line, 2)
        cast("Any", error).show()
        sys.exit(2)
    except typer.Abort:
        _leave("stopped.", 130)
    except OSError as error:
        _leave(*_disk(error))
    except UserError as error:
        _leave(str(error), 2)
    except MachineryError as error:
        _leave(str(error), 1)
    except Exception as error:  # noqa: BLE001 - the outermost handler: it only reports the error and exits
        if os.environ.get(DEBUG):
            _leave(traceback.format_exc(), 1)
        _leave(f"{type(error).__name__}: {error} ({DEBUG}=1 shows where)", 1)


@contextmanager
def _stopped_in_order() -> Generator[None]:
    """Let SIGTERM end the program like Ctrl-C, so that finished episodes are saved.

    A program that was started with SIGTERM ignored keeps ignoring it.
    """
    alone = threading.current_thread() is threading.main_thread()  # Python allows only the main thread to set a handler
    if not alone or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _interrupt)
    # A script's shell starts a command with `&` with SIGINT ignored. Then SIGINT is held back until SIGTERM arrives.
    in_background = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    if in_background:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if in_background:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _interrupt(number: int, frame: object) -> None:
    del number, frame
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.raise_signal(signal.SIGINT)


def _disk(error: OSError) -> tuple[str, int]:
    """Return the message and the exit status for a file that cannot be read or written."""
    where = error.filename or "a file"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"cannot write {where}: it is read-only. Choose another folder with --out.", 2
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"the disk is full: cannot write {where}. Free some space and resume with --resume and the run's folder.",
            1,
        )
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG):
        return f"cannot write {where}: {error.strerror}. Choose another place with --out.", 2
    return f"{error.strerror or error}: {where}", 1


def _leave(message: str, status: int) -> None:
    error_console().print(f"peerwatch: {message}")
    sys.exit(status)
