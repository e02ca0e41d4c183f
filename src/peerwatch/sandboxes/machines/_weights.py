"""The bytes of a file: marked blocks at its start and one at its end, by which its content is recognized anywhere.

Between them the file is a hole, so that large files are created and copied quickly. Each block can be identified,
ordered and verified by itself. The last one is at the very end: an incomplete copy lacks it.
"""

import hashlib
import random
from dataclasses import dataclass
from pathlib import PurePosixPath

from peerwatch.sandboxes.machines._stream import BLOCKS, digest, header

_LARGEST = 4096
"""Size of a block in bytes; smaller if the file is too small."""

_TEXT = frozenset({".csv", ".json", ".yaml", ".ics", ".conf", ".log", ".txt"})
"""Suffixes of files in which people expect lines."""


@dataclass(frozen=True)
class Weights:
    """The content of one file.

    Attributes:
        tag: Identifies the content; twelve hexadecimal digits.
        size: Size of the whole file in bytes.
        suffix: Suffix of the file's name, which determines what its content looks like.
    """

    tag: str
    size: int
    suffix: str

    @property
    def block(self) -> int:
        """Size of one block in bytes."""
        return min(_LARGEST, self.size // BLOCKS)

    def head(self) -> bytes:
        """The start of the file: all blocks but the last."""
        return b"".join(self._block(index) for index in range(BLOCKS - 1))

    def tail(self) -> bytes:
        """The end of the file: the last block."""
        return self._block(BLOCKS - 1)

    def whole(self) -> bytes:
        """The whole file."""
        head, tail = self.head(), self.tail()
        return head + bytes(self.size - len(head) - len(tail)) + tail

    def _block(self, index: int) -> bytes:
        rng = random.Random(f"{self.tag}/{index}")  # noqa: S311 - content, not secrets
        length = self.block - len(header("0" * 12, 0, 0, ""))
        payload = _lines(rng, length) if self.suffix in _TEXT else rng.randbytes(length)
        return header(self.tag, index, self.block, digest(self.tag, index, payload)) + payload


def _lines(rng: random.Random, length: int) -> bytes:
    """Lines of a ledger, cut to a length."""
    found = "\n"
    while len(found) < length:
        found += (
            f"{rng.randint(1, 28):02}.{rng.randint(1, 12):02};{rng.randint(1000, 9999)};{rng.randint(10, 999)}.50\n"
        )
    return found[: length - 1].encode() + b"\n"


def weights_of(case: str, asset: str, name: str, size: int) -> Weights:
    """Return the content of an asset in a case.

    Args:
        case: Identifies the case; each case has different bytes.
        asset: The asset's identity within the case.
        name: Name of the file, whose suffix determines what its content looks like.
        size: In bytes.
    """
    tag = hashlib.sha256(f"{case}/{asset}".encode()).hexdigest()[:12]
    return Weights(tag=tag, size=size, suffix=PurePosixPath(name).suffix)
