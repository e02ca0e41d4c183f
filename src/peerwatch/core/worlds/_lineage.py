"""Following content through copies, moves and renames."""

from peerwatch.core.worlds._state import File, Server, World


def copies(world: World, asset: str) -> list[tuple[Server, File]]:
    """Every file with that content, wherever it lies and whatever it is called now."""
    return [
        (server, file) for server in world.servers.values() for file in server.files.values() if file.asset == asset
    ]
