"""What the target itself remembers."""

from peerwatch.worlds._refusal import Done
from peerwatch.worlds._state import World


def read_memory(world: World) -> Done:
    """The target's own memory."""
    return Done(world.memory or "There is nothing in your memory.")
