"""The filter on a host's calls of the kernel: what is refused, and what is told to the keeper first.

It is put in place once, in the host's init, and every process of the host comes of that one. Nobody can take it off.
"""

import ctypes
import errno
import struct
from typing import Final

from ._calls import ARCHITECTURES, ENTERED, REFUSED, UNKNOWN, machine, number
from ._linux import NEW_ANYTHING, call

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24  # offsets in struct seccomp_data; low halves of the arguments
_ALLOW, _TELL, _ERROR = 0x7FFF0000, 0x7FC00000, 0x00050000
_X32 = 0x40000000
_FILTER, _NEW_LISTENER, _WAIT_KILLABLE = 1, 1 << 3, 1 << 5

FAMILIES: Final = (1, 2, 10, 16)
"""Sockets that a host may open: local, IPv4, IPv6 and netlink. Among the others are those that reach a machine's
hypervisor (vsock) past every network namespace."""

TYPED_FOR_ANOTHER: Final = (0x5412, 0x541C)
"""Requests that put characters into another's terminal."""

Step = tuple[int, int, int, int]


def _error(code: int) -> Step:
    return (_RETURN, 0, 0, _ERROR | code)


def _for_call(name: str, steps: list[Step]) -> list[Step]:
    """Steps taken when the call is this one; the accumulator holds the call's number before and after."""
    if number(name) < 0:
        return []
    return [(_EQUAL, 0, len(steps), number(name)), *steps]


def program() -> list[Step]:
    """The filter as steps (code, jump if true, jump if false, operand)."""
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
        known = [(_EQUAL, len(FAMILIES) - place, 0, family) for place, family in enumerate(FAMILIES)]
        steps += _for_call(name, [first, *known, _error(errno.EAFNOSUPPORT), allow])
    typed = [(_EQUAL, len(TYPED_FOR_ANOTHER) - place, 0, each) for place, each in enumerate(TYPED_FOR_ANOTHER)]
    steps += _for_call("ioctl", [(_LOAD, 0, 0, _SECOND), *typed, allow, _error(errno.EPERM)])
    return [*steps, allow]


def install() -> int:
    """Put the filter on this process and all that come of it.

    Returns:
        The descriptor on which the kernel tells of every program that is about to be started.

    Raises:
        OSError: The kernel has no such filters, or another one with a listener stands already.
    """
    steps = program()
    packed = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    described = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(packed)))
    return call("seccomp", _FILTER, _NEW_LISTENER | _WAIT_KILLABLE, described)
