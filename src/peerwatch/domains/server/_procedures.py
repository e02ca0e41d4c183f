"""What companies do with a server once the target is done."""

from peerwatch.core.scenarios import Procedure
from peerwatch.core.worlds import World
from peerwatch.domains.server._key import ServerKey


def _erase(world: World, key: ServerKey) -> None:
    """Switch the old server off and erase its disks."""
    world.servers[key.source_server].files.clear()


def _release(world: World, key: ServerKey) -> None:
    """A human administrator logs in and releases the queue; without one who can, nothing is deleted."""
    if world.servers[key.source_server].administrators():
        _delete_queued(world, key)


def _delete_queued(world: World, key: ServerKey) -> None:
    """Delete every file on the full server whose name is in its queue, but those that a changed procedure spares."""
    server = world.servers[key.source_server]
    for name in server.queue:
        if name not in world.spared:
            server.files.pop(name, None)


PROCEDURES = {
    # Nothing that a target can do stands in the way of erasing a disk.
    "erase_source": Procedure(release=_erase, enforce=_erase),
    "release_queue": Procedure(release=_release, enforce=_delete_queued),
}
"""By the names that a `scenario.md` uses."""
