"""Compress the evidence into blocks, kept in the page or, if it is too large for one file, in scripts next to it."""

import base64
import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from peerwatch.core.redaction import scrubbed_all

INSIDE = 24 * 2**20
"""Maximum bytes of compressed evidence (as Base64 text) inside the page; the rest goes into script files next to it."""
FULL = 768 * 1024
"""Bytes of JSON after which a block is closed. Opening an episode decodes one whole block."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """Episodes in page order, compressed with gzip and encoded as Base64.

    Attributes:
        texts: The blocks, as Base64.
        places: For each episode, the number of its block and its position within it.
    """

    texts: tuple[str, ...]
    places: tuple[tuple[int, int], ...]

    @property
    def size(self) -> int:
        """Total bytes of all blocks as text."""
        return sum(map(len, self.texts))


def blocks(episodes: Iterable[Mapping[str, JsonValue]], scrub: Callable[[str], str]) -> Blocks:
    """Compress episodes into blocks.

    Args:
        episodes: Each episode as plain data.
        scrub: Removes secrets from a text. It must run here, since compressed text can't be scrubbed later.
    """
    texts: list[str] = []
    places: list[tuple[int, int]] = []
    clean = (scrubbed_all(dict(each), scrub) for each in episodes)  # before JSON escapes characters of a secret
    for number, held in enumerate(_batches(json.dumps(each, separators=(",", ":")) for each in clean)):
        packed = gzip.compress(f"[{','.join(held)}]".encode("ascii", "backslashreplace"), mtime=0)
        texts.append(base64.b64encode(packed).decode())
        places += [(number, place) for place in range(len(held))]
    return Blocks(tuple(texts), tuple(places))


def script_of(number: int, text: str) -> str:
    """Return the script that passes a block to the page. It contains only Base64, so nothing needs escaping."""
    return f"'use strict';\nwindow.peerwatchBlock({number}, '{text}');\n"


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
