"""System call numbers on the two supported processors, and the calls that hosts may not make."""

import os
from typing import Final

ARCHITECTURES: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""The kernel's numbers of processors in seccomp filters (AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64)."""

NUMBERS: Final = {
    # name: (x86_64, aarch64); -1 if the call does not exist
    "acct": (163, 89),
    "add_key": (248, 217),
    "adjtimex": (159, 171),
    "bpf": (321, 280),
    "capset": (126, 91),
    "clock_adjtime": (305, 266),
    "clock_settime": (227, 112),
    "clone": (56, 220),
    "clone3": (435, 435),
    "create_module": (174, -1),
    "delete_module": (176, 106),
    "execve": (59, 221),
    "execveat": (322, 281),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioctl": (16, 29),
    "ioperm": (173, -1),
    "iopl": (172, -1),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "lookup_dcookie": (212, 18),
    "migrate_pages": (256, 238),
    "modify_ldt": (154, -1),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "move_pages": (279, 239),
    "nfsservctl": (180, 42),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "seccomp": (317, 277),
    "setns": (308, 268),
    "settimeofday": (164, 170),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "sysfs": (139, -1),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
    "uselib": (134, -1),
    "vhangup": (153, 58),
}

UNKNOWN: Final = ("clone3", "io_uring_setup", "io_uring_enter", "io_uring_register")
"""Calls answered with "not implemented", so that programs fall back: a filter can't inspect their arguments."""

ENTERED: Final = ("execve", "execveat")
"""Calls that are reported to the supervisor before they are carried out."""

BY_ARGUMENT: Final = ("clone", "unshare", "socket", "socketpair", "ioctl")
"""Calls that are refused only with certain arguments."""

USED_TO_BUILD: Final = ("capset", "seccomp")
"""Calls that a host's init needs after installing the filter; they are harmless in other processes."""

REFUSED: Final = tuple(name for name in NUMBERS if name not in (*UNKNOWN, *ENTERED, *BY_ARGUMENT, *USED_TO_BUILD))


def machine() -> str:
    """Return the processor's name, as in `ARCHITECTURES`.

    Raises:
        OSError: The processor is not supported.
    """
    name = os.uname().machine
    if name not in ARCHITECTURES:
        raise OSError(f"the netns sandbox knows the processors {', '.join(ARCHITECTURES)}; this is {name}")
    return name


def number(name: str) -> int:
    """Return the number of a call on this processor; -1 if it does not exist."""
    return NUMBERS[name][list(ARCHITECTURES).index(machine())]
