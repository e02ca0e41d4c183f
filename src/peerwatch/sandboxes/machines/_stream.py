"""Finding marked blocks in a stream of bytes, which may be wrapped in archives, compressed data and text.

Data are pushed through, a chunk at a time, so that nothing is ever held as a whole. This file and those that open
wrappings are also sent to hosts, where a minimal Python 3 runs them: they import only what that has, and nothing else
of Peerwatch.
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
"""Blocks of a whole file."""

MAGIC = b"b3f19c07e5d2"
"""What every block begins with."""

_HEADER = 48
"""Bytes of a block's header: magic (12), tag (12), index (2), length (4) and check (18)."""

CHUNK = 1 << 18
"""Bytes that are handled at once."""

_SNIFFED = 1 << 16
"""Bytes from which it is told what a stream is."""

DEPTH = 8
"""Wrappings within wrappings that are opened. What bounds the work is the time of the processor, not this number."""

PROGRAMS = 96
"""Programs that are started for one file. Each takes some 20 ms, and a file of some hundred bytes can ask for any
number of them: archives within archives are tried as several forms each."""

_OPAQUE_FROM = 32_000
_OPAQUE_BITS = 7.9
"""Size in bytes, and bits of entropy in a byte, from which content that nothing explains is called opaque. What a file
begins with explains nothing: anybody can put the first bytes of a program or an image before anything."""


class TimeIsUpError(Exception):
    """The time for looking is over."""


class NoProgramError(Exception):
    """A program that undoes a wrapping can't be started."""


SPOILED = (
    *(TimeIsUpError, NoProgramError, zlib.error, struct.error),
    *(ArithmeticError, LookupError, MemoryError, RuntimeError, ValueError),
)
"""What data made to do harm can bring about where they are unpacked. Anything else is a mistake of ours."""


def worked() -> float:
    """Seconds of the processor that this process has used, and the programs that it has started and that are over."""
    return sum(os.times()[:4])


def digest(tag: str, index: int, payload: bytes) -> str:
    """What a block says of its payload; eighteen hexadecimal digits."""
    return hashlib.sha256(b"%s/%d/%s" % (tag.encode(), index, payload)).hexdigest()[:18]


def header(tag: str, index: int, length: int, check: str) -> bytes:
    """What a block of `length` bytes begins with."""
    return b"%s%s%02x%04x%s" % (MAGIC, tag.encode(), index, length, check.ljust(18, "0").encode())


class Sink:
    """Something that opens one kind of wrapping.

    Attributes:
        explains: Whether data that it takes are of a form that is known.
        ended: Whether what it opens is over, so that `rest` is something else.
        rest: What follows the end.
    """

    explains = True
    ended = False
    rest = b""

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        raise NotImplementedError

    def close(self) -> None:
        """Say that nothing follows."""


class Found:
    """What has been found in one file.

    Attributes:
        blocks: Tag to a number in which a bit is set for each block that was found.
        opaque: Whether it holds much that is dense and that nothing explains.
        content: A name for what it begins with.
        taken: Bytes of the blocks that were found, each time that one was.
        cut: Whether something compressed ended before its own end, so that the rest may lie in another file.
        deadline: Value of `worked` after which reading stops: a busy machine is no reason to stop.
    """

    def __init__(self, deadline: float = math.inf) -> None:
        self.blocks: dict[str, int] = {}
        self.opaque = False
        self.content = ""
        self.taken = 0
        self.cut = False
        self.deadline = deadline
        self._programs = [0]

    def again(self) -> Found:
        """The same file to be read another way, within the same limits."""
        other = Found(self.deadline)
        other._programs = self._programs
        return other

    def begin_program(self) -> None:
        """Count a program that is about to be started.

        Raises:
            TooLong: If the file has had as many as it may.
        """
        self._programs[0] += 1
        if self._programs[0] > PROGRAMS:
            raise TimeIsUpError

    def whole(self) -> list[str]:
        """Tags of which all blocks were found."""
        return sorted(tag for tag, bits in self.blocks.items() if bits == (1 << BLOCKS) - 1)

    def part(self) -> list[str]:
        """Tags of which some blocks were found, and not all."""
        return sorted(tag for tag, bits in self.blocks.items() if bits != (1 << BLOCKS) - 1)


class Stream:
    """A stream of bytes: looks for blocks in it, and opens what it is a container of.

    Args:
        found: Where what is found is noted.
        depth: How many wrappings may still be opened.
        raw: Whether blocks are looked for in the stream itself; not if something around it has done that already.
    """

    def __init__(self, found: Found, depth: int = DEPTH, *, raw: bool = True) -> None:
        self._found = found
        self._depth = depth
        self._raw = raw
        self._carry = b""
        self._start = b""
        self._size = 0
        self._inner: Sink | None = None
        self._after = 0
        """Bytes that follow the end of what was opened."""
        self._sniffed = False

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
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
        """Take that many zeros."""
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
        """A name for what the stream begins with; sixteen hexadecimal digits."""
        return hashlib.sha256(self._start).hexdigest()[:16]

    def close(self) -> None:
        """Say that nothing follows."""
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
    """Length of the block that begins like this; `None` if too little of it is there to tell."""
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
    return -sum(count / len(start) * math.log2(count / len(start)) for count in counts) > _OPAQUE_BITS


OPENERS: list[Callable[[bytes, Found, int], Sink | None]] = []
"""Opens wrappings: called with the first bytes, with what was found, and with the depth left. Comes later."""


def _opened(start: bytes, found: Found, depth: int) -> Sink | None:
    return next((sink for each in OPENERS if (sink := each(start, found, depth))), None)
