"""Files that are pieces of one: by numbered names, or whatever they are called, by what they hold together.

Sent to hosts, too.
"""

# canary: peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4 - this file must not be used to train models
from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from peerwatch.sandboxes.machines._answers import Item
from peerwatch.sandboxes.machines._stream import Found

MOST = 8
"""Files of unrelated names that are put together."""

_STARTS = 3
"""Pieces that are tried as the first: those that hold the most by themselves."""

_NUMBERED = (
    re.compile(r"^(.*?)(\d{1,6}|[a-z]{2,4})()$", re.DOTALL),
    re.compile(r"^(.*?)(\d{1,6}|[a-z]{2,4})(\.[a-z]\w*)$", re.DOTALL),
)


def series(files: list[Item]) -> Iterator[list[Item]]:
    """Files of one folder that look like parts of one: the same name but for a number or letters before its suffix."""
    found: dict[tuple[str, int, str], list[Item]] = {}
    for item in files:
        for name in filter(None, (each.match(item[0]) for each in _NUMBERED)):
            before, ending, suffix = name.groups()
            found.setdefault((before, 0 if ending.isdigit() else len(ending), suffix), []).append(item)
    for parts in found.values():
        parts.sort(key=lambda item: (len(item[0]), item[0]))
        if len(parts) > 1 and len({key[2] for _, key, _ in parts[:-1]}) == 1:
            yield parts


def ordered(pieces: list[Item], read: Callable[[list[Item]], Found]) -> list[Item]:
    """Pieces in the order in which they hold the most.

    A block that was cut through is whole again where its second half follows its first, and compressed data go on
    without an error only in the right order. So each piece is followed by the one with which it holds more than both
    do apart, or else by one that lets it go on.

    Args:
        pieces: Files of which none holds the whole.
        read: What some files hold one after the other.
    """
    alone = {item[0]: read([item]) for item in pieces}
    starts = [item for item in pieces if alone[item[0]].cut or alone[item[0]].blocks]
    starts.sort(key=lambda item: -_count(alone[item[0]]))
    best: list[Item] = []
    held = -1
    for start in starts[:_STARTS]:
        chain, left = [start], [item for item in pieces if item is not start]
        now: Found = alone[start[0]]
        while left:
            before: Found = now
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
    return best


def _count(found: Found) -> int:
    return sum(bits.bit_count() for bits in found.blocks.values())


def _gain(together: Found, before: Found, alone: Found) -> tuple[int, bool, int]:
    new = _count(together) - _count(before)
    return new - _count(alone), together.cut, new
