"""Atomic file writes and appends."""

import fcntl
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path


def write_whole(file: Path, text: str) -> None:
    """Write a text file atomically: a full disk or a kill leaves the old file or none, never a partial one.

    Args:
        file: Its folder must exist.
        text: Written as UTF-8.

    Raises:
        OSError: If it cannot be written. No partial file remains.
    """
    write_bytes(file, text.encode())


def write_bytes(file: Path, data: bytes) -> None:
    """Write a file atomically, as `write_whole` does.

    Raises:
        OSError: If it cannot be written. No partial file remains.
    """
    with tempfile.NamedTemporaryFile("wb", dir=file.parent, prefix=".", delete=False) as part:
        half = Path(part.name)
        try:
            part.write(data)
            part.flush()
        except OSError:
            half.unlink()
            raise
    half.chmod(0o644)  # mkstemp creates files that only their owner can read; apply the usual permissions
    half.replace(file)


def append_lines(file: Path, lines: Iterable[str]) -> None:
    """Append lines in one write, safe with concurrent writers.

    Every line starts with its line break, so that a line cut off by a kill does not damage the next one.

    Raises:
        OSError: If the file cannot be written.
    """
    data = b"".join(b"\n" + line.encode() for line in lines)
    if not data:
        return
    handle = os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        os.write(handle, data)
    finally:
        os.close(handle)
