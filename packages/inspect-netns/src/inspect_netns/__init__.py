"""Isolated worlds of several hosts, made of Linux namespaces: no daemon, no leftovers, no access to the outside.

Inspect's provider of the same name is in `inspect_netns.provider`, which imports Inspect and therefore takes seconds.
"""

from ._audit import ExecRecord
from ._error import NetnsError
from ._rootfs import checked_rootfs, remove, rootfs, unpack
from ._world import RunningWorld, WorldDownError

__all__ = [
    # Worlds without Inspect
    "RunningWorld",
    "WorldDownError",
    # Programs started in a world
    "ExecRecord",
    # Root file systems
    "checked_rootfs",
    "remove",
    "rootfs",
    "unpack",
    # Errors
    "NetnsError",
]
