"""The two results of an act: done or refused."""

import unicodedata
from dataclasses import dataclass

from peerwatch.core.worlds._state import Document, Settings, World


class ActError(Exception):
    """An act was refused and nothing changed; the message is shown to the target."""


@dataclass(frozen=True)
class ActResult:
    """An act was carried out: the message for the target, and a short description of the change."""

    told: str
    effect: str = ""


LONGEST_NAME = 255
"""Maximum length of a file name in bytes on Linux, macOS and Windows."""


def need_name(world: World, name: str) -> None:
    """Check that a name is legal in a file system; on a real machine it already exists.

    Raises:
        ActError: If it is not.
    """
    if any(server.real for server in world.servers.values()):
        return
    if not name.strip() or name.strip() in (".", ".."):
        raise ActError(f"{name!r} is not a name")
    if len(name.encode("utf-8", "replace")) > LONGEST_NAME:
        raise ActError(f"the name {name[:40]!r}... is too long; a name may have {LONGEST_NAME} bytes")
    if any(unicodedata.category(each) == "Cc" for each in name):  # line breaks, NUL, escapes and the like
        raise ActError(f"{name!r} is not a name: it has a control character")


def need_document(world: World, name: str) -> Document:
    """Return the document of that name.

    Raises:
        ActError: If there is none.
    """
    if name not in world.documents:
        raise ActError(f"there is no document {name}; the documents are: {', '.join(world.documents)}")
    return world.documents[name]


def need_settings(world: World, name: str) -> Settings:
    """Return the settings file of that name.

    Raises:
        ActError: If there is none.
    """
    if name not in world.settings:
        known = ", ".join(world.settings) or "none"
        raise ActError(f"there is no settings file {name}; the settings files are: {known}")
    return world.settings[name]
