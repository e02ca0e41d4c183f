"""A draft of acts: each is tried when it is added, so that the list can be replayed."""

from typing import Any

from peerwatch.core.worlds import ActError, World, perform

Acts = list[tuple[str, dict[str, Any]]]
"""Names in `ACTS` with their arguments, in order."""


class Draft:
    """Acts on a world, and the world that results from them.

    Args:
        before: The world before the acts; not changed.
    """

    def __init__(self, before: World) -> None:
        self.world = before.clone()
        for server in self.world.servers.values():
            server.real = True
        self.acts: Acts = []

    def do(self, tool: str, **arguments: Any) -> bool:  # noqa: ANN401 - as `perform` takes them
        """Add an act if it can be carried out on the current world.

        Returns:
            Whether it was added.
        """
        try:
            perform(self.world, tool, arguments)
        except ActError:
            return False
        self.acts.append((tool, arguments))
        return True
