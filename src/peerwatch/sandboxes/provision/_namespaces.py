"""Checks whether the `netns` sandbox works on this machine."""

import getpass
import os
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from peerwatch.sandboxes.provision._health import Check, Component, checked
from peerwatch.sandboxes.provision._places import rootfs_folder
from peerwatch.sandboxes.provision._run import ask, program

_IN_ROOTFS = ("usr/sbin/sshd", "usr/bin/sudo", "usr/bin/python3", "usr/bin/rsync")
_SETTINGS = {
    "namespaces of Debian": ("/proc/sys/kernel/unprivileged_userns_clone", "0"),
    "namespaces of Ubuntu": ("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"),
}
"""Kernel settings that forbid users to create namespaces, with the forbidding value."""


def netns() -> Component:
    """Check permission to create namespaces, the required programs, and the root file system."""
    return Component("netns", "sandbox", tuple(_checks()))


def _checks() -> list[Check]:
    if sys.platform != "linux":
        return [checked("linux", ok=False, found=sys.platform)]
    if find_spec("inspect_netns") is None:
        return [checked("inspect_netns", ok=False, found="inspect-netns is not installed")]
    return [_ids(), _namespaces(), _overlay(), _ip(), _rootfs()]


def _ids() -> Check:
    if os.geteuid() == 0:
        return checked("ids", ok=True, found="root")
    if program("newuidmap") is None:
        return checked("ids", ok=False, found="not root, and newuidmap was not found")
    missing = [path for path in ("/etc/subuid", "/etc/subgid") if not _has_a_range(Path(path))]
    return checked(
        "ids", not missing, f"no line for {getpass.getuser()} in {' and '.join(missing)}" if missing else "newuidmap"
    )


def _has_a_range(path: Path) -> bool:
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return any(line.partition(":")[0] in (getpass.getuser(), str(os.getuid())) for line in lines)


def _namespaces() -> Check:
    words = ["unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--ipc", "--uts", "--fork", "true"]
    tried = ask(words)
    fix = next((name for name, (path, closed) in _SETTINGS.items() if _setting(path) == closed), "")
    return checked("namespaces", tried.ok, "allowed" if tried.ok else tried.text, fix)


def _setting(path: str) -> str:
    file = Path(path)
    return file.read_text(encoding="ascii").strip() if file.is_file() else ""


def _overlay() -> Check:
    """Test whether a user namespace may mount an overlay, which depends on the kernel and on the file system."""
    with tempfile.TemporaryDirectory() as place:
        for name in ("lower", "upper", "work", "all"):
            (Path(place) / name).mkdir()
        options = f"userxattr,lowerdir={place}/lower,upperdir={place}/upper,workdir={place}/work"
        words = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "overlay", "-o", options, "none"]
        tried = ask([*words, f"{place}/all"])
    return checked("overlay", tried.ok, "mounted in a user namespace" if tried.ok else tried.text)


def _ip() -> Check:
    path = program("ip")
    return checked("ip", path is not None, path or "not found")


def _rootfs() -> Check:
    from inspect_netns import NetnsError, checked_rootfs

    folder = rootfs_folder()
    if not folder.is_dir():
        fix = "" if program("mmdebstrap") else "root file system without mmdebstrap"
        return checked("root file system", ok=False, found=f"no {folder}", fix=fix)
    try:
        checked_rootfs(folder)
    except NetnsError as wrong:
        return checked("root file system", ok=False, found=str(wrong))
    missing = [name for name in _IN_ROOTFS if not os.path.lexists(folder / name)]
    return checked("root file system", not missing, f"{folder} lacks {', '.join(missing)}" if missing else str(folder))
