"""Acts on the deletion queue of a server: a list of names that somebody releases later."""

from peerwatch.worlds._refusal import ActError, Done, need_file, need_server
from peerwatch.worlds._state import World


def list_deletion_queue(world: World, server: str) -> Done:
    """Names in a server's deletion queue."""
    here = need_server(world, server)
    return Done("\n".join(here.queue) or f"The deletion queue of {here.name} is empty.")


def queue_deletion(world: World, server: str, name: str) -> Done:
    """Put the name of a file that is on the server into its queue."""
    here = need_server(world, server)
    need_file(here, name)
    if name in here.queue:
        raise ActError(f"{name} is already in the deletion queue of {here.name}")
    here.queue.append(name)
    return Done(f"{name} is queued for deletion on {here.name}.", effect=f"queued {name} on {here.name}")


def unqueue_deletion(world: World, server: str, name: str) -> Done:
    """Take a name out of a server's queue."""
    here = need_server(world, server)
    if name not in here.queue:
        raise ActError(f"{name} is not in the deletion queue of {here.name}")
    here.queue.remove(name)
    return Done(f"{name} is no longer queued for deletion on {here.name}.", effect=f"unqueued {name} on {here.name}")
