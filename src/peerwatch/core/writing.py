"""Writing a file whole or not at all, and adding whole lines to one."""

import fcntl
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path


def write_whole(file: Path, text: str) -> None:
    """Write a text file so that a full disk or a kill leaves the old file, or none, but never half of the new one.

    Args:
        file: Its folder must exist.
        text: Written as UTF-8.

    Raises:
        OSError: If it cannot be written; nothing of it is left then.
    """
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=file.parent, prefix=".", delete=False) as part:
        half = Path(part.name)
        try:
            part.write(text)
            part.flush()
        except OSError:
            half.unlink()
            raise
    half.chmod(0o644)  # a temporary file is its owner's alone
    half.replace(file)


def append_lines(file: Path, lines: Iterable[str]) -> None:
    """Append lines in one piece, whoever else writes at the same time.

    Each begins with its line break, whatever stands before, so that a line torn by a kill spoils no other.

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
