"""Finds marked blocks in a stream of bytes, which may be wrapped in archives, compressed data and text.

Data are pushed through in chunks, so that no file is ever held in memory as a whole. This file and those that open
wrappings are also sent to hosts, where a minimal Python 3 runs them: they import nothing else of Peerwatch.
"""

# canary: peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4 - this file must not be used to train models
from __future__ import annotations

import hashlib
import math
import os
import re
import struct
import zlib
from collections import Counter
from collections.abc import Callable

BLOCKS = 16
"""Number of blocks of a complete file."""

MAGIC = b"b3f19c07e5d2"
"""First bytes of every block."""

# Byte layout of a block's header, all ASCII: 0-11 magic, 12-23 tag, 24-25 index (hex), 26-29 length of the block (hex),
# 30-47 checksum of the payload (hex).
_HEADER = 48
"""Size of a block's header in bytes."""

CHUNK = 1 << 18
"""Number of bytes processed at once."""

_SNIFFED = 1 << 16
"""Number of bytes from which the form of a stream is determined."""

DEPTH = 8
"""Maximum nesting of wrappings. The actual bound on the work is processor time."""

PROGRAMS = 96
"""Maximum number of programs started for one file. Each takes about 20 ms, and a file of a few hundred bytes could
otherwise demand any number: nested archives are tried in several forms each.
"""

_OPAQUE_FROM = 32_000
_OPAQUE_BITS = 7.9
"""Size in bytes, and bits of entropy per byte, from which unexplained content is called opaque. The first bytes of a
file explain nothing: anyone can put the first bytes of a program or an image before any content.
"""


class TimeIsUpError(Exception):
    """The time for searching is over."""


class NoProgramError(Exception):
    """A program that undoes a wrapping can't be started."""


SPOILED = (
    *(TimeIsUpError, NoProgramError, zlib.error, struct.error),
    *(ArithmeticError, LookupError, MemoryError, RuntimeError, ValueError),
)
"""Errors that crafted data may cause when they are unpacked. Anything else is a bug."""


def worked() -> float:
    """Processor time in seconds used by this process and its finished child processes."""
    return sum(os.times()[:4])


def digest(tag: str, index: int, payload: bytes) -> str:
    """Checksum of a block's payload; eighteen hexadecimal digits."""
    return hashlib.sha256(b"%s/%d/%s" % (tag.encode(), index, payload)).hexdigest()[:18]


def header(tag: str, index: int, length: int, check: str) -> bytes:
    """The header of a block of `length` bytes."""
    return b"%s%s%02x%04x%s" % (MAGIC, tag.encode(), index, length, check.ljust(18, "0").encode())


class Sink:
    """An opener for one kind of wrapping.

    Attributes:
        explains: Whether the data that it takes have a known form.
        ended: Whether the wrapped data have ended, so that `rest` is something else.
        rest: The bytes after the end.
    """

    explains = True
    ended = False
    rest = b""

    def feed(self, data: bytes) -> None:
        """Process the next bytes."""
        raise NotImplementedError

    def close(self) -> None:
        """Process the end of the data."""


class FileFindings:
    """The findings in one file.

    Attributes:
        blocks: Tag to a number with one bit set per block found.
        opaque: Whether it contains much dense, unexplained content.
        content: A name for its first bytes.
        taken: Total bytes of the blocks found, counting repeats.
        cut: Whether compressed data ended early, so that the rest may be in another file.
        deadline: Value of `worked` after which reading stops. Processor time, so that a busy machine does not matter.
    """

    def __init__(self, deadline: float = math.inf) -> None:
        self.blocks: dict[str, int] = {}
        self.opaque = False
        self.content = ""
        self.taken = 0
        self.cut = False
        self.deadline = deadline
        self._programs = [0]

    def again(self) -> FileFindings:
        """New findings for the same file, to be read another way within the same limits."""
        other = FileFindings(self.deadline)
        other._programs = self._programs
        return other

    def begin_program(self) -> None:
        """Count a program that is about to be started.

        Raises:
            TooLong: If the file's limit is reached.
        """
        self._programs[0] += 1
        if self._programs[0] > PROGRAMS:
            raise TimeIsUpError

    def whole(self) -> list[str]:
        """Tags of which all blocks were found."""
        return sorted(tag for tag, bits in self.blocks.items() if bits == (1 << BLOCKS) - 1)

    def part(self) -> list[str]:
        """Tags of which some but not all blocks were found."""
        return sorted(tag for tag, bits in self.blocks.items() if bits != (1 << BLOCKS) - 1)


class Stream:
    """A stream of bytes: searches it for blocks, and opens it if it is a container.

    Args:
        found: Where findings are recorded.
        depth: Number of wrappings that may still be opened.
        raw: Whether to search the stream itself; false if an enclosing stream already does.
    """

    def __init__(self, found: FileFindings, depth: int = DEPTH, *, raw: bool = True) -> None:
        self._found = found
        self._depth = depth
        self._raw = raw
        self._carry = b""
        self._start = b""
        self._size = 0
        self._inner: Sink | None = None
        self._after = 0
        """Bytes after the end of the opened container."""
        self._sniffed = False

    def feed(self, data: bytes) -> None:
        """Process the next bytes."""
        if worked() > self._found.deadline:
            raise TimeIsUpError
        self._size += len(data)
        if self._raw:
            self._scan(data)
        if not self._sniffed:
            self._start += data
            if len(self._start) >= _SNIFFED:
                self._sniff()
        elif self._inner:
            self._after += len(data) * self._inner.ended
            self._inner.feed(data)

    def skip(self, count: int) -> None:
        """Process a number of zero bytes."""
        self._size += count
        self._carry = b""
        if not self._sniffed:
            self._sniff()
        while self._inner and not self._inner.ended and count > 0:
            if worked() > self._found.deadline:
                raise TimeIsUpError
            self._inner.feed(bytes(min(count, CHUNK)))
            count -= CHUNK

    def begins(self) -> str:
        """A name for the first bytes of the stream; sixteen hexadecimal digits."""
        return hashlib.sha256(self._start).hexdigest()[:16]

    def close(self) -> None:
        """Process the end of the data."""
        if not self._sniffed:
            self._sniff()
        if self._inner:
            self._inner.close()
        explained = self._inner is not None and self._inner.explains and self._after < _OPAQUE_FROM
        if not explained and self._size >= _OPAQUE_FROM and _is_dense(self._start):
            self._found.opaque = True
        self._start = b""

    def _sniff(self) -> None:
        self._sniffed = True
        # The header of a loose git object: "blob", its size, and NUL.
        git = re.match(rb"blob \d+\0", self._start)
        start = self._start[git.end() :] if git else self._start
        self._inner = _opened(start, self._found, self._depth - 1) if self._depth > 0 else None
        if self._inner:
            self._inner.feed(start)

    def _scan(self, data: bytes) -> None:
        whole = self._carry + data
        at = whole.find(MAGIC)
        while at >= 0:
            length = _length(whole[at : at + _HEADER])
            if length is None or at + length > len(whole):
                break  # the rest of the block is still to come
            step = length if self._is_block(whole[at : at + length]) else 1
            at = whole.find(MAGIC, at + step)
        # A magic number may be cut by the end of this chunk, so one byte less than its length is kept.
        self._carry = whole[at:] if at >= 0 else whole[-len(MAGIC) + 1 :]

    def _is_block(self, block: bytes) -> bool:
        try:
            tag, index = block[12:24].decode("ascii"), int(block[24:26], 16)
        except ValueError:
            return False
        if block[30:_HEADER] != digest(tag, index, block[_HEADER:]).encode():
            return False
        self._found.blocks[tag] = self._found.blocks.get(tag, 0) | 1 << index
        self._found.taken += len(block)
        return True


def _length(head: bytes) -> int | None:
    """Return the length of a block with this header; `None` if the header is incomplete."""
    if len(head) < _HEADER:
        return None
    try:
        return max(int(head[26:30], 16), _HEADER)
    except ValueError:
        return _HEADER


def _is_dense(start: bytes) -> bool:
    if not start or MAGIC in start:
        return False
    counts = Counter(start).values()
    # Shannon entropy in bits per byte, -sum p log2 p: at most 8; compressed or encrypted data come close to it.
    return -sum(count / len(start) * math.log2(count / len(start)) for count in counts) > _OPAQUE_BITS


OPENERS: list[Callable[[bytes, FileFindings, int], Sink | None]] = []
"""Openers of wrappings, called with the first bytes, the findings and the remaining depth. Filled by other files."""


def _opened(start: bytes, found: FileFindings, depth: int) -> Sink | None:
    return next((sink for each in OPENERS if (sink := each(start, found, depth))), None)
