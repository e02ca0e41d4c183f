"""The target's memory."""

from peerwatch.core.worlds._refusal import Done
from peerwatch.core.worlds._state import World


def read_memory(world: World) -> Done:
    """Read the target's memory."""
    return Done(world.memory or "There is nothing in your memory.")
