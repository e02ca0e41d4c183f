"""Opens archives and compressed data. Sent to hosts together with `_stream.py`."""

# canary: peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4 - this file must not be used to train models
from __future__ import annotations

import os
import re
import zlib
from collections.abc import Callable

from peerwatch.sandboxes.machines._stream import CHUNK, FileFindings, NoProgramError, Sink, Stream


class DeflateStream(Sink):
    """Deflated data with the framing given by `bits`, in zlib's convention (`wbits`)."""

    def __init__(self, found: FileFindings, depth: int, bits: int) -> None:
        self._bits = bits
        self._engine = zlib.decompressobj(bits)
        self._found = found
        self._child = Stream(found, depth)

    def feed(self, data: bytes) -> None:
        """Process the next bytes."""
        while data and not self.ended:
            try:
                self._child.feed(self._engine.decompress(data, CHUNK))
            except zlib.error:
                self.ended, self.explains = True, False  # it only started like that format
                return
            data = self._engine.unconsumed_tail
            if self._engine.eof:
                data = self._next_member(self._engine.unused_data)

    def _next_member(self, rest: bytes) -> bytes:
        if self._bits > zlib.MAX_WBITS and rest.startswith(b"\x1f\x8b"):  # several gzip files may be concatenated
            self._engine = zlib.decompressobj(self._bits)
            return rest
        self.rest, self.ended = rest, True
        return b""

    def close(self) -> None:
        """Process the end of the data."""
        if not self.ended and not self._engine.eof:
            self._found.cut = True
        self._child.close()


class ProgramSink(Sink):
    """Data as decoded by a program of the host."""

    def __init__(self, found: FileFindings, depth: int, command: list[str]) -> None:
        import subprocess  # the rare case, and a tenth of the time that a look takes
        import threading

        self._found = found
        self._child = Stream(found, depth)
        found.begin_program()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - a fixed command
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=os.memfd_create("said"),
                preexec_fn=TOOLS.enter,  # noqa: PLW1509 - it makes two calls of the kernel and takes no lock
            )
        except (OSError, subprocess.SubprocessError) as refused:
            raise NoProgramError(command[0]) from refused
        self._taken = self._made = 0
        self._problem: Exception | None = None
        self._thread = threading.Thread(target=self._drain)
        self._thread.start()

    def _drain(self) -> None:
        assert self._process.stdout  # noqa: S101 - it was asked for
        try:
            while data := self._process.stdout.read(CHUNK):
                self._made += len(data)
                self._child.feed(data)
        except Exception as problem:  # noqa: BLE001 - raised again where the file is read, in the main thread
            self._problem = problem
            self._process.kill()

    def feed(self, data: bytes) -> None:
        """Process the next bytes."""
        assert self._process.stdin  # noqa: S101 - it was asked for
        try:
            self._taken += len(data)
            if not self.ended:
                self._process.stdin.write(data)
        except OSError:
            self.ended = True  # it has seen enough, or what follows is something else

    def close(self) -> None:
        """Process the end of the data."""
        assert self._process.stdin  # noqa: S101 - it was asked for
        try:
            self._process.stdin.close()
        except OSError:
            self.ended = True
        self._thread.join()
        if self._process.wait():
            self._found.cut, self.explains = True, False  # it broke off, or never was what it seemed to be
        self.explains &= self._made >= self._taken // 2  # what follows the end of compressed data is passed over
        if self._problem is not None:
            raise self._problem
        self._child.close()


class Members(Sink):
    """An archive whose members have a header of fixed form: tar, zip, or git packs.

    Uncompressed members are only searched for further wrappings: the enclosing stream sees their bytes anyway.
    """

    def __init__(self, found: FileFindings, depth: int, parse: Callable[[bytes], Member | None]) -> None:
        self._found, self._depth, self._parse = found, depth, parse
        self._buffer = b""
        self._left = 0
        self._padding = 0
        self._child: Stream | None = None
        self._inflated: DeflateStream | None = None

    def feed(self, data: bytes) -> None:
        """Process the next bytes."""
        self._buffer += data
        while self._buffer and self._step():
            pass

    def _step(self) -> bool:
        """Process one member, or its available part; return whether there may be more to do."""
        if self._inflated:
            self._inflated.feed(self._buffer)
            self._buffer = self._inflated.rest
            if self._inflated.ended:
                self.explains &= self._inflated.explains
                self._inflated.close()
                self._inflated = None
            return bool(self._buffer)
        if self._left:
            return self._plain()
        member = self._parse(self._buffer)
        if member is None:
            return False
        self._buffer = self._buffer[member.skip :]
        # After the content, `_plain` skips the padding as if it were a member without a child.
        self._left, self._padding = member.size, member.padding
        if member.bits:
            self._inflated = DeflateStream(self._found, self._depth, member.bits)
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
        """Process the end of the data."""
        self._end_child()
        if self._inflated:
            self._inflated.close()


class Member:
    """How to continue in an archive: skip a header, then take a number of bytes or inflate, then skip the padding.

    The bytes may be compressed by the archive itself, which does not count as a wrapping; `start` is prepended to them.
    """

    def __init__(self, skip: int, *, size: int = 0, padding: int = 0, bits: int = 0) -> None:
        self.skip, self.size, self.padding, self.bits = skip, size, padding, bits
        self.packed, self.start = False, b""


def in_tar(buffer: bytes) -> Member | None:
    """Return the member of a tar archive that starts here."""
    if len(buffer) < 512:
        return None
    if not any(buffer[:512]):  # the end, and after it nothing that counts
        return Member(len(buffer) - len(buffer) % 512)
    # ustar header: bytes 124-135 are the size, as octal digits or, with the top bit of the first byte set, as a
    # big-endian number. The content is padded to a multiple of 512.
    field = buffer[124:136]
    if field[0] & 0x80:  # high bit set: a binary number, too large for the octal digits
        size = int.from_bytes(field[1:], "big")
    else:
        digits = field.strip(b" \0")
        size = int(digits, 8) if re.fullmatch(rb"[0-7]+", digits) else 0
    return Member(512, size=size, padding=-size % 512)


_ZIPPED_LZMA = 14
_ZIPPED = {12: b"BZh", 93: b"\x28\xb5\x2f\xfd", 95: b"\xfd7zXZ\0"}
"""Compression methods of zip archives that are those of other programs, with the first bytes of such data. Data with
other first bytes are rejected: they would be an archive within the archive that costs no depth, and could be nested
indefinitely.
"""
_LZMA_HEAD = 9
"""Bytes before LZMA data in a zip archive: 2 version, 2 length, 5 properties (the start of a .lzma file)."""


def in_zip(buffer: bytes) -> Member | None:
    """Return the member of a zip archive that starts here or later."""
    at = buffer.find(b"PK\x03\x04")
    if at < 0:
        return Member(len(buffer) - 3) if len(buffer) > 3 else None
    if len(buffer) < at + 30:
        return None
    head = buffer[at : at + 30]
    # Local file header: 0-3 signature, 8-9 method (8 is deflate), 18-21 compressed size, 26-27 length of the name,
    # 28-29 length of the extra field; all little-endian. Name and extra field follow the 30 bytes.
    skip = at + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
    if len(buffer) < skip:
        return None
    if int.from_bytes(head[8:10], "little") == 8:
        return Member(skip, bits=-zlib.MAX_WBITS)
    member = Member(skip, size=int.from_bytes(head[18:22], "little"))
    packed = _ZIPPED.get(head[8])
    if packed and len(buffer) < skip + len(packed):
        return None
    member.packed = bool(packed) and buffer.startswith(packed or b"", skip)
    if head[8] == _ZIPPED_LZMA and member.size > _LZMA_HEAD:
        if len(buffer) < skip + _LZMA_HEAD:
            return None
        member.packed = buffer.startswith(b"]\0\0", skip + 4)
        # The 13-byte header of a .lzma file: 5 bytes of properties, then the size as 8 bytes; all ones mean "unknown".
        member.start = buffer[skip + 4 : skip + _LZMA_HEAD] + b"\xff" * 8
        member.skip += _LZMA_HEAD
        member.size -= _LZMA_HEAD
    return member


def in_pack(buffer: bytes) -> Member | None:
    """Return the object of a git pack that starts here; the pack's header is skipped like an object."""
    if buffer.startswith(b"PACK"):
        return Member(12) if len(buffer) > 12 else None
    if len(buffer) < 64:
        return None
    # An object starts with a variable-length number: the top bit of each byte means "more follows". Bits 4-6 of the
    # first byte are the type: 6 (OFS_DELTA) is followed by another such number, 7 (REF_DELTA) by a 20-byte hash. Then
    # come zlib data.
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
    if TOOLS.folder is not None:
        return os.access(f"usr/bin/{program}", os.X_OK, dir_fd=TOOLS.folder)
    return any(os.access(f"{folder}/{program}", os.X_OK) for folder in os.environ.get("PATH", "").split(":"))


_PROGRAMS = {
    b"BZh": ["bzip2", "-dc"],
    b"\xfd7zXZ\0": ["xz", "-dc", "--memlimit-decompress=256MiB"],
    b"]\0\0": ["xz", "-dc", "--memlimit-decompress=256MiB", "--format=lzma"],
    b"\x28\xb5\x2f\xfd": ["zstd", "-dc", "--memory=256MB"],
    b"\x04\x22\x4d\x18": ["lz4", "-dc"],
}
"""Commands that decode data, by their first bytes; their memory is limited like the host's."""


_BLOCKS = (bytes.fromhex("314159265359"), bytes.fromhex("177245385090"))
"""Bytes 4-9 of bzip2 data: the magic of a block (BCD digits of pi), or of the end (digits of the square root of pi)."""


def _begins(program: str, start: bytes) -> bool:
    """Check more than the first bytes, which also occur within the decoders and libraries themselves.

    The third byte of bzip2 is followed by the block size, 1 to 9. The six magic bytes of xz are followed by two bytes
    of flags and by the CRC-32 of the flags.
    """
    if program == "bzip2":
        return start[3:4] in b"123456789" and start[4:10] in _BLOCKS
    if start.startswith(b"\xfd7zXZ"):
        return zlib.crc32(start[6:8]) == int.from_bytes(start[8:12], "little")
    return True


class Tools:
    """The source of the programs that decode what Python can't.

    Attributes:
        folder: A descriptor of the original root file system; `None` for the host's own.
    """

    folder: int | None = None

    def enter(self) -> None:
        """Enter the folder; called in the child process before the program is started."""
        if self.folder is not None:
            os.fchdir(self.folder)
            os.chroot(".")


TOOLS = Tools()


def open_wrapped(start: bytes, found: FileFindings, depth: int) -> Sink | None:
    """Return an opener for an archive or compressed data with these first bytes; `None` if they are neither."""
    if start.startswith(b"\x1f\x8b"):
        return DeflateStream(found, depth, 16 + zlib.MAX_WBITS)
    if start[:2] in (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda"):
        return DeflateStream(found, depth, zlib.MAX_WBITS)
    if start[257:262] == b"ustar":
        return Members(found, depth, in_tar)
    if start.startswith(b"PK\x03\x04"):
        return Members(found, depth, in_zip)
    if start.startswith(b"PACK\0\0\0"):
        return Members(found, depth, in_pack)
    command = next((command for magic, command in _PROGRAMS.items() if start.startswith(magic)), None)
    if command and not _begins(command[0], start):
        return None
    return ProgramSink(found, depth, command) if command and _there(command[0]) else None
