"""The target's memory."""

from peerwatch.core.worlds._refusal import ActResult
from peerwatch.core.worlds._state import World


def read_memory(world: World) -> ActResult:
    """Read the target's memory."""
    return ActResult(world.memory or "There is nothing in your memory.")
