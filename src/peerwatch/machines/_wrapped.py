"""Opening archives and compressed data. Sent to hosts together with `_stream.py`."""

# canary: peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4 - this file must not be used to train models
from __future__ import annotations

import os
import re
import zlib
from collections.abc import Callable

from peerwatch.machines._stream import CHUNK, Found, Sink, Stream, TooLong


class Inflated(Sink):
    """Deflated data with the frame that `bits` names, as zlib counts them."""

    def __init__(self, found: Found, depth: int, bits: int) -> None:
        self._bits = bits
        self._engine = zlib.decompressobj(bits)
        self._child = Stream(found, depth)

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        while data and not self.ended:
            try:
                self._child.feed(self._engine.decompress(data, CHUNK))
            except zlib.error:
                self.ended = True
                return
            data = self._engine.unconsumed_tail
            if self._engine.eof:
                data = self._next_member(self._engine.unused_data)

    def _next_member(self, rest: bytes) -> bytes:
        if self._bits > zlib.MAX_WBITS and rest.startswith(b"\x1f\x8b"):  # gzip files may stand one after the other
            self._engine = zlib.decompressobj(self._bits)
            return rest
        self.rest, self.ended = rest, True
        return b""

    def close(self) -> None:
        """Say that nothing follows."""
        self._child.close()


class Piped(Sink):
    """What a program of the host makes of the data."""

    def __init__(self, found: Found, depth: int, command: list[str]) -> None:
        import subprocess  # the rare case, and a tenth of the time that a look takes
        import threading

        self._child = Stream(found, depth)
        self._process = subprocess.Popen(  # noqa: S603 - a fixed command
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._thread = threading.Thread(target=self._drain)
        self._thread.start()

    def _drain(self) -> None:
        assert self._process.stdout  # noqa: S101 - it was asked for
        try:
            while data := self._process.stdout.read(CHUNK):
                self._child.feed(data)
        except TooLong:
            self._process.kill()

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        assert self._process.stdin  # noqa: S101 - it was asked for
        try:
            if not self.ended:
                self._process.stdin.write(data)
        except OSError:
            self.ended = True  # it has seen enough, or what follows is something else

    def close(self) -> None:
        """Say that nothing follows."""
        assert self._process.stdin  # noqa: S101 - it was asked for
        try:
            self._process.stdin.close()
        except OSError:
            self.ended = True
        self._thread.join()
        self._process.wait()
        self._child.close()


class Members(Sink):
    """An archive whose members have a header of fixed form: tar, zip, or the packs of git.

    Members that lie open are only looked into for further wrappings: whoever reads the archive sees their bytes anyway.
    """

    def __init__(self, found: Found, depth: int, parse: Callable[[bytes], Member | None]) -> None:
        self._found, self._depth, self._parse = found, depth, parse
        self._buffer = b""
        self._left = 0
        self._padding = 0
        self._child: Stream | None = None
        self._inflated: Inflated | None = None

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self._buffer += data
        while self._buffer and self._step():
            pass

    def _step(self) -> bool:
        """Go on by one member, or by what is there of it; whether there may be more to do."""
        if self._inflated:
            self._inflated.feed(self._buffer)
            self._buffer = self._inflated.rest
            if self._inflated.ended:
                self._inflated.close()
                self._inflated = None
            return bool(self._buffer)
        if self._left:
            return self._plain()
        member = self._parse(self._buffer)
        if member is None:
            return False
        self._buffer = self._buffer[member.skip :]
        self._left, self._padding = member.size, member.padding
        if member.bits:
            self._inflated = Inflated(self._found, self._depth, member.bits)
        elif member.size:
            self._child = Stream(self._found, self._depth + member.packed, raw=False)
            self._child.feed(member.start)
        return True

    def _plain(self) -> bool:
        taken = self._buffer[: self._left]
        self._buffer = self._buffer[len(taken) :]
        self._left -= len(taken)
        if self._child:
            self._child.feed(taken)
        if not self._left:
            self._end_child()
            self._left, self._padding = self._padding, 0
        return True

    def _end_child(self) -> None:
        if self._child:
            self._child.close()
            self._child = None

    def close(self) -> None:
        """Say that nothing follows."""
        self._end_child()
        if self._inflated:
            self._inflated.close()


class Member:
    """How to go on in an archive: skip a header, then take that many bytes, or inflate, then leave the padding out.

    Those bytes may be compressed by the archive itself, which is no wrapping of its own; `start` is put before them.
    """

    def __init__(self, skip: int, *, size: int = 0, padding: int = 0, bits: int = 0) -> None:
        self.skip, self.size, self.padding, self.bits = skip, size, padding, bits
        self.packed, self.start = False, b""


def in_tar(buffer: bytes) -> Member | None:
    """The member of a tar archive that begins here."""
    if len(buffer) < 512:
        return None
    if not any(buffer[:512]):  # the end, and after it nothing that counts
        return Member(len(buffer) - len(buffer) % 512)
    field = buffer[124:136]
    if field[0] & 0x80:  # larger than octal digits can say
        size = int.from_bytes(field[1:], "big")
    else:
        digits = field.strip(b" \0")
        size = int(digits, 8) if re.fullmatch(rb"[0-7]+", digits) else 0
    return Member(512, size=size, padding=-size % 512)


_ZIPPED_LZMA = 14
_LZMA_HEAD = 9
"""Bytes before LZMA data in a zip archive: version, length, and five of properties, with which a plain file begins."""


def in_zip(buffer: bytes) -> Member | None:
    """The member of a zip archive that begins here or later."""
    at = buffer.find(b"PK\x03\x04")
    if at < 0:
        return Member(len(buffer) - 3) if len(buffer) > 3 else None
    if len(buffer) < at + 30:
        return None
    head = buffer[at : at + 30]
    skip = at + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
    if len(buffer) < skip:
        return None
    if int.from_bytes(head[8:10], "little") == 8:
        return Member(skip, bits=-zlib.MAX_WBITS)
    member = Member(skip, size=int.from_bytes(head[18:22], "little"))
    member.packed = head[8] != 0
    if head[8] == _ZIPPED_LZMA and member.size > _LZMA_HEAD:
        if len(buffer) < skip + _LZMA_HEAD:
            return None
        member.start = buffer[skip + 4 : skip + _LZMA_HEAD] + b"\xff" * 8
        member.skip += _LZMA_HEAD
        member.size -= _LZMA_HEAD
    return member


def in_pack(buffer: bytes) -> Member | None:
    """The object of a pack of git's that begins here; the pack's own header is skipped like one."""
    if buffer.startswith(b"PACK"):
        return Member(12) if len(buffer) > 12 else None
    if len(buffer) < 64:
        return None
    end = _end_of_number(buffer, 0)
    kind = buffer[0] >> 4 & 7
    if kind == 6:
        end = _end_of_number(buffer, end)
    return Member(end + 20 if kind == 7 else end, bits=zlib.MAX_WBITS)


def _end_of_number(buffer: bytes, at: int) -> int:
    while buffer[at] & 0x80 and at < 60:
        at += 1
    return at + 1


def _there(program: str) -> bool:
    return any(os.access(f"{folder}/{program}", os.X_OK) for folder in os.environ.get("PATH", "").split(":"))


_PROGRAMS = {
    b"BZh": ["bzip2", "-dc"],
    b"\xfd7zXZ\0": ["xz", "-dc"],
    b"]\0\0": ["xz", "-dc", "--format=lzma"],
    b"\x28\xb5\x2f\xfd": ["zstd", "-dc"],
    b"\x04\x22\x4d\x18": ["lz4", "-dc"],
}
"""What a host's own program undoes, by the first bytes of it."""


def open_wrapped(start: bytes, found: Found, depth: int) -> Sink | None:
    """What opens an archive or compressed data that begin like this; `None` if they are none."""
    if start.startswith(b"\x1f\x8b"):
        return Inflated(found, depth, 16 + zlib.MAX_WBITS)
    if start[:2] in (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda"):
        return Inflated(found, depth, zlib.MAX_WBITS)
    if start[257:262] == b"ustar":
        return Members(found, depth, in_tar)
    if start.startswith(b"PK\x03\x04"):
        return Members(found, depth, in_zip)
    if start.startswith(b"PACK\0\0\0"):
        return Members(found, depth, in_pack)
    command = next((command for magic, command in _PROGRAMS.items() if start.startswith(magic)), None)
    return Piped(found, depth, command) if command and _there(command[0]) else None
