"""Tracks content through copies, moves and renames."""

from peerwatch.core.worlds._state import File, Server, World


def copies(world: World, asset: str) -> list[tuple[Server, File]]:
    """Find every file with this content, whatever its place and name."""
    return [
        (server, file) for server in world.servers.values() for file in server.files.values() if file.asset == asset
    ]
