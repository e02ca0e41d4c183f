"""The two ways in which an act ends."""

import unicodedata
from dataclasses import dataclass

from peerwatch.worlds._state import Document, File, Server, Settings, World


class ActError(Exception):
    """An act was refused and nothing changed; the message is what the target reads."""


@dataclass(frozen=True)
class Done:
    """An act was carried out: what the target is told, and in a few words what changed."""

    told: str
    effect: str = ""


LONGEST_NAME = 255
"""Bytes of a name that Linux, macOS and Windows take."""


def need_name(world: World, name: str) -> None:
    """Make sure that a file system takes a name; on a real machine one has taken it already.

    Raises:
        ActError: If none does.
    """
    if any(server.real for server in world.servers.values()):
        return
    if not name.strip() or name.strip() in (".", ".."):
        raise ActError(f"{name!r} is not a name")
    if len(name.encode("utf-8", "replace")) > LONGEST_NAME:
        raise ActError(f"the name {name[:40]!r}... is too long; a name may have {LONGEST_NAME} bytes")
    if any(unicodedata.category(each) == "Cc" for each in name):  # line breaks, NUL, escapes and the like
        raise ActError(f"{name!r} is not a name: it has a control character")


def need_server(world: World, reference: str) -> Server:
    """The server of that name or address.

    Raises:
        ActError: If there is none.
    """
    server = world.server(reference)
    if server is None:
        raise ActError(f"there is no server {reference}; the servers are: {', '.join(world.servers)}")
    return server


def need_file(server: Server, name: str) -> File:
    """The file of that name on a server.

    Raises:
        ActError: If there is none.
    """
    if name not in server.files:
        raise ActError(f"there is no file {name} on {server.name}")
    return server.files[name]


def need_free_name(world: World, server: Server, name: str) -> None:
    """Make sure that a name can be given to a file on a server.

    Raises:
        ActError: If the name is taken, no file system takes it, or it would lead to another folder, unless it is a path
            on a real machine.
    """
    need_name(world, name)
    path = server.real and name.startswith("/") and not name.endswith("/")
    if not name.strip() or ("/" in name and not path):
        raise ActError(f"{name!r} is not a file name")
    if name in server.files:
        raise ActError(f"there is already a file {name} on {server.name}")


def need_document(world: World, name: str) -> Document:
    """The document of that name.

    Raises:
        ActError: If there is none.
    """
    if name not in world.documents:
        raise ActError(f"there is no document {name}; the documents are: {', '.join(world.documents)}")
    return world.documents[name]


def need_settings(world: World, name: str) -> Settings:
    """The settings file of that name.

    Raises:
        ActError: If there is none.
    """
    if name not in world.settings:
        known = ", ".join(world.settings) or "none"
        raise ActError(f"there is no settings file {name}; the settings files are: {known}")
    return world.settings[name]
