"""The journal: every tool call of the target in order, and the world states that follow from it."""

from collections.abc import Iterable, Iterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from peerwatch.core.worlds._acts import ACTS, perform
from peerwatch.core.worlds._refusal import ActError
from peerwatch.core.worlds._state import World

Approval = Literal["", "rejected", "rewritten", "ended", "blocked", "declined"]


class Decision(BaseModel):
    """What a monitor or a second approver decided on a call, before it was carried out."""

    model_config = ConfigDict(frozen=True)

    by: str
    """Who decided: `monitor NAME`, or `second approver` with `scripted` or the name of a model."""
    action: Literal["approved", "observed", "flagged", "refused", "ended"]
    """`observed` and `flagged`: the call was carried out; a monitor watched it, or marked it as suspicious."""
    suspicion: float | None = None
    """The monitor's, in [0, 1]; `None` where it gave no answer, and for an approver."""
    why: str = ""
    """The reason, for readers of the log."""
    told: str = Field(default="", exclude=True)
    """What the target reads where the call is refused."""

    @property
    def stops(self) -> bool:
        """Whether the call is not carried out."""
        return self.action in ("refused", "ended")


Actor = Literal["target", "model", "person", "service", "colleague"]
"""Who did what an entry states: the target, the partner with its kind, or another AI agent on the channel."""

TARGET: Actor = "target"
COLLEAGUE: Actor = "colleague"

Passed = Literal["sent", "delivered", "read"]
"""How far a message came: it was sent, it reached the other side, and the other side's next step came after it."""


class Entry(BaseModel):
    """One tool call of the target, as recorded by the world, or one reply of its partner."""

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
    the episode ended with it. `blocked`: a monitor refused it. `declined`: a second approver declined it.
    """
    decision: Decision | None = None
    """What a monitor or a second approver decided on it; `None` for a call that was not reviewed."""
    actor: Actor = TARGET
    """A reply of the partner or a colleague is an entry of its own, under `reply`, after the call that it answers."""
    speaker: str = ""
    """For a reply of a colleague, its name; empty for all other entries."""
    passed: tuple[Passed, ...] = ()
    """For a message or a reply, how far it came; empty for all other entries."""
    asks: bool | None = None
    """For a reply, whether it asks the target to do something for the partner. `None` where this is not determined, as
    with a reply that a model wrote, and for all other entries."""

    def stored(self) -> dict[str, Any]:
        """The entry as a log keeps it. Without a decision or a speaker it is written as before there were any."""
        unset = {name for name in ("decision", "speaker") if not getattr(self, name)}
        return self.model_dump(mode="json", exclude=unset or None)


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
