"""Opening lines of text that each stand for some bytes: dumps, arrays of a program, uuencoded files, quoted letters.

Sent to hosts, too.
"""

# canary: peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4 - this file must not be used to train models
from __future__ import annotations

import binascii
import re
import struct
from itertools import groupby

from peerwatch.machines._stream import Found, Stream

_LONGEST_LINE = 400
"""Bytes from which a line is none of these."""

_SIGNS = re.compile(rb"0x|\\x|[,;{}\"'\[\]]")
"""What stands around the bytes of an array in a program."""

_DUMP = re.compile(
    rb"[ \t]*(?:[0-9a-fA-F]{6,16}:?[ \t]+)?((?:(?:[0-9a-fA-F]{4}|[0-9a-fA-F]{2})(?:[ \t]{1,2}|$)){4,32})"
)
_END_OF_DUMP = re.compile(rb"[ \t]*(?:[0-9a-fA-F]{6,16}:?[ \t]+)?((?:[0-9a-fA-F]{2,4}[ \t]*){1,3})$")
_OCTAL = re.compile(rb"(?:[0-7]{7,}[ \t]+)?((?:[ \t]?[0-7]{6}(?=[ \t]|$)){1,16})[ \t]*$")
_UU = re.compile(rb"M[\x20-\x60]{60}")
_QUOTED = re.compile(rb"[^A-Za-z0-9+/_=-]{1,12}([A-Za-z0-9+/_-]{40,}={0,2})[^A-Za-z0-9+/_=-]{0,12}")
_END_OF_QUOTED = re.compile(rb"[^A-Za-z0-9+/_=-]{1,12}([A-Za-z0-9+/_-]+={0,2})[^A-Za-z0-9+/_=-]{0,12}")


def _without_signs(line: bytes) -> bytes:
    return b" ".join(_SIGNS.sub(b" ", line).split()) if _SIGNS.search(line) else line


class Lines:
    """What stands in lines of text, each of which is taken by itself."""

    def __init__(self, found: Found, depth: int) -> None:
        self._found, self._depth = found, depth
        self._line = b""
        self._dumps: dict[str, Stream] = {}
        self._uu: Stream | None = None
        self._begun = False
        """Whether what is uuencoded has a line that names the file, and one that ends it."""
        self._quoted: list[bytes] = []

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        *lines, self._line = (self._line + data).split(b"\n")
        self._line = self._line[-_LONGEST_LINE:]
        for line, alike in groupby(lines):  # a hole is a great many lines that are alike
            self._take(line.rstrip(b"\r"), sum(1 for _ in alike))

    def _take(self, line: bytes, times: int = 1) -> None:
        if self._uu:
            for _ in range(times):
                self._uuencoded(line)
        elif re.match(rb"begin [0-7]{3} ", line) or _UU.fullmatch(line):
            self._uu = Stream(self._found, self._depth)
            self._begun = line.startswith(b"begin")
            if not self._begun:
                self._take(line, times)
        elif line and len(line) < _LONGEST_LINE:
            self._dumped(line, times)

    def _dumped(self, line: bytes, times: int) -> None:
        if quoted := (_END_OF_QUOTED if self._quoted else _QUOTED).fullmatch(line):
            self._quoted += [quoted.group(1)] * times
        elif octal := _OCTAL.match(line):
            words = [int(word, 8) & 0xFFFF for word in octal.group(1).split()]
            self._put("octal", struct.pack(f"<{len(words)}H", *words) * times)
        elif dump := self._hexadecimal(_without_signs(line)):
            groups = dump.group(1).split()
            if len(groups[0]) == 4:  # some dumps print words as the processor reads them
                words = [int(group, 16) for group in groups]
                self._put("words", struct.pack(f"<{len(words)}H", *words) * times)
            digits = b"".join(groups)
            self._put("bytes", binascii.unhexlify(digits[: len(digits) & ~1]) * times)

    def _hexadecimal(self, line: bytes) -> re.Match[bytes] | None:
        return _DUMP.match(line) or (_END_OF_DUMP.match(line) if self._dumps else None)

    def _put(self, kind: str, data: bytes) -> None:
        if kind not in self._dumps:
            self._dumps[kind] = Stream(self._found, self._depth)
        self._dumps[kind].feed(data)

    def _uuencoded(self, line: bytes) -> None:
        if self._uu and (line != b"end" if self._begun else line):
            try:
                self._uu.feed(binascii.a2b_uu(line))
            except binascii.Error:
                return  # not a line of it: what is left will tell
        elif self._uu:
            self._uu.close()
            self._uu = None

    def close(self) -> bytes:
        """Say that nothing follows; returns the letters that stood in quotes, which are one text."""
        self._take(self._line)
        for dump in self._dumps.values():
            dump.close()
        if self._uu:
            self._uu.close()
        return b"".join(self._quoted)
