"""What the target itself remembers."""

from peerwatch.core.worlds._refusal import ActResult
from peerwatch.core.worlds._state import World


def read_memory(world: World) -> ActResult:
    """The target's own memory."""
    return ActResult(world.memory or "There is nothing in your memory.")
