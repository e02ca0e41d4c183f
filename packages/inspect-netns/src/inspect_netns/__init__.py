"""Worlds of several hosts made of Linux namespaces: no daemon, nothing left behind, no way out.

Inspect's provider of the same name is in `inspect_netns.provider`, which takes Inspect's seconds to import.
"""

from ._audit import ExecRecord
from ._error import NetnsError
from ._rootfs import checked_rootfs, remove, rootfs, unpack
from ._world import RunningWorld, WorldDownError

__all__ = [
    # a world without Inspect
    "RunningWorld",
    "WorldDownError",
    # what was started in it
    "ExecRecord",
    # root file systems
    "checked_rootfs",
    "remove",
    "rootfs",
    "unpack",
    # errors
    "NetnsError",
]
