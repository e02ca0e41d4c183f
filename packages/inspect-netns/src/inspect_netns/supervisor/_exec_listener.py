"""Records every program that a host is about to start, as reported by the kernel's seccomp notifications."""

import contextlib
import ctypes
import errno
import fcntl
import json
import struct
import time
from typing import Final

from ._calls import number
from ._ids import Ranges, inside
from ._linux import call

# <linux/seccomp.h>: SECCOMP_IOCTL_NOTIF_RECV, SECCOMP_IOCTL_NOTIF_SEND and SECCOMP_IOCTL_NOTIF_SET_FLAGS. An ioctl
# number is direction (2 bits), size of the argument (14), type "!" = 0x21 (8) and number (8).
_RECEIVE, _SEND, _SET_FLAGS = 0xC0502100, 0xC0182101, 0x40082104
# struct seccomp_notif, 80 bytes: u64 id, u32 pid, u32 flags, then struct seccomp_data: int nr, u32 arch,
# u64 instruction_pointer, u64 args[6].
_NOTIFICATION: Final = struct.Struct("QIIiIQ6Q")
# SECCOMP_USER_NOTIF_FLAG_CONTINUE: the kernel carries out the call as if there were no filter.
_GO_ON: Final = 1
# SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP.
_ON_ITS_PROCESSOR: Final = 1

LONGEST: Final = 4096
"""Maximum bytes kept per argument."""

MOST_ARGUMENTS: Final = 512

MOST: Final = 64 << 20
"""Maximum bytes of records kept per world; programs started after that are only counted."""

_PAGE = 4096


class _Memory:
    """The memory of a process, read page by page, since the next page may not exist.

    It does not use /proc, whose files a supervisor that is not root may open only for the users of its world's root.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._buffer = ctypes.create_string_buffer(_PAGE)
        # struct iovec: pointer, length. One for this process's buffer, below one for the page of the other process.
        self._here = ctypes.create_string_buffer(struct.pack("QQ", ctypes.addressof(self._buffer), _PAGE))
        self._pages: dict[int, bytes] = {}

    def _page(self, start: int) -> bytes:
        if start not in self._pages:
            there = ctypes.create_string_buffer(struct.pack("QQ", start, _PAGE))
            read = call("process_vm_readv", self._pid, self._here, 1, there, 1, 0)
            self._pages[start] = self._buffer.raw[:read]
        return self._pages[start]

    def text(self, address: int) -> str:
        """Return the zero-terminated string at an address, cut at the maximum length."""
        found = b""
        while len(found) < LONGEST:
            start = address & ~(_PAGE - 1)
            part = self._page(start)[address - start :]
            end = part.find(b"\0")
            if end >= 0 or not part:
                found += part[: max(end, 0)]
                break
            found += part
            address = start + _PAGE
        return found[:LONGEST].decode(errors="replace")

    def pointers(self, address: int) -> list[int]:
        """Return the zero-terminated list of addresses at an address."""
        found: list[int] = []
        while len(found) < MOST_ARGUMENTS:
            start = (address + 8 * len(found)) & ~(_PAGE - 1)
            offset = address + 8 * len(found) - start
            packed = self._page(start)[offset : offset + 8]
            if len(packed) < 8 or not any(packed):
                break
            found.append(int.from_bytes(packed, "little"))
        return found


def _status(pid: int) -> bytes:
    with open(f"/proc/{pid}/status", "rb", buffering=0) as file:
        return file.read()


def _fields(status: bytes) -> dict[str, list[str]]:
    rows = (line.partition(":") for line in status.decode(errors="replace").splitlines())
    return {key: value.split() for key, _, value in rows}


class _ExecSnapshot:
    """Status, program and arguments of a process that is waiting in `execve`."""

    def __init__(self, pid: int, program: int, words: int) -> None:
        self.program, self.words, self.status = "", list[str](), b""
        with contextlib.suppress(OSError):  # killed meanwhile, or its memory is not there: what is known is kept
            self.status = _status(pid)
            memory = _Memory(pid)
            self.program = memory.text(program)
            self.words = [memory.text(each) for each in memory.pointers(words)]


def _inner(status: bytes, users: Ranges) -> dict[str, int]:
    """Return the user, process and parent ids as seen inside the host."""
    fields = _fields(status)
    if not fields:
        return {"uid": 65534, "pid": 0, "parent": 0}
    parent = {}
    with contextlib.suppress(OSError):  # it has lost it meanwhile
        parent = _fields(_status(int(fields["PPid"][0])))
    return {
        "uid": inside(users, int(fields["Uid"][1])),
        "pid": int(fields["NStgid"][-1]),
        "parent": int(parent["NSpid"][-1]) if parent else 0,
    }


def enable_sync_wakeup(listener: int) -> None:
    """Let the kernel run the host's process and this one on the same processor, since one of the two always waits."""
    with contextlib.suppress(OSError):  # Linux 6.6 or later
        fcntl.ioctl(listener, _SET_FLAGS, struct.pack("Q", _ON_ITS_PROCESSOR))


class Listener:
    """Records the programs that all hosts start."""

    def __init__(self, users: Ranges) -> None:
        self._users = users
        self._execveat = number("execveat")
        self._taken: list[bytes] = []
        self._bytes = 0
        self.lost = 0

    def take(self, host: str, listener: int) -> None:
        """Record one program and let the kernel start it."""
        packed = bytearray(_NOTIFICATION.size)
        try:
            fcntl.ioctl(listener, _RECEIVE, packed)
        except OSError as gone:
            if gone.errno in (errno.ENOENT, errno.EINTR):
                return
            raise
        serial, pid, _, asked, _, _, *arguments = _NOTIFICATION.unpack(packed)
        # execve(path, argv, envp), but execveat(dirfd, path, argv, envp, flags): the arguments are shifted by one.
        shift = int(asked == self._execveat)
        at = time.time()
        seen = _ExecSnapshot(pid, arguments[shift], arguments[shift + 1]) if self._bytes < MOST else None
        self._let_go(listener, serial)
        if seen is None:
            self.lost += 1
        else:
            row = {"host": host, "at": at, **_inner(seen.status, self._users), "program": seen.program}
            line = json.dumps({**row, "argv": seen.words}).encode()
            self._bytes += len(line)
            self._taken.append(line)

    def _let_go(self, listener: int, serial: int) -> None:
        try:
            # struct seccomp_notif_resp: u64 id, s64 val, s32 error, u32 flags.
            fcntl.ioctl(listener, _SEND, struct.pack("QqiI", serial, 0, 0, _GO_ON))
        except OSError as gone:
            if gone.errno != errno.ENOENT:  # killed meanwhile
                raise

    def everything(self) -> bytes:
        """Return all records, one JSON object per line."""
        return b"\n".join(self._taken)
