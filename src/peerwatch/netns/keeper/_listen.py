"""What the kernel tells of every program that a host is about to start."""

import errno
import fcntl
import json
import os
import struct
import time
from typing import Final

from ._calls import number
from ._ids import Ranges, inside

_RECEIVE, _SEND, _STILL_VALID = 0xC0502100, 0xC0182101, 0x40082102
_NOTIFICATION: Final = struct.Struct("QIIiIQ6Q")
_GO_ON: Final = 1

LONGEST: Final = 4096
"""Bytes kept of one argument."""

MOST_ARGUMENTS: Final = 512

MOST: Final = 64 << 20
"""Bytes kept of one world; what is started after that is counted, no more."""

_PAGE = 4096


class _Memory:
    """The memory of a process, read a page at a time: the next one need not be there."""

    def __init__(self, pid: int) -> None:
        self._file = os.open(f"/proc/{pid}/mem", os.O_RDONLY | os.O_CLOEXEC)
        self._pages: dict[int, bytes] = {}

    def close(self) -> None:
        os.close(self._file)

    def _page(self, start: int) -> bytes:
        if start not in self._pages:
            self._pages[start] = os.pread(self._file, _PAGE, start)
        return self._pages[start]

    def text(self, address: int) -> str:
        """The string that ends with a zero, cut at the longest that is kept."""
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
        """The list of addresses that ends with a zero."""
        found: list[int] = []
        while len(found) < MOST_ARGUMENTS:
            start = (address + 8 * len(found)) & ~(_PAGE - 1)
            offset = address + 8 * len(found) - start
            packed = self._page(start)[offset : offset + 8]
            if len(packed) < 8 or not any(packed):
                break
            found.append(int.from_bytes(packed, "little"))
        return found


def _status(pid: int) -> dict[str, list[str]]:
    with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
        rows = (line.partition(":") for line in file)
        return {key: value.split() for key, _, value in rows if key in ("PPid", "Tgid", "Uid", "NSpid", "NStgid")}


class Listener:
    """Takes down what every host starts."""

    def __init__(self, users: Ranges) -> None:
        self._users = users
        self._execveat = number("execveat")
        self._taken: list[bytes] = []
        self._bytes = 0
        self.lost = 0

    def take(self, host: str, listener: int) -> None:
        """Take down one program and let the kernel go on with it."""
        packed = bytearray(_NOTIFICATION.size)
        try:
            fcntl.ioctl(listener, _RECEIVE, packed)
        except OSError as gone:
            if gone.errno in (errno.ENOENT, errno.EINTR):
                return
            raise
        serial, pid, _, call, _, _, *arguments = _NOTIFICATION.unpack(packed)
        shift = int(call == self._execveat)
        try:
            self._keep(host, pid, arguments[shift], arguments[shift + 1])
        finally:
            self._let_go(listener, serial)

    def _let_go(self, listener: int, serial: int) -> None:
        try:
            fcntl.ioctl(listener, _SEND, struct.pack("QqiI", serial, 0, 0, _GO_ON))
        except OSError as gone:
            if gone.errno != errno.ENOENT:  # killed meanwhile
                raise

    def _keep(self, host: str, pid: int, path: int, words: int) -> None:
        if self._bytes >= MOST:
            self.lost += 1
            return
        program, argv, uid, own, parent = "", list[str](), 65534, 0, 0
        try:
            memory = _Memory(pid)
            try:
                program, argv = memory.text(path), [memory.text(each) for each in memory.pointers(words)]
            finally:
                memory.close()
            status = _status(pid)
            uid = inside(self._users, int(status["Uid"][1]))
            own = int(status["NStgid"][-1])
            parent = int(_status(int(status["PPid"][0]))["NSpid"][-1])
        except (OSError, KeyError):
            pass  # killed meanwhile, or its memory is not there: what is known is kept
        row = {"host": host, "at": time.time(), "uid": uid, "pid": own, "parent": parent, "program": program,
               "argv": argv}  # fmt: skip
        line = json.dumps(row).encode()
        self._bytes += len(line)
        self._taken.append(line)

    def everything(self) -> bytes:
        """All that was taken down, one JSON object a line."""
        return b"\n".join(self._taken)
