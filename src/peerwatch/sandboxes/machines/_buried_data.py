"""Finds compressed data and archives after or inside other data, where nothing announces them.

This file is sent to hosts too, after the files that open wrappings by their first bytes.
"""

# canary: peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4 - this file must not be used to train models
from __future__ import annotations

import re
import zlib

from peerwatch.sandboxes.machines._letters import open_text
from peerwatch.sandboxes.machines._stream import OPENERS, FileFindings, Sink
from peerwatch.sandboxes.machines._wrapped import DeflateStream, open_wrapped

# First bytes: gzip (1f 8b 08), zlib (78 and a level), bzip2 ("BZh", level, block magic), xz, zstd, lz4 frame, zip local
# file header ("PK\3\4"), and a git pack.
_BEGINNINGS = re.compile(
    rb"\x1f\x8b\x08|x[\x01\x5e\x9c\xda]|BZh[1-9]1AY&SY|\xfd7zXZ\0|\x28\xb5\x2f\xfd|\x04\x22\x4d\x18|PK\x03\x04|PACK\0\0\0"
)
_PROBED = 1024
"""Number of bytes that are decompressed to test whether data are really compressed."""


def _looks_right(start: bytes) -> bool:
    """Whether data are really compressed; two matching bytes occur in any data."""
    bits = 16 + zlib.MAX_WBITS if start.startswith(b"\x1f\x8b") else zlib.MAX_WBITS
    if start[:1] not in (b"\x1f", b"x"):
        return True
    try:
        return len(zlib.decompressobj(bits).decompress(start[:_PROBED], _PROBED)) >= 64
    except zlib.error:
        return False


class BuriedData(Sink):
    """Data of unknown form, with compressed data or an archive somewhere in them.

    They count as explained only if known content is found: in fifty megabytes of noise something always looks like a
    start.
    """

    explains = False

    def __init__(self, found: FileFindings, depth: int) -> None:
        self._found, self._depth = found, depth
        self._carry = b""
        self._child: Sink | None = None

    def feed(self, data: bytes) -> None:
        """Process the next bytes."""
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
        """Pass bytes to the data found; return what follows its end."""
        assert self._child  # noqa: S101 - asked before
        self._child.feed(data)
        if not self._child.ended:
            return b""
        rest = self._child.rest
        self._child.close()
        self._child = None
        return rest

    def close(self) -> None:
        """Process the end of the data."""
        self._search(self._carry, 0)
        if self._child:
            self._child.close()
        self.explains = bool(self._found.blocks)


def open_anything(start: bytes, found: FileFindings, depth: int) -> Sink | None:
    """Return an opener for data with these first bytes; `None` if there is no data."""
    seems = open_wrapped(start, found, depth)
    if seems and (_looks_right(start) or not isinstance(seems, DeflateStream)):
        return seems
    return open_text(start, found, depth) or (BuriedData(found, depth) if start else None)


OPENERS.append(open_anything)
