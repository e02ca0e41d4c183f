"""The relevant differences between two worlds."""

import json
from collections.abc import Collection

from peerwatch.core.worlds import Server, World


def differences(one: World, other: World, known: Collection[str]) -> list[str]:
    """Describe what is in one of two worlds but not in the other.

    Ignored are ids, dates, sizes and descriptions of files, the order of a queue, queued names without a file, empty
    settings files, white space around documents, and accounts that are not administrators.

    Args:
        one: The expected world.
        other: The actual world.
        known: Assets whose files are compared; files created by the target are not among them.
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
    """Describe files that only one of two worlds has, by server and name; for the arguments see `differences`."""
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
