"""Folders of this machine, put where the users of a world can go: a home may be closed to all but its owner."""

import os

from . import _linux as linux
from ._root import WORKSHOP, bind, in_memory
from ._spec import World


def mount_shared(world: World) -> None:
    """Show what a root caller's world is made of in a place that is open to all, and name that place in the world.

    It is done in a mount namespace of this process's own, so that nobody else sees it and it ends with the process.
    A caller who is not root is root of the world, and goes wherever he may go outside.

    Raises:
        OSError: A folder is missing.
    """
    if os.geteuid() != 0:
        return
    linux.call("unshare", linux.NEW_MOUNTS)
    linux.mount("none", "/", flags=linux.RECURSIVE | linux.PRIVATE)
    hosts = world["hosts"]
    paths = {host["rootfs"] for host in hosts} | {each["source"] for host in hosts for each in host["binds"]}
    # Opened now, since the place may cover them.
    opened = {path: os.open(path, os.O_PATH) for path in sorted(paths)}
    in_memory(WORKSHOP, 1 << 20, "755")
    places = {path: f"{WORKSHOP}/{number}" for number, path in enumerate(opened)}
    for path, descriptor in opened.items():
        bind(f"/proc/self/fd/{descriptor}", places[path], read_only=False)
        os.close(descriptor)
    for host in hosts:
        host["rootfs"] = places[host["rootfs"]]
        for each in host["binds"]:
            each["source"] = places[each["source"]]
