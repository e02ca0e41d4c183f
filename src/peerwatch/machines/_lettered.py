"""Opening text that stands for bytes: base64, base32, base85, hexadecimal digits, and what stands in single lines.

Sent to hosts, too.
"""

# canary: peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4 - this file must not be used to train models
from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable

from peerwatch.machines._printed import Lines
from peerwatch.machines._stream import Found, Sink, Stream

_GROUP = re.compile(rb"[A-Za-z0-9+/_-]{40,}(?:={0,2}\r?\n[A-Za-z0-9+/_-]+)*={0,2}")
_MORE = re.compile(rb"[A-Za-z0-9+/_=\r\n-]*")
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_=-"
_BASE85 = _BASE64.replace(b"/", b"") + b"!#$%&()*;<>?@^`{|}~"
_BETWEEN = b"\r\n\0"
"""What may stand between such characters; a dump of words fills the last of them with a zero."""

_GROUPED = 60
"""Characters without a blank from which a line may be more than a word."""

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
"""What a run of letters can be: its alphabet, how many of them belong together, and what they stand for."""


class Grouped(Sink):
    """Text in which so many characters stand for so many bytes."""

    def __init__(self, child: Stream, unit: int, decode: Callable[[bytes], bytes]) -> None:
        self._child, self._unit, self._decode = child, unit, decode
        self._rest = b""

    def _take(self, text: bytes) -> None:
        text = self._rest + text
        end = len(text) - len(text) % self._unit
        self._rest = text[end:]
        self._put(text[:end])

    def _put(self, text: bytes) -> None:
        try:
            self._child.feed(self._decode(text))
        except ValueError:
            self._rest = b""  # a letter of another alphabet: not what it seemed

    def close(self) -> None:
        """Say that nothing follows."""
        self._put(self._rest)
        self._child.close()


class Letters(Grouped):
    """One long run of letters that stand for bytes: base64, base32 or hexadecimal digits."""

    def __init__(self, found: Found, depth: int, start: bytes) -> None:
        start = start[:4096].translate(None, b"=\r\n")
        unit, decode = next((each[1:] for each in _ALPHABETS if each[0].fullmatch(start)), _ALPHABETS[-1][1:])
        super().__init__(Stream(found, depth), unit, decode)

    def feed(self, data: bytes) -> None:
        """Take the next letters; line ends and padding among them are passed over."""
        self._take(data.translate(None, b"=\r\n"))


class Text(Sink):
    """Text, with whatever in it stands for bytes."""

    def __init__(self, found: Found, depth: int, start: bytes) -> None:
        self._found, self._depth = found, depth
        self._five = [FiveForFour(found, depth, ascii85=each) for each in _five_for_four(start)]
        self._letters: Letters | None = None
        self._lines = Lines(found, depth)

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self._runs(data)
        self._lines.feed(data)
        for each in self._five:
            each.feed(data)

    def _runs(self, data: bytes) -> None:
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
        """Say that nothing follows."""
        self._end_letters()
        for each in self._five:
            each.close()
        if quoted := self._lines.close():
            self._letters = Letters(self._found, self._depth, quoted)
            self._letters.feed(quoted)
            self._end_letters()


class FiveForFour(Grouped):
    """Text of five characters for four bytes: base85 or ascii85."""

    def __init__(self, found: Found, depth: int, *, ascii85: bool) -> None:
        self._signs = {b"<~": b"", b"~>": b"", b"z": b"!!!!!"} if ascii85 else {}
        own = found.again()  # much text can be read like this, and looks dense then
        own.blocks = found.blocks
        super().__init__(Stream(own, depth), 5, base64.a85decode if ascii85 else base64.b85decode)

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        text = data.translate(None, _BETWEEN)
        for sign, meant in self._signs.items():
            text = text.replace(sign, meant)
        self._take(text)


def _five_for_four(start: bytes) -> list[bool]:
    """What text may be: `True` stands for ascii85, `False` for base85.

    Such text has a long line without a blank, and marks that base64 does not have. It is ascii85 if it has characters
    that are only in that. Without them, what begins like ascii85 may be either.
    """
    line = max(start[:4096].split(b"\n"), key=len)
    if len(line) < _GROUPED or b" " in line or not line.translate(None, _BASE64):
        return []
    if start.translate(None, _BASE85 + _BETWEEN):
        return [True]
    return [True, False] if start.startswith(b"<~") else [False]


def open_text(start: bytes, found: Found, depth: int) -> Sink | None:
    """What opens text; `None` if it is none."""
    strange = start.translate(None, _PRINTED)
    return Text(found, depth, start) if start and len(strange) * 50 < len(start) else None
