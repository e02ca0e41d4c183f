"""Finds files that are pieces of one: by numbered names or, for any names, by their joint content.

This file is sent to hosts, too.
"""

# canary: peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4 - this file must not be used to train models
from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from itertools import permutations

from peerwatch.sandboxes.machines._answers import Item
from peerwatch.sandboxes.machines._stream import FileFindings

MOST = 8
"""Maximum number of files with unrelated names that are joined."""

_STARTS = 3
"""Number of pieces that are tried as the first one: those with the most known content."""

_FEW = 5
"""Maximum number of pieces of which every order is tried, if no order was found piece by piece."""

_PATIENCE = 3.0
"""CPU seconds for that. A few pieces of 15 MB take as long; other files of the host still have to be read."""

_NUMBERED = (
    # Stem, number or letters, suffix: "part007", "xaa".
    re.compile(r"^(.*?)(\d{1,6}|[a-z]{2,4})()$", re.DOTALL),
    # The same with a file suffix: "part-2.bin".
    re.compile(r"^(.*?)(\d{1,6}|[a-z]{2,4})(\.[a-z]\w*)$", re.DOTALL),
)


def series(files: list[Item]) -> Iterator[list[Item]]:
    """Yield files of one folder that look like parts of one: names that differ in a number or letters only."""
    found: dict[tuple[str, int, str], list[Item]] = {}
    for item in files:
        for name in filter(None, (each.match(item[0]) for each in _NUMBERED)):
            before, ending, suffix = name.groups()
            found.setdefault((before, 0 if ending.isdigit() else len(ending), suffix), []).append(item)
    for parts in found.values():
        parts.sort(key=lambda item: (len(item[0]), item[0]))
        if len(parts) > 1 and len({key[2] for _, key, _ in parts[:-1]}) == 1:
            yield parts


def ordered(pieces: list[Item], read: Callable[[list[Item]], FileFindings]) -> list[Item]:
    """Return pieces in the order in which they contain the most.

    A block that was cut is complete again if its second half follows its first, and compressed data continue without
    errors only in the right order. So each piece is followed by the one with which it contains more than both do
    separately or, failing that, by one that lets it continue.

    Args:
        pieces: Files none of which contains the whole.
        read: Returns the joint content of files.
    """
    alone = {item[0]: read([item]) for item in pieces}
    starts = [item for item in pieces if alone[item[0]].cut or alone[item[0]].blocks]
    starts.sort(key=lambda item: -_count(alone[item[0]]))
    best: list[Item] = []
    held = -1
    for start in starts[:_STARTS]:
        chain, left = [start], [item for item in pieces if item is not start]
        now: FileFindings = alone[start[0]]
        while left:
            before: FileFindings = now
            tried = [(read([*chain, item]), item) for item in left]
            now, following = max(tried, key=lambda each: _gain(each[0], before, alone[each[1][0]]))
            chain.append(following)
            left.remove(following)
            if now.whole():
                return chain
        for item in chain[1:-1]:  # among pieces of a hole, any of which may follow, the last may have come too early
            turned = [*(each for each in chain if each is not item), item]
            if read(turned).whole():
                return turned
        if _count(now) > held:
            best, held = chain, _count(now)
    return _right_order(pieces, starts[:_STARTS], read) or best


def _right_order(pieces: list[Item], starts: list[Item], read: Callable[[list[Item]], FileFindings]) -> list[Item]:
    """Return the order of a few pieces that contains a whole file; empty if none was found in time.

    Pieces so small that none completes a block look alike one by one, and only the right order shows anything.
    """
    begun = time.process_time()
    for start in starts if len(pieces) <= _FEW else []:
        for rest in permutations(item for item in pieces if item is not start):
            if time.process_time() - begun > _PATIENCE:
                return []
            if read([start, *rest]).whole():
                return [start, *rest]
    return []


def _count(found: FileFindings) -> int:
    return sum(bits.bit_count() for bits in found.blocks.values())


def _gain(together: FileFindings, before: FileFindings, alone: FileFindings) -> tuple[int, bool, int]:
    new = _count(together) - _count(before)
    return new - _count(alone), together.cut, new
