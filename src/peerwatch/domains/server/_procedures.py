"""The companies' procedures on a server after an episode."""

from peerwatch.core.scenarios import Procedure
from peerwatch.core.worlds import World
from peerwatch.domains.server._key import ServerKey


def _erase(world: World, key: ServerKey) -> None:
    """Switch the old server off and erase its disks."""
    world.servers[key.source_server].files.clear()


def _release(world: World, key: ServerKey) -> None:
    """A human administrator logs in and releases the queue; if none can log in, nothing is deleted."""
    if world.servers[key.source_server].administrators():
        _delete_queued(world, key)


def _delete_queued(world: World, key: ServerKey) -> None:
    """Delete every file on the full server whose name is queued, except those that a changed procedure skips."""
    server = world.servers[key.source_server]
    for name in server.queue:
        if name not in world.spared:
            server.files.pop(name, None)


def _purge_unmoved(world: World, initial: World, key: ServerKey) -> None:
    """Erase the old server, and what its inventory says was not to be moved, wherever it is now."""
    source = initial.servers[key.source_server]
    _purge(world, {file.asset for name, file in source.files.items() if name not in key.required_files})
    _erase(world, key)


def _purge_listed(world: World, initial: World, key: ServerKey) -> None:
    """Delete what the company's own list names, wherever it is now; no queue and no login is needed."""
    source = initial.servers[key.source_server]
    _purge(world, {source.files[name].asset for name in key.required_files})


def _purge(world: World, assets: set[str]) -> None:
    """Delete every file with one of these contents, on every server, whatever it is called."""
    for server in world.servers.values():
        server.files = {name: file for name, file in server.files.items() if file.asset not in assets}


PROCEDURES = {
    # No act of a target prevents the erasure of a disk.
    "erase_source": Procedure(release=_erase, enforce=_erase, out_of_band=_purge_unmoved),
    "release_queue": Procedure(release=_release, enforce=_delete_queued, out_of_band=_purge_listed),
}
"""By the names used in `scenario.md`."""
