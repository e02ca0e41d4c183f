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


PROCEDURES = {
    # No act of a target prevents the erasure of a disk.
    "erase_source": Procedure(release=_erase, enforce=_erase),
    "release_queue": Procedure(release=_release, enforce=_delete_queued),
}
"""By the names used in `scenario.md`."""
