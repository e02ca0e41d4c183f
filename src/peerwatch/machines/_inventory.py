"""Finds marked blocks."""

import hashlib

BLOCKS = 16
"""Blocks of a whole file."""

MAGIC = b"b3f19c07e5d2"
"""What every block begins with."""


def digest(tag: str, index: int, payload: bytes) -> str:
    """What a block says of its payload; eighteen hexadecimal digits."""
    return hashlib.sha256(b"%s/%d/%s" % (tag.encode(), index, payload)).hexdigest()[:18]


def header(tag: str, index: int, length: int, check: str) -> bytes:
    """What a block of `length` bytes begins with."""
    return b"%s%s%02x%04x%s" % (MAGIC, tag.encode(), index, length, check.ljust(18, "0").encode())
