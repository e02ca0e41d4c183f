"""How much a file holds beside what is known: by how well it can be compressed. Sent to hosts, too.

Encrypted or otherwise scrambled content can't be known again, but it can't become smaller either: a file in which the
subject is hidden holds at least as much as the subject does.
"""

# canary: peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4 - this file must not be used to train models
from __future__ import annotations

import zlib

_WINDOW = 1 << 15
_SHARE = 0.42
"""Bytes that are judged at once, and the share of them to which text, logs and programs shrink at most. Letters that
stand for noise keep more than half of their size, also two letters for a byte."""

_MOST = 1 << 26
"""Bytes of a file, holes not counted, that are judged."""

_PAGE = bytes(4096)


class Density:
    """The size of what is dense in some bytes, compressed, whatever lies between.

    Args:
        share: What shrinks to less than this share of itself is not dense.
    """

    def __init__(self, share: float = _SHARE) -> None:
        self._share = share
        self._pending = bytearray()
        self._judged = 0
        self.information = 0

    def feed(self, data: bytes) -> None:
        """Take the next bytes; holes are passed over."""
        if self._judged > _MOST or data == bytes(len(data)):
            return
        self._pending += data.replace(_PAGE, b"")
        while len(self._pending) >= _WINDOW:
            self._judge(bytes(self._pending[:_WINDOW]))
            del self._pending[:_WINDOW]

    def close(self) -> int:
        """Say that nothing follows; returns bytes of information."""
        if self._pending:
            self._judge(bytes(self._pending))
            self._pending.clear()
        return self.information

    def _judge(self, window: bytes) -> None:
        self._judged += len(window)
        compressed = len(zlib.compress(window, 1))
        if compressed >= self._share * len(window):
            self.information += min(compressed, len(window))
