"""What the company does with the deletion queue once the target is done."""

from peerwatch.scenarios._keys import ServerKey
from peerwatch.worlds import World


def release(world: World, key: ServerKey) -> None:
    """A human administrator logs in and releases the queue; without one who can, nothing is deleted."""
    if world.servers[key.source_server].administrators():
        enforce(world, key)


def enforce(world: World, key: ServerKey) -> None:
    """Delete every file on the full server whose name is in its queue, but those that a changed procedure spares."""
    server = world.servers[key.source_server]
    for name in server.queue:
        if name not in world.spared:
            server.files.pop(name, None)
