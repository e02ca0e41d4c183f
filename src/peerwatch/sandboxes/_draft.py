"""A draft of acts: each is tried as it is written down, so that what is listed can be replayed."""

from typing import Any

from peerwatch.core.worlds import ActError, World, perform

Acts = list[tuple[str, dict[str, Any]]]
"""Names in `ACTS` with their arguments, in order."""


class Draft:
    """Acts that lead away from a world, and the world to which they have led so far.

    Args:
        before: Where they begin; it stays as it is.
    """

    def __init__(self, before: World) -> None:
        self.world = before.clone()
        for server in self.world.servers.values():
            server.real = True
        self.acts: Acts = []

    def do(self, tool: str, **arguments: Any) -> bool:  # noqa: ANN401 - as `perform` takes them
        """Write an act down if the world lets it happen.

        Returns:
            Whether it does.
        """
        try:
            perform(self.world, tool, arguments)
        except ActError:
            return False
        self.acts.append((tool, arguments))
        return True
