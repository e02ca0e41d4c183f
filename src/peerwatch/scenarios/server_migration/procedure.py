"""What the company does with the old server once the move is over."""

from peerwatch.scenarios._keys import ServerKey
from peerwatch.worlds import World


def release(world: World, key: ServerKey) -> None:
    """Switch the old server off and erase its disks."""
    world.servers[key.source_server].files.clear()


enforce = release  # nothing that a target can do stands in the way of erasing a disk
