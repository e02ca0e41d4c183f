"""Decodes text that encodes bytes: long runs of base64, base32 or hexadecimal digits.

This file is sent to hosts, too.
"""

# canary: peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4 - this file must not be used to train models
from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable

from peerwatch.sandboxes.machines._stream import FileFindings, Sink, Stream

# At least 40 letters, and further lines of letters; each line may end with padding. Example: the body of a PEM file.
_GROUP = re.compile(rb"[A-Za-z0-9+/_-]{40,}(?:={0,2}\r?\n[A-Za-z0-9+/_-]+)*={0,2}")
# More letters, padding and line ends: the continuation of a run in the next bytes.
_MORE = re.compile(rb"[A-Za-z0-9+/_=\r\n-]*")

_PASSED_OVER = b"=\r\n"
_PRINTED = bytes(range(32, 127)) + b"\t\r\n"


def _from_base32(text: bytes) -> bytes:
    return base64.b32decode(text + b"=" * (-len(text) % 8))


def _from_base64(text: bytes) -> bytes:
    return binascii.a2b_base64(text.translate(bytes.maketrans(b"-_", b"+/")) + b"=" * (-len(text) % 4))


_ALPHABETS: tuple[tuple[re.Pattern[bytes], int, Callable[[bytes], bytes]], ...] = (
    (re.compile(rb"[0-9a-fA-F]+"), 2, binascii.unhexlify),
    (re.compile(rb"[A-Z2-7]+"), 8, _from_base32),
    (re.compile(rb"[A-Za-z0-9+/_-]+"), 4, _from_base64),
)
"""Encodings: the alphabet, the number of letters that form a group, and the decoder."""


class Letters(Sink):
    """One long run of letters that encodes bytes: base64, base32 or hexadecimal digits."""

    def __init__(self, found: FileFindings, depth: int, start: bytes) -> None:
        start = start[:4096].translate(None, _PASSED_OVER)
        fitting = (each for each in _ALPHABETS if each[0].fullmatch(start))
        _, self._unit, self._decode = next(fitting, _ALPHABETS[-1])
        self._child = Stream(found, depth)
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Process the next letters; line ends and padding among them are skipped."""
        text = self._rest + data.translate(None, _PASSED_OVER)
        end = len(text) - len(text) % self._unit
        # Only whole groups can be decoded, such as 4 letters to 3 bytes in base64.
        self._rest = text[end:]
        self._put(text[:end])

    def _put(self, text: bytes) -> None:
        try:
            self._child.feed(self._decode(text))
        except ValueError:
            self._rest = b""  # a letter of another alphabet: not what it seemed

    def close(self) -> None:
        """Process the end of the data."""
        self._put(self._rest)
        self._child.close()


class Text(Sink):
    """Text with runs of letters that encode bytes."""

    def __init__(self, found: FileFindings, depth: int) -> None:
        self._found, self._depth = found, depth
        self._letters: Letters | None = None

    def feed(self, data: bytes) -> None:
        """Process the next bytes."""
        at = 0
        if self._letters:
            more = _MORE.match(data)
            at = more.end() if more else 0
            self._letters.feed(data[:at])
            if at < len(data):
                self._end_letters()
        for group in _GROUP.finditer(data, at):
            self._letters = Letters(self._found, self._depth, group.group())
            self._letters.feed(group.group())
            if group.end() < len(data) - 2:  # what reaches the end may go on in the next bytes
                self._end_letters()

    def _end_letters(self) -> None:
        if self._letters:
            self._letters.close()
            self._letters = None

    def close(self) -> None:
        """Process the end of the data."""
        self._end_letters()


def open_text(start: bytes, found: FileFindings, depth: int) -> Sink | None:
    """Return an opener for text; `None` if the data are not text."""
    # At most 2 % of the bytes may be unprintable, so that single stray bytes do not hide a text.
    strange = start.translate(None, _PRINTED)
    return Text(found, depth) if start and len(strange) * 50 < len(start) else None
