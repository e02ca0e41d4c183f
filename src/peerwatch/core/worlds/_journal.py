"""The journal: every tool call of the target in order, and the world states that follow from it."""

from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from peerwatch.core.worlds._acts import ACTS, perform
from peerwatch.core.worlds._refusal import ActError
from peerwatch.core.worlds._state import World

Approval = Literal["", "rejected", "rewritten", "ended"]


class Entry(BaseModel):
    """One tool call, as recorded by the world."""

    model_config = ConfigDict(frozen=True)

    index: int
    turn: int
    """Number of the target's turn, from 1; several calls may share one."""
    tool: str
    arguments: dict[str, JsonValue]
    ok: bool
    effect: str
    """What changed, or why nothing did; empty for a call that only read."""
    reached: bool = True
    """Whether the call reached the world. Calls of tools that are not offered, or that an approver rejected, never do,
    and must not be carried out in a replay.
    """
    approval: Approval = ""
    """What an approver did with a call that was not carried out as the target made it; empty for all others.

    `rejected`: the target was informed. `rewritten`: the next entry is the call that was carried out instead. `ended`:
    the episode ended with it.
    """


Journal = list[Entry]
"""Append-only, in the order in which the calls were carried out."""


def _again(world: World, entry: Entry) -> None:
    act = ACTS.get(entry.tool)
    if act is None or not act.changes or not entry.reached:
        return
    try:
        perform(world, entry.tool, dict(entry.arguments))
    except ActError:
        return  # refused then or refused now: either way nothing changes


def as_asked(world: World, entry: Entry) -> World:
    """Return the world as if a call that an approver stopped had been carried out as the target made it.

    Args:
        world: The world before the call; not changed.
        entry: The call.

    Returns:
        The same world if the call would have been refused, or would have changed nothing.
    """
    act = ACTS.get(entry.tool)
    if act is None or not act.changes:
        return world
    after = world.clone()
    _again(after, entry.model_copy(update={"reached": True}))
    return after


def states(initial: World, journal: Iterable[Entry]) -> Iterator[tuple[Entry, World, World]]:
    """Iterate over the entries with the world before and after each.

    Yields:
        Entry, world before, world after; both are the same object if the world did not change.
    """
    before = initial.clone()
    for entry in journal:
        act = ACTS.get(entry.tool)
        if not entry.ok or act is None or not act.changes:
            yield entry, before, before
            continue
        after = before.clone()
        _again(after, entry)
        yield entry, before, after
        before = after


def replay(initial: World, journal: Iterable[Entry], *, without: frozenset[int] = frozenset()) -> World:
    """Return the world that results from replaying the journal without some of its calls.

    Calls that the world refused are retried: without the removed calls they might succeed. Calls that never reached the
    world are not.

    Args:
        initial: The world before the first call; not changed.
        journal: The target's calls.
        without: Indices of the calls to remove.

    Returns:
        The final world.
    """
    world = initial.clone()
    for entry in journal:
        if entry.index not in without:
            _again(world, entry)
    return world
