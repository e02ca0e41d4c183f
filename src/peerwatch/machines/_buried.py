"""Finding what is wrapped where nothing says so: behind or inside other data, in a database, turned round or swapped.

Sent to hosts, too, after the files that open wrappings by their first bytes.
"""

# canary: peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4 - this file must not be used to train models
from __future__ import annotations

import array
import re
import zlib

from peerwatch.machines._lettered import open_text
from peerwatch.machines._stream import MAGIC, OPENERS, Found, Sink, Stream
from peerwatch.machines._wrapped import Inflated, open_wrapped

_BEGINNINGS = re.compile(
    rb"\x1f\x8b\x08|x[\x01\x5e\x9c\xda]|BZh[1-9]1AY&SY|\xfd7zXZ\0|\x28\xb5\x2f\xfd|\x04\x22\x4d\x18|PK\x03\x04|PACK\0\0\0"
)
_PROBED = 1024
"""Bytes from which it is told whether data that look compressed are."""

_BARE = 512
"""First bytes of data of no known form at each of which deflated data without a frame are tried to begin."""

_BARE_PROBED = 1 << 14
_BARE_TAKEN = 1_000
"""Bytes that are tried, and bytes of them that must be taken without an error. Noise is refused within some hundred:
one code in forty stands for nothing, or for a distance that reaches back before the beginning."""

_LARGEST_BLOCK = 4096
_DATABASE = b"SQLite format 3\0"


def _looks_right(start: bytes) -> bool:
    """Whether data really are compressed; two bytes alone are found in anything."""
    bits = 16 + zlib.MAX_WBITS if start.startswith(b"\x1f\x8b") else zlib.MAX_WBITS
    if start[:1] not in (b"\x1f", b"x"):
        return True
    try:
        return len(zlib.decompressobj(bits).decompress(start[:_PROBED], _PROBED)) >= 64
    except zlib.error:
        return False


def _inflates(start: bytes) -> bool:
    """Whether data are deflated without a frame around them, as far as their beginning tells."""
    if start[0] & 6 == 6:  # the kind of block that the format reserves
        return False
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        made = engine.decompress(start[:_BARE_PROBED], 1 << 20)
    except zlib.error:
        return False
    taken = min(len(start), _BARE_PROBED) - len(engine.unused_data) - len(engine.unconsumed_tail)
    return taken >= _BARE_TAKEN or (engine.eof and len(made) >= 64 and taken >= len(start) // 2)


def bare_deflate(start: bytes) -> int:
    """Where in the first bytes deflated data without a frame begin; -1 if nowhere."""
    return next((at for at in range(min(_BARE, len(start) - 64)) if _inflates(start[at:])), -1)


class Behind(Sink):
    """Data that something else stands in front of."""

    def __init__(self, at: int, child: Sink) -> None:
        self._left, self._child = at, child

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        dropped = min(self._left, len(data))
        self._left -= dropped
        self._child.feed(data[dropped:])
        self.explains, self.ended = self._child.explains, self._child.ended

    def close(self) -> None:
        """Say that nothing follows."""
        self._child.close()
        self.explains = self._child.explains


class Both(Sink):
    """Data of which two readings are tried, as anybody can put the beginning of one form before another.

    What both find counts once.
    """

    def __init__(self, found: Found, depth: int, seems: Sink, start: bytes) -> None:
        own = found.again()
        own.blocks = found.blocks
        self._found, self._own = found, own
        self._seems, self._other = seems, _unframed(start, own, depth)

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self._seems.feed(data)
        self._other.feed(data)

    def close(self) -> None:
        """Say that nothing follows."""
        self._seems.close()
        self._other.close()
        self._found.cut = self._found.cut or self._own.cut
        self.explains = self._seems.explains or self._other.explains


class Buried(Sink):
    """Data of no known form, with compressed data or an archive somewhere in it.

    Only what is known again explains them: in fifty megabytes of noise something looks like a beginning.
    """

    explains = False

    def __init__(self, found: Found, depth: int) -> None:
        self._found, self._depth = found, depth
        self._carry = b""
        self._child: Sink | None = None

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        if self._child or data != bytes(len(data)):
            self._search(self._carry + data, _PROBED)
        elif self._carry:  # a hole is not searched, only what it may have cut off
            self._search(self._carry + data[:_PROBED], 0)
            self._carry = b""
            if self._child:
                self._search(data[_PROBED:], _PROBED)

    def _search(self, data: bytes, needed: int) -> None:
        self._carry = b""
        at = 0
        while at < len(data):
            if self._child:
                data, at = self._into_child(data[at:]), 0
                continue
            start = _BEGINNINGS.search(data, at)
            if start is None:
                self._carry = data[max(at, len(data) - 16) :] if needed else b""
                return
            at = start.start()
            if len(data) - at < needed:
                self._carry = data[at:]
                return
            if _looks_right(data[at : at + _PROBED]):
                self._child = open_wrapped(data[at:], self._found, self._depth)
            at += not self._child

    def _into_child(self, data: bytes) -> bytes:
        """Feed what was found; returns what follows its end."""
        assert self._child  # noqa: S101 - asked before
        self._child.feed(data)
        if not self._child.ended:
            return b""
        rest = self._child.rest
        self._child.close()
        self._child = None
        return rest

    def close(self) -> None:
        """Say that nothing follows."""
        self._search(self._carry, 0)
        if self._child:
            self._child.close()
        self.explains = bool(self._found.blocks)


def swapped(data: bytes) -> bytes:
    """Bytes with the two of each pair swapped."""
    words = array.array("H", data[: len(data) & ~1])
    words.byteswap()
    return words.tobytes()


class Swapped(Sink):
    """Data in which the bytes of each pair are swapped."""

    def __init__(self, found: Found, depth: int) -> None:
        self._child = Stream(found, depth)
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        data = self._rest + data
        even = len(data) & ~1
        self._rest = data[even:]
        self._child.feed(swapped(data[:even]))

    def close(self) -> None:
        """Say that nothing follows."""
        self._child.feed(self._rest)
        self._child.close()


class Reversed(Sink):
    """Data that stand from back to front."""

    def __init__(self, found: Found, depth: int) -> None:
        del depth  # what is compressed can't be read from its end
        self._found = found
        self._carry = b""

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        window = self._carry + data
        if window != bytes(len(window)):
            Stream(self._found, 0).feed(window[::-1])
        self._carry = window[-_LARGEST_BLOCK:]

    def close(self) -> None:
        """Say that nothing follows."""


class Pages(Sink):
    """A database of SQLite: what is too long for a page goes on in pages that begin with the number of the next."""

    def __init__(self, found: Found, depth: int, start: bytes) -> None:
        size = int.from_bytes(start[16:18], "big")
        self._size = 65536 if size == 1 else max(size, 512)
        self._child = Stream(found, depth)
        self._page = b""
        self._number = 0

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        data = self._page + data
        if data.startswith(_DATABASE):
            data = bytes(len(_DATABASE)) + data[len(_DATABASE) :]
        end = len(data) - len(data) % self._size
        for at in range(0, end, self._size):
            page = data[at : at + self._size]
            self._number += 1
            goes_on = int.from_bytes(page[-4:], "big") == self._number + 1
            self._child.feed(page[4:] if page[0] == 0 else page[:-4] if goes_on else page)
        self._page = data[end:]

    def close(self) -> None:
        """Say that nothing follows."""
        self._child.close()


def _unframed(start: bytes, found: Found, depth: int) -> Sink:
    at = bare_deflate(start)
    return Buried(found, depth) if at < 0 else Behind(at, Inflated(found, depth, -zlib.MAX_WBITS))


def open_anything(start: bytes, found: Found, depth: int) -> Sink | None:
    """What opens data that begin like this; `None` if there are none."""
    if swapped(MAGIC) in start or (start[:2] == b"\x8b\x1f" and start[3:4] == b"\x08"):
        return Swapped(found, depth)
    if MAGIC[::-1] in start:
        return Reversed(found, depth)
    seems = Pages(found, depth, start) if start.startswith(_DATABASE) else open_wrapped(start, found, depth)
    if isinstance(seems, Inflated):
        return seems if _looks_right(start) else _unframed(start, found, depth)
    if seems:
        return Both(found, depth, seems, start)
    known = open_text(start, found, depth)
    return known or (_unframed(start, found, depth) if start else None)


OPENERS.append(open_anything)
