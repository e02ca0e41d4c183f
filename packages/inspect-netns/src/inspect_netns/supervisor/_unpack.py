"""Fill or empty the folder of a root file system, with the user ids of a world."""

import os

from . import _linux as linux
from ._ids import FIRST, map_ids, ranges
from ._programs import exit_child, run


def unpack(archive: str, folder: str) -> None:
    """Unpack an archive into an empty folder or, if `archive` is empty, empty the folder.

    Raises:
        OSError: `tar` failed, or this user may not create user namespaces.
    """
    caller = os.geteuid()
    first = FIRST if caller == 0 else caller
    if caller == 0 and archive:
        os.chown(folder, first, first)
    # The world's users may have no access to its parents, so the folder is entered before becoming one of them.
    os.chdir(folder)
    given, give = os.pipe()
    pid = linux.clone(linux.NEW_USERS)
    if pid == 0:
        try:
            os.close(give)
            if os.read(given, 1) == b"1":
                _inside(archive)
                os._exit(0)
        finally:
            exit_child("unpack")
    map_ids(pid, *ranges(first))
    os.write(give, b"1")
    if os.waitpid(pid, 0)[1]:
        raise SystemExit(1)


def _inside(archive: str) -> None:
    os.setgroups([])
    opened = os.open(archive, os.O_RDONLY) if archive else -1
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    if archive:
        os.set_inheritable(opened, True)  # noqa: FBT003 - the function's own way
        run("tar", "--numeric-owner", "--exclude=./dev/*", "-xf", f"/proc/self/fd/{opened}")
    else:
        run("find", ".", "-mindepth", "1", "-delete")
