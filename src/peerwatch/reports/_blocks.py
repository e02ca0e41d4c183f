"""The evidence in compressed blocks: in the page, or in scripts beside it where it is too large for one file."""

import base64
import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from peerwatch.core.redaction import scrubbed_all

INSIDE = 24 * 2**20
"""Bytes of compressed evidence, as text, that a page holds itself; more stand in scripts beside it."""
FULL = 768 * 1024
"""Bytes of JSON after which a block is closed: one click decodes one block."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """Episodes in the order of the page, in gzip as Base64.

    Attributes:
        texts: The blocks.
        places: For each episode the number of its block and its place in it.
    """

    texts: tuple[str, ...]
    places: tuple[tuple[int, int], ...]

    @property
    def size(self) -> int:
        """Bytes of all blocks as text."""
        return sum(map(len, self.texts))


def blocks(episodes: Iterable[Mapping[str, JsonValue]], scrub: Callable[[str], str], *, whole: bool = False) -> Blocks:
    """Compress episodes.

    Args:
        episodes: Plain data of one episode each.
        scrub: Takes secrets out of the text, which nobody could do afterwards.
        whole: Whether all of them belong into one block.
    """
    texts: list[str] = []
    places: list[tuple[int, int]] = []
    clean = (scrubbed_all(dict(each), scrub) for each in episodes)  # before JSON escapes what is in a secret
    texts_of = (json.dumps(each, separators=(",", ":")) for each in clean)
    for number, held in enumerate([[*texts_of]] if whole else _batches(texts_of)):
        packed = gzip.compress(f"[{','.join(held)}]".encode("ascii", "backslashreplace"), 6, mtime=0)
        texts.append(base64.b64encode(packed).decode())
        places += [(number, place) for place in range(len(held))]
    return Blocks(tuple(texts), tuple(places))


def script_of(text: str) -> str:
    """The script that hands a block to the page; it holds Base64 alone, so there is nothing in it to escape."""
    return f"'use strict';\nwindow.peerwatchBlock('{text}');\n"


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    held: list[str] = []
    size = 0
    for text in texts:
        held.append(text)
        size += len(text)
        if size >= FULL:
            yield held
            held, size = [], 0
    if held:
        yield held
