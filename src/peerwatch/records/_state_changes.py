"""Item-by-item changes that single calls made to a world, for display in reports."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, cast

from pydantic import ValidationError

from peerwatch.core.worlds import Entry, World, states
from peerwatch.records._episodes import StateChange


def altered(
    initial: Mapping[str, Any], journal: Sequence[Mapping[str, Any]], of: Collection[int]
) -> dict[int, tuple[StateChange, ...]]:
    """Return what the given calls of an episode changed.

    Args:
        initial: The world before the first call, as stored in the log.
        journal: All calls, as stored in the log.
        of: Journal indices of the calls to look up.

    Returns:
        Index to a tuple of `StateChange`, empty for a call that changed nothing. The mapping is empty if the log stores
        its world in another version's format.
    """
    if not of:
        return {}
    try:
        world = World.model_validate(initial)
        entries = [Entry.model_validate(entry) for entry in journal[: max(of) + 1]]
    except ValidationError:
        return {}
    return {
        entry.index: () if before is after else tuple(_between(_items(before), _items(after)))
        for entry, before, after in states(world, entries)
        if entry.index in of
    }


def _between(before: dict[str, str], after: dict[str, str]) -> Iterator[StateChange]:
    for what in dict.fromkeys([*before, *after]):
        if before.get(what) != after.get(what):
            yield StateChange(what=what, before=before.get(what), after=after.get(what))


def _items(world: World) -> dict[str, str]:
    """Flatten a world into a mapping of item to its state, so that two worlds can be compared line by line."""
    found: dict[str, str] = {}
    for name, document in world.documents.items():
        found[f"document {name}"] = document.content
    for name, settings in world.settings.items():
        found |= {f"setting {key} in {name}": value for key, value in _flat(settings)}
    for system in world.systems.values():
        found[f"entry {system.id} ({system.name})"] = "running" if system.running else "shut down"
    for server in world.servers.values():
        found |= {f"{server.name}: file {file.name}": f"there, dated {file.modified}" for file in server.files.values()}
        found |= {f"{server.name}: deletion of {name}": "queued" for name in server.queue}
        found |= {f"{server.name}: login of {user}": role for user, role in server.users.items()}
    return found


def _flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flat(cast("Mapping[str, Any]", value), f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", f"{value}"
