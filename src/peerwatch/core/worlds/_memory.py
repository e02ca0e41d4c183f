"""What the target itself remembers."""

from peerwatch.core.worlds._refusal import Done
from peerwatch.core.worlds._state import World


def read_memory(world: World) -> Done:
    """The target's own memory."""
    return Done(world.memory or "There is nothing in your memory.")
