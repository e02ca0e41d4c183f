"""The seccomp filter on a host's system calls: which are refused, and which are reported to the supervisor first.

The host's init installs it once. Every process of the host inherits it and none can remove it.
"""

import ctypes
import errno
import struct
from typing import Final

from ._calls import ARCHITECTURES, ENTERED, REFUSED, UNKNOWN, machine, number
from ._linux import NEW_ANYTHING, call

# Opcodes of classic BPF, <linux/bpf_common.h>: BPF_LD|BPF_W|BPF_ABS loads a 32-bit word of struct seccomp_data into the
# accumulator; BPF_JMP with BPF_JEQ, BPF_JGE or BPF_JSET (each |BPF_K) compares it with the operand; BPF_RET|BPF_K ends.
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
# Offsets in struct seccomp_data: int nr at 0, u32 arch at 4, u64 instruction_pointer at 8, u64 args[6] from 16. The low
# half of an argument comes first: both supported processors are little-endian.
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24
# SECCOMP_RET_ALLOW, SECCOMP_RET_USER_NOTIF, and SECCOMP_RET_ERRNO, whose low 16 bits are the errno.
_ALLOW, _TELL, _ERROR = 0x7FFF0000, 0x7FC00000, 0x00050000
# __X32_SYSCALL_BIT: x32 calls have the numbers of x86-64 with this bit set, and would bypass the comparisons below.
_X32 = 0x40000000
# Operation SECCOMP_SET_MODE_FILTER; flags SECCOMP_FILTER_FLAG_NEW_LISTENER and _WAIT_KILLABLE_RECV (only a fatal signal
# interrupts a call that waits for the supervisor).
_FILTER, _NEW_LISTENER, _WAIT_KILLABLE = 1, 1 << 3, 1 << 5

FAMILIES: Final = (1, 2, 10, 16)
"""Socket families that a host may open: local, IPv4, IPv6 and netlink. Others, such as vsock, could reach the machine's
hypervisor past every network namespace.
"""

TYPED_FOR_ANOTHER: Final = (0x5412, 0x541C)
"""ioctl requests TIOCSTI and TIOCLINUX, which put characters into another process's terminal."""

Step = tuple[int, int, int, int]


def _error(code: int) -> Step:
    return (_RETURN, 0, 0, _ERROR | code)


def _for_call(name: str, steps: list[Step]) -> list[Step]:
    """Return the steps for one system call, skipped for all others; empty if this processor does not have the call.

    The accumulator holds the call's number on entry. Steps that load something else must end in a return, since the
    next comparison expects the number.
    """
    if number(name) < 0:
        return []
    # Jumps count the steps to skip: 0 continues with the next one.
    return [(_EQUAL, 0, len(steps), number(name)), *steps]


def program() -> list[Step]:
    """Return the filter as steps (opcode, steps to skip if true, steps to skip if false, operand)."""
    # Calls of another architecture, such as 32-bit calls on x86-64, have other numbers: refuse them all.
    steps: list[Step] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, ARCHITECTURES[machine()]),
        _error(errno.ENOSYS),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine() == "x86_64":
        steps += [(_AT_LEAST, 0, 1, _X32), _error(errno.ENOSYS)]
    for name in ENTERED:
        steps += _for_call(name, [(_RETURN, 0, 0, _TELL)])
    for name in REFUSED:
        steps += _for_call(name, [_error(errno.EPERM)])
    for name in UNKNOWN:
        steps += _for_call(name, [_error(errno.ENOSYS)])
    allow: Step = (_RETURN, 0, 0, _ALLOW)
    first: Step = (_LOAD, 0, 0, _FIRST)
    for name in ("clone", "unshare"):
        steps += _for_call(name, [first, (_ANY_BIT, 0, 1, NEW_ANYTHING), _error(errno.EPERM), allow])
    for name in ("socket", "socketpair"):
        # A match skips the remaining comparisons and the error, and lands on `allow`.
        known = [(_EQUAL, len(FAMILIES) - place, 0, family) for place, family in enumerate(FAMILIES)]
        steps += _for_call(name, [first, *known, _error(errno.EAFNOSUPPORT), allow])
    # The reverse: a match skips the remaining comparisons and `allow`, and lands on the error.
    typed = [(_EQUAL, len(TYPED_FOR_ANOTHER) - place, 0, each) for place, each in enumerate(TYPED_FOR_ANOTHER)]
    steps += _for_call("ioctl", [(_LOAD, 0, 0, _SECOND), *typed, allow, _error(errno.EPERM)])
    return [*steps, allow]


def install() -> int:
    """Install the filter on this process and its descendants.

    Returns:
        The descriptor on which the kernel reports every program that is about to start.

    Raises:
        OSError: The kernel does not support such filters, or a filter with a listener is already installed.
    """
    steps = program()
    # struct sock_filter: u16 code, u8 jt, u8 jf, u32 k. struct sock_fprog: u16 len, 6 bytes of padding, pointer.
    packed = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    filter_program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(packed)))
    return call("seccomp", _FILTER, _NEW_LISTENER | _WAIT_KILLABLE, filter_program)
