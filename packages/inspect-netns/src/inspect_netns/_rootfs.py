"""The root file system that all hosts share: its place, and how to make one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from ._error import NetnsError
from .supervisor import owner

VARIABLE: Final = "INSPECT_NETNS_ROOTFS"

_UNPACK: Final = "import sys; sys.path.insert(0, sys.argv[1]); import supervisor; supervisor.unpack(*sys.argv[2:])"


def rootfs() -> Path:
    """Return the folder used for every image: $INSPECT_NETNS_ROOTFS, or `~/.cache/inspect-netns/rootfs`."""
    return Path(os.environ.get(VARIABLE) or Path.home() / ".cache" / "inspect-netns" / "rootfs")


def checked_rootfs(folder: Path) -> Path:
    """Return the folder after checking that this user can make worlds of it.

    Raises:
        NetnsError: It is missing, is not a root file system, or belongs to another user.
    """
    fix = f"Set {VARIABLE} to one, or make one of a tar archive with `inspect_netns.unpack`."
    if not sys.platform.startswith("linux"):
        raise NetnsError(f"The netns sandbox needs Linux and this is {sys.platform}; use the sandbox docker.")
    if not (folder / "bin" / "sh").exists() and not (folder / "usr" / "bin" / "sh").exists():
        raise NetnsError(f"{folder} is no root file system: it has no bin/sh. {fix}")
    try:
        owner(str(folder))
    except OSError as wrong:
        raise NetnsError(f"{wrong}. {fix}") from wrong
    return folder.resolve()


def unpack(archive: Path, folder: Path) -> None:
    """Make a root file system for this user's worlds from a tar archive. The folder's previous content is removed.

    The files belong to ids that no user of this machine has, so that a host's root has no rights outside.

    Args:
        archive: Tar archive of a complete root file system, in any compression that `tar` supports.
        folder: Target folder. Its parent must exist.

    Raises:
        NetnsError: It can't be unpacked; the message contains the error of `tar`.
    """
    if folder.exists():
        remove(folder)
    folder.mkdir(mode=0o755)
    here = str(Path(__file__).parent)
    command = [sys.executable, "-I", "-S", "-B", "-c", _UNPACK, here, str(archive.resolve()), str(folder.resolve())]
    done = subprocess.run(command, capture_output=True, text=True, env={}, check=False)  # noqa: S603 - this Python
    if done.returncode:
        raise NetnsError(f"{archive} could not be unpacked to {folder}: {done.stderr.strip()}")


def remove(folder: Path) -> None:
    """Remove a root file system made by `unpack`.

    Raises:
        NetnsError: It can't be removed.
    """
    if os.geteuid() == 0:
        shutil.rmtree(folder)
        return
    here = str(Path(__file__).parent)
    command = [sys.executable, "-I", "-S", "-B", "-c", _UNPACK, here, "", str(folder.resolve())]
    done = subprocess.run(command, capture_output=True, text=True, env={}, check=False)  # noqa: S603 - this Python
    if done.returncode:
        raise NetnsError(f"{folder} could not be removed: {done.stderr.strip()}")
    folder.rmdir()
