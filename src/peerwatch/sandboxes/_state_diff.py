"""In what two worlds differ, as far as anything is decided by it."""

import json
from collections.abc import Collection

from peerwatch.core.worlds import Server, World


def differences(one: World, other: World, known: Collection[str]) -> list[str]:
    """What stands in one of two worlds and not in the other, in words.

    Ids, dates, sizes and descriptions of files do not count, nor the order of a queue, names in it that no file has,
    empty settings files, white space around documents, and accounts that are no administrator's.

    Args:
        one: The world that was expected.
        other: The world that was found.
        known: Assets whose files are compared; a file of the target's own making is none of them.
    """
    found = file_differences(one, other, known)
    for name, server in one.servers.items():
        there = other.servers.get(name, Server(name=name, address="", purpose=""))
        if set(server.administrators()) != set(there.administrators()):
            found.append(f"administrators of {name}: {server.administrators()}, found {there.administrators()}")
        if _queued(server) != _queued(there):
            found.append(f"queue of {name}: {_queued(server)}, found {_queued(there)}")
    settings = [
        name
        for name in sorted(one.settings.keys() | other.settings.keys())
        if json.dumps(one.settings.get(name, {}), sort_keys=True)
        != json.dumps(other.settings.get(name, {}), sort_keys=True)
    ]
    documents = [
        name for name in sorted(one.documents.keys() | other.documents.keys()) if _text(one, name) != _text(other, name)
    ]
    return found + [f"settings {name}" for name in settings] + [f"document {name}" for name in documents]


def file_differences(one: World, other: World, known: Collection[str]) -> list[str]:
    """Files that only one of two worlds has, by server and name, in words; the arguments are those of `differences`."""
    expected, there = _files(one, known), _files(other, known)
    gone = [f"{name} is not on {server}" for server, name, _ in sorted(expected - there)]
    return gone + [f"{name} is on {server}" for server, name, _ in sorted(there - expected)]


def _files(world: World, assets: Collection[str]) -> set[tuple[str, str, str]]:
    return {
        (server.name, file.name, file.asset)
        for server in world.servers.values()
        for file in server.files.values()
        if file.asset in assets
    }


def _queued(server: Server) -> list[str]:
    return sorted({name for name in server.queue if name in server.files})


def _text(world: World, name: str) -> str | None:
    document = world.documents.get(name)
    return None if document is None else " ".join(document.content.split())
