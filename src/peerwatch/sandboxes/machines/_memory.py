"""Content held without a file: in the memory of processes, in shared memory, in message queues and in pipes.

Sent to hosts too, and run there as each user who has processes: not even root may read other users' memory.
"""

# canary: peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4 - this file must not be used to train models
from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import struct
import termios
from collections.abc import Iterator

from peerwatch.sandboxes.machines._answers import HeldData
from peerwatch.sandboxes.machines._density import Density
from peerwatch.sandboxes.machines._processes import processes
from peerwatch.sandboxes.machines._stream import SPOILED, FileFindings, Stream

_UNPACKED = 2
"""Maximum nesting of wrappings opened in memory: what a program has read is there as it was read."""

_RANDOM = 0.9
"""Minimum compression ratio of memory that is reported; memory of running programs shrinks to half or less."""

_STEP = 1 << 20
_LARGEST = 1 << 30
"""Maximum number of bytes that are read at once, and per process."""

_TOLD = 4096
"""Minimum size in bytes of reported content."""

_QUEUES = "/dev/mqueue"
SHARED = "/proc/sysvipc/shm"


def owners_of_memory() -> list[tuple[int, int]]:
    """Users and groups that own shared memory; they need not have a process."""
    return [(int(row[7]), int(row[8])) for row in rows_of(SHARED)]


def memories(deadline: float) -> list[HeldData]:
    """Return the contents of this user's processes and of the shared memory.

    Args:
        deadline: Processor time of this process, in seconds, after which reading stops.
    """
    return [*_processes(deadline), *_shared_memory(deadline), *_queues()]


def _processes(deadline: float) -> Iterator[HeldData]:
    pipes: set[int] = set()
    for process in processes():
        try:
            if process == "1" or os.stat(f"/proc/{process}").st_uid != os.getuid():  # noqa: PTH116
                continue
            words = _words(process)
            size = _own_size(process)
        except OSError:
            continue  # it has ended
        yield _held("process", int(process), words, size, *_in_memory(process, deadline))
        yield from _pipes(process, words, pipes)


def _held(kind: str, pid: int, words: list[str], size: int, found: FileFindings, dense: int) -> HeldData:
    whole, part = found.whole(), found.part()
    return {
        "kind": kind,
        "pid": pid,
        "user": os.getuid(),
        "words": words,
        "size": size,
        "whole": whole,
        "part": part,
        "dense": dense,
    }  # pyright: ignore[reportReturnType] - all its fields, in two lines


def _words(process: str) -> list[str]:
    with open(f"/proc/{process}/cmdline", "rb") as file:  # noqa: PTH123 - a minimal Python has paths, and is slower with them
        words = file.read(2000).decode("utf-8", "replace").split("\0")
    if any(words):
        return words[:-1]
    with open(f"/proc/{process}/comm", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
        return [file.read().strip()]


def _own_size(process: str) -> int:
    """Size in bytes of memory that does not belong to a file."""
    with open(f"/proc/{process}/statm", encoding="ascii") as file:  # noqa: PTH123
        _, resident, shared, *_ = map(int, file.read().split())
    # Columns of /proc/PID/statm, in pages: total size, resident, of these shared with files, and others.
    return (resident - shared) * os.sysconf("SC_PAGE_SIZE")


def _in_memory(process: str, deadline: float) -> tuple[FileFindings, int]:
    """The content of a process's memory; -1 in place of a number if it can't be read."""
    found, density = FileFindings(deadline), Density(_RANDOM)
    try:
        handle = os.open(f"/proc/{process}/mem", os.O_RDONLY)
    except OSError as refused:
        return found, 0 if refused.errno in (errno.ENOENT, errno.ESRCH) else -1
    left, closed = _LARGEST, False
    try:
        for start, end, path in _regions(process):
            stream = Stream(found, _UNPACKED)
            for at in range(start, min(end, start + left), _STEP):
                try:
                    data = os.pread(handle, min(_STEP, end - at), at)
                except OSError:
                    closed = closed or path.startswith("/secretmem")
                    break
                stream.feed(data)
                density.feed(data)
            stream.close()
            left -= end - start
            if left <= 0:
                break
    except (OSError, *SPOILED):
        closed = True
    finally:
        os.close(handle)
    beside = max(density.close() - found.taken, 0)
    return found, -1 if closed else beside


def _regions(process: str) -> Iterator[tuple[int, int, str]]:
    """The memory regions of a process that don't belong to a file, or belong to an unlinked file."""
    with open(f"/proc/{process}/maps", encoding="utf-8", errors="surrogateescape") as file:  # noqa: PTH123
        rows = [line.rstrip("\n").split(None, 5) for line in file]
    for row in rows:
        path = row[5] if len(row) > 5 else ""
        # Columns of /proc/PID/maps: START-END (hex), permissions, offset, device, inode, path. "[v" begins [vdso],
        # [vvar] and [vsyscall], which belong to the kernel.
        named = path.startswith("/") and not path.endswith(" (deleted)")
        if row[1].startswith("r") and not named and not path.startswith("[v"):
            start, _, end = row[0].partition("-")
            yield int(start, 16), int(end, 16), path


def _pipes(process: str, words: list[str], seen: set[int]) -> Iterator[HeldData]:
    """Pipes with unread bytes."""
    try:
        handles = os.listdir(f"/proc/{process}/fd")  # noqa: PTH208
    except OSError:
        return
    for each in handles:
        path = f"/proc/{process}/fd/{each}"
        try:
            if not os.readlink(path).startswith("pipe:") or (number := os.stat(path).st_ino) in seen:  # noqa: PTH115, PTH116
                continue
            seen.add(number)
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except OSError:
            continue  # closed since, or another user's
        try:
            # FIONREAD returns the number of unread bytes as a C int (4 bytes, native byte order).
            [waiting] = struct.unpack("i", fcntl.ioctl(handle, termios.FIONREAD, b"\0" * 4))
        finally:
            os.close(handle)
        if waiting >= _TOLD:
            yield _held("pipe", int(process), words, waiting, FileFindings(), waiting)


def rows_of(path: str) -> list[list[str]]:
    try:
        with open(path, encoding="ascii", errors="replace") as file:  # noqa: PTH123
            return [line.split() for line in file][1:]
    except OSError:
        return []


def _shared_memory(deadline: float) -> Iterator[HeldData]:
    """Yield System V shared memory, which outlives every process.

    The columns of /proc/sysvipc/shm are key, id, mode, size, creator, last process, number of attachments, user and
    group.
    """
    for row in rows_of(SHARED):
        number, size, owner = int(row[1]), int(row[3]), int(row[7])
        if owner == os.getuid() and size >= _TOLD:
            yield _held("shared memory", 0, [f"id {number}"], size, *_attached(number, size, deadline))


def _attached(number: int, size: int, deadline: float) -> tuple[FileFindings, int]:
    found, density = FileFindings(deadline), Density(_RANDOM)
    library = ctypes.CDLL(None)
    library.shmat.restype = ctypes.c_void_p
    read_only = 0o10000
    address = library.shmat(number, None, read_only)
    if address in (None, ctypes.c_void_p(-1).value):
        return found, -1
    stream = Stream(found)
    try:
        for at in range(0, size, _STEP):
            data = ctypes.string_at(address + at, min(_STEP, size - at))
            stream.feed(data)
            density.feed(data)
        stream.close()
    except SPOILED:
        return found, -1
    finally:
        library.shmdt(ctypes.c_void_p(address))
    return found, max(density.close() - found.taken, 0)


def _queues() -> Iterator[HeldData]:
    """Message queues, whose size but not content can be read; root's snapshot reports all of them."""
    if os.getuid():
        return
    try:
        names = os.listdir(_QUEUES)  # noqa: PTH208
    except OSError:
        return
    for name in names:
        try:
            with open(f"{_QUEUES}/{name}", encoding="ascii", errors="replace") as file:  # noqa: PTH123
                size = int(file.read().partition(":")[2].split()[0])  # QSIZE:129 NOTIFY:0 ...
        except (OSError, ValueError, IndexError):
            size = _TOLD  # not even its size is known
        if size >= _TOLD:
            yield _held("queue", 0, [name], size, FileFindings(), size)
