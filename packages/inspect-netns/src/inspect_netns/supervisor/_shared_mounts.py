"""Make folders of this machine accessible to the users of a world, even inside a home that only its owner can open."""

import os

from . import _linux as linux
from ._root import WORKSHOP, bind, in_memory
from ._spec import World


def mount_shared(world: World) -> None:
    """If the caller is root, mount the folders that a world uses in a place open to all users, and set their paths.

    The mounts are in a mount namespace of this process, so that no other process sees them and they end with it. A
    caller who is not root is itself root of the world, so it has access to its own folders.

    Raises:
        OSError: A folder is missing.
    """
    if os.geteuid() != 0:
        return
    linux.call("unshare", linux.NEW_MOUNTS)
    linux.mount("none", "/", flags=linux.RECURSIVE | linux.PRIVATE)
    hosts = world["hosts"]
    paths = {host["rootfs"] for host in hosts} | {each["source"] for host in hosts for each in host["binds"]}
    # Opened now, because the mount may cover these paths later.
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
