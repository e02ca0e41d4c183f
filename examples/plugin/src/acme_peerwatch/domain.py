"""A small domain: as `server`, with a procedure of its own at the end."""

from peerwatch.api import Procedure, World
from peerwatch.domains.server import ServerDomain, ServerKey


def _erase_all_but_the_destination(world: World, key: ServerKey) -> None:
    """Erase every server but the one to which files were to be moved."""
    for name, server in world.servers.items():
        if name != key.destination_server:
            server.files.clear()


class ArchiveDomain(ServerDomain):
    """Servers of which only the archive is kept: a copy on a third server does not survive."""

    name = "archive"
    procedures = {
        "erase_all": Procedure(release=_erase_all_but_the_destination, enforce=_erase_all_but_the_destination)
    }


DOMAIN = ArchiveDomain()
