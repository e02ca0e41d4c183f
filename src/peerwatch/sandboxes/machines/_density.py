"""Estimates by compression how much a file contains besides known content. Sent to hosts, too.

Encrypted or scrambled content can't be recognized, but it can't get smaller either: a file that hides the subject
contains at least as much information as the subject.
"""

# canary: peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4 - this file must not be used to train models
from __future__ import annotations

import zlib

_WINDOW = 1 << 15
_SHARE = 0.42
"""Block size in bytes, and compression ratio above which a block is dense. Text, logs and programs shrink to at most
this share; noise written as letters, even at two letters per byte, keeps more than half of its size.
"""

_MOST = 1 << 26
"""Maximum number of bytes of a file, without holes, that are measured."""

_PAGE = bytes(4096)


class Density:
    """The compressed size of the dense blocks in a stream of bytes.

    Args:
        share: Blocks that shrink below this share are not dense.
    """

    def __init__(self, share: float = _SHARE) -> None:
        self._share = share
        self._pending = bytearray()
        self._judged = 0
        self.information = 0

    def feed(self, data: bytes) -> None:
        """Process the next bytes; holes are skipped."""
        if self._judged > _MOST or data == bytes(len(data)):
            return
        self._pending += data.replace(_PAGE, b"")
        while len(self._pending) >= _WINDOW:
            self._judge(bytes(self._pending[:_WINDOW]))
            del self._pending[:_WINDOW]

    def close(self) -> int:
        """Process the end; return bytes of information."""
        if self._pending:
            self._judge(bytes(self._pending))
            self._pending.clear()
        return self.information

    def _judge(self, window: bytes) -> None:
        self._judged += len(window)
        compressed = len(zlib.compress(window, 1))
        if compressed >= self._share * len(window):
            self.information += min(compressed, len(window))
