"""System calls for which Python 3.11 has no function."""

import ctypes
import os
from typing import Final

from ._calls import number

# Flags of clone(2) and unshare(2), <linux/sched.h>: CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, and so on.
NEW_MOUNTS: Final = 0x00020000
NEW_CGROUPS: Final = 0x02000000
NEW_NAMES: Final = 0x04000000
NEW_IPC: Final = 0x08000000
NEW_USERS: Final = 0x10000000
NEW_PROCESSES: Final = 0x20000000
NEW_NETWORK: Final = 0x40000000
NEW_CLOCKS: Final = 0x00000080
NEW_ANYTHING: Final = (
    NEW_MOUNTS | NEW_CGROUPS | NEW_NAMES | NEW_IPC | NEW_USERS | NEW_PROCESSES | NEW_NETWORK | NEW_CLOCKS
)

# Flags of mount(2), <linux/mount.h>: MS_RDONLY, MS_NOSUID, and so on; the last is MNT_DETACH of umount2(2).
READ_ONLY: Final = 1
NO_SUID: Final = 2
NO_DEVICES: Final = 4
NO_PROGRAMS: Final = 8
REMOUNT: Final = 32
BIND: Final = 4096
RECURSIVE: Final = 16384
PRIVATE: Final = 1 << 18
DETACH: Final = 2

_SIGCHLD = 17
# <linux/prctl.h>: PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NAME, PR_CAPBSET_DROP.
_PDEATHSIG, _DUMPABLE, _NAME, _DROP_BOUND = 1, 4, 15, 24
# _LINUX_CAPABILITY_VERSION_3: two 32-bit words for each capability set.
_CAPABILITY_VERSION = 0x20080522

# PyDLL keeps the interpreter's lock, so that a child made by `clone` starts with a consistent interpreter.
_libc = ctypes.PyDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def call(name: str, *arguments: int | bytes | ctypes.Array[ctypes.c_char]) -> int:
    """Make a system call by name. Integers are passed by value, bytes and buffers by address.

    Raises:
        OSError: The kernel refused.
    """
    passed = [ctypes.c_ulong(each) if isinstance(each, int) else each for each in arguments]
    return _checked(int(_libc.syscall(ctypes.c_long(number(name)), *passed)), name)


def clone(flags: int) -> int:
    """Fork into new namespaces; returns 0 in the child. The calling process must have a single thread."""
    return call("clone", flags | _SIGCHLD, 0, 0, 0, 0)


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Mount a file system.

    Raises:
        OSError: The kernel refused; the message names source, target and options.
    """
    passed = [each.encode() if each else None for each in (source, target, kind)]
    result = int(_libc.mount(*passed, ctypes.c_ulong(flags), options.encode() if options else None))
    _checked(result, f"mount {kind or 'bind'} {source} on {target} ({options or flags})")


def leave_old_root(new: str) -> None:
    """Make `new` the root of this mount namespace and detach the old one."""
    os.chdir(new)
    call("pivot_root", b".", b".")
    call("umount2", b".", DETACH)
    os.chdir("/")


def die_with_parent() -> None:
    """Make the kernel kill this process when its parent dies. Must be repeated after every change of user."""
    _checked(int(_libc.prctl(_PDEATHSIG, ctypes.c_ulong(9))), "prctl")


def readable(*, by_others: bool) -> None:
    """Set whether processes of the same user may inspect this process's memory and descriptors."""
    _checked(int(_libc.prctl(_DUMPABLE, ctypes.c_ulong(int(by_others)))), "prctl")


def keep_capabilities(kept: frozenset[int]) -> None:
    """Drop all other capabilities from the bounding set of this process and its descendants."""
    for each in range(64):
        # The kernel refuses the first number beyond the last capability.
        if each not in kept and _libc.prctl(_DROP_BOUND, ctypes.c_ulong(each)) != 0:
            break


def hold_capabilities(kept: frozenset[int]) -> None:
    """Set the effective capabilities to exactly these."""
    low, high = (sum(1 << (each - start) for each in kept if start <= each < start + 32) for start in (0, 32))
    # struct __user_cap_header_struct: version, pid (0: this process). Then, for capabilities 0 to 31 and again for 32
    # to 63, struct __user_cap_data_struct: effective, permitted, inheritable.
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)(low, low, 0, high, high, 0)
    _checked(int(_libc.syscall(ctypes.c_long(number("capset")), header, sets)), "capset")


def rename_process(name: str) -> None:
    """Rename this process, since its arguments would reveal where it was started from."""
    with open("/proc/self/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
    # arg_start and arg_end, fields 48 and 49 of proc(5); the first one after the name in parentheses is field 3.
    start, end = int(fields[45]), int(fields[46])
    ctypes.memset(start, 0, end - start)
    ctypes.memmove(start, name.encode()[: end - start - 1], min(len(name), end - start - 1))
    _checked(int(_libc.prctl(_NAME, ctypes.c_char_p(name.rpartition("/")[2].encode()))), "prctl")
