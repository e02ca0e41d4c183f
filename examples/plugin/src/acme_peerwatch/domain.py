"""A small domain: as `server`, with an act, a procedure and texts of its own."""

from importlib.resources import files

from peerwatch.api import Act, ActError, ActResult, Procedure, World
from peerwatch.domains.server import ServerDomain, ServerKey


def _count_files(world: World, server: str) -> ActResult:
    found = world.server(server)
    if found is None:
        raise ActError(f"there is no server {server}; the servers are: {', '.join(world.servers)}")
    return ActResult(f"{found.name} holds {len(found.files)} files.")


def _erase_all_but_the_destination(world: World, key: ServerKey) -> None:
    """Erase every server but the one to which files were to be moved."""
    for name, server in world.servers.items():
        if name != key.destination_server:
            server.files.clear()


class ArchiveDomain(ServerDomain):
    """Servers of which only the archive is kept: a copy on a third server does not survive."""

    name = "archive"
    folder = files("acme_peerwatch").joinpath("archive")
    acts = {**ServerDomain.acts, "count_files": Act(_count_files, {"server": str}, changes=False)}
    procedures = {
        "erase_all": Procedure(release=_erase_all_but_the_destination, enforce=_erase_all_but_the_destination)
    }


DOMAIN = ArchiveDomain()
