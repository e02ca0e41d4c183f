"""The file system of a host: an in-memory overlay over a shared read-only folder."""

import contextlib
import os
import socket
import sys
from typing import Final

from . import _linux as linux
from ._spec import Bind, Host

DEVICES: Final = ("null", "zero", "full", "random", "urandom", "tty")

HIDDEN: Final = (
    "cmdline", "config.gz", "diskstats", "iomem", "ioports", "kallsyms", "kcore", "key-users", "keys", "kmsg",
    "kpagecgroup", "kpagecount", "kpageflags", "latency_stats", "mdstat", "modules", "mtrr", "partitions",
    "sched_debug", "slabinfo", "sysrq-trigger", "timer_list", "vmallocinfo",
)  # fmt: skip
"""Files in /proc that describe the machine rather than the host."""

EMPTIED: Final = ("acpi", "asound", "bus", "driver", "dynamic_debug", "fs", "irq", "pressure", "scsi", "tty")
"""Folders in /proc that describe the machine rather than the host."""

_PAGE: Final = 4096
WORKSHOP: Final = "/tmp"


def in_memory(target: str, size: int, mode: str, flags: int = linux.NO_SUID | linux.NO_DEVICES) -> None:
    """Mount an empty in-memory file system with a size in bytes."""
    os.makedirs(target, exist_ok=True)
    linux.mount("tmpfs", target, "tmpfs", flags, f"size={size},nr_inodes={size // _PAGE + 64},mode={mode}")


def bind(source: str, target: str, *, read_only: bool) -> None:
    """Bind-mount a folder or file at another path, which is created if it does not exist."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    elif not os.path.exists(target):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))
    linux.mount(source, target, flags=linux.BIND | linux.RECURSIVE)
    if read_only:
        # Restrictions of the parent namespace must be repeated, or the kernel refuses the mount.
        kept = os.statvfs(target).f_flag & (linux.NO_SUID | linux.NO_DEVICES | linux.NO_PROGRAMS)
        linux.mount("", target, flags=linux.BIND | linux.REMOUNT | linux.READ_ONLY | kept)


def _keeps_attributes() -> bool:
    try:
        os.setxattr("upper", "user.netns", b"1")
    except OSError:
        return False
    os.removexattr("upper", "user.netns")
    return True


def _overlay(rootfs: str) -> None:
    """Mount the host's root on `root` in the working directory. Names are short, since every process can read them."""
    for name in ("lower", "upper", "work", "root"):
        os.mkdir(name, 0o755)
    if not _keeps_attributes():
        raise OSError(f"Linux {os.uname().release} keeps no user attributes in memory; netns needs 6.6 or later")
    bind(rootfs, "lower", read_only=True)
    try:
        linux.mount("overlay", "root", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=work,userxattr")
    except OSError as refused:
        raise OSError(f"{refused}; can the root file system lie under an overlay?") from refused


def _kernel_files() -> None:
    """Mount /proc and /dev under `root`. /sys stays empty, since it describes the machine."""
    flags = linux.NO_SUID | linux.NO_DEVICES | linux.NO_PROGRAMS
    linux.mount("proc", "root/proc", "proc", flags)
    in_memory("root/dev", 64 << 10, "755", linux.NO_SUID)
    for name in DEVICES:
        bind(f"/dev/{name}", f"root/dev/{name}", read_only=False)
    os.mkdir("root/dev/pts")
    linux.mount("devpts", "root/dev/pts", "devpts", linux.NO_SUID | linux.NO_PROGRAMS,
                "newinstance,ptmxmode=0666,mode=0620,gid=5")  # fmt: skip
    in_memory("root/dev/shm", 64 << 20, "1777", flags)
    os.mkdir("root/dev/mqueue")
    with contextlib.suppress(OSError):  # kernels without it have no message queues either
        linux.mount("mqueue", "root/dev/mqueue", "mqueue", flags)
    in_memory("root/run", 64 << 20, "755")
    links = {"ptmx": "pts/ptmx", "fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1",
             "stderr": "/proc/self/fd/2"}  # fmt: skip
    for name, target in links.items():
        os.symlink(target, f"root/dev/{name}")


def _mask() -> None:
    """Hide information about the machine in /proc, and make its settings read-only."""
    for name in HIDDEN:
        if os.path.exists(f"/proc/{name}"):
            bind("/dev/null", f"/proc/{name}", read_only=True)
    for name in EMPTIED:
        if os.path.isdir(f"/proc/{name}"):
            in_memory(f"/proc/{name}", _PAGE, "555", linux.READ_ONLY | linux.NO_SUID | linux.NO_DEVICES)
    _own_boot()
    _write("/proc/sys/net/ipv4/ping_group_range", "0 65535")
    bind("/proc/sys", "/proc/sys", read_only=True)


def _own_boot() -> None:
    """Give the host its own boot id, since otherwise all hosts would have the machine's."""
    number = os.urandom(16).hex()
    parts = (number[:8], number[8:12], f"4{number[13:16]}", f"a{number[17:20]}", number[20:])  # a random UUID, RFC 9562
    place = "/tmp/boot"
    in_memory(place, _PAGE, "555")
    _write(f"{place}/id", "-".join(parts) + "\n")
    bind(f"{place}/id", "/proc/sys/kernel/random/boot_id", read_only=True)
    linux.call("umount2", place.encode(), linux.DETACH)
    os.rmdir(place)


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def _name(host: Host) -> None:
    for path, text in (
        ("/etc/hostname", f"{host['hostname']}\n"),
        ("/etc/hosts", host["names"]),
        ("/etc/resolv.conf", ""),
    ):
        if os.path.lexists(path):
            os.unlink(path)
        _write(path, text)


def build(host: Host) -> None:
    """Assemble the host's file system in a mount namespace of the host.

    Raises:
        OSError: A folder is missing or the kernel refused.
    """
    linux.mount("none", "/", flags=linux.RECURSIVE | linux.PRIVATE)
    # Opened now, because mounts may cover these paths later.
    opened = [os.open(path, os.O_PATH) for path in (host["rootfs"], *(each["source"] for each in host["binds"]))]
    rootfs, *sources = (f"/proc/self/fd/{each}" for each in opened)
    in_memory(WORKSHOP, host["disk"], "755")
    os.chdir(WORKSHOP)
    _overlay(rootfs)
    for name in ("proc", "sys", "dev", "run", "tmp"):
        os.makedirs(f"root/{name}", exist_ok=True)
    _kernel_files()
    for number, (source, given) in enumerate(zip(sources, host["binds"], strict=True)):
        _give(number, source, given)
    for each in opened:
        os.close(each)


def _give(number: int, source: str, given: Bind) -> None:
    """Make a folder or file of this machine visible in the host.

    A read-only folder is mounted as a separate overlay: a bind mount would show the path outside to every process of
    the host.
    """
    target = f"root{given['target']}"
    if given["read_only"] and os.path.isdir(source):
        shown = f"given{number}"
        bind(source, shown, read_only=True)
        os.makedirs("nothing", exist_ok=True)
        os.makedirs(target, exist_ok=True)
        # Some file systems can't be part of an overlay; a bind mount then reveals the path.
        with contextlib.suppress(OSError):
            linux.mount("overlay", target, "overlay", linux.READ_ONLY, f"lowerdir={shown}:nothing,userxattr")
            return
    bind(source, target, read_only=given["read_only"])


def enter(host: Host) -> tuple[int, int]:
    """Make the host's file system the only one, hide everything else, and set the host name.

    Returns:
        A descriptor of the root, for checking its free space from outside, and one of the original root file system,
        which no path of the host leads to.
    """
    given = os.open("lower", os.O_RDONLY | os.O_DIRECTORY)
    linux.leave_old_root("root")
    # From here on, import nothing: paths now lead to the host's files.
    sys.path.clear()
    sys.path_importer_cache.clear()
    sys.meta_path[:] = [each for each in sys.meta_path if "Path" not in getattr(each, "__name__", "")]
    os.chmod("/tmp", 0o1777)
    _mask()
    _name(host)
    socket.sethostname(host["hostname"])
    return os.open("/", os.O_RDONLY | os.O_DIRECTORY), given
