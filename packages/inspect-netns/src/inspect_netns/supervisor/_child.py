"""Carry out a request in a child process of a host's init, as the requested user."""

import errno
import os
import signal
import stat
from typing import Final

from . import _linux as linux
from ._request import GIVEN, PATH, Answer, Request
from ._users import User, become, environment

MEBI: Final = 1 << 20


class RefusedError(Exception):
    """The request can't be carried out; contains the answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def prepare(user: User, cwd: str, *, apart: bool = False) -> None:
    """Drop the init's privileges and descriptors, become the user and change to the working directory.

    Raises:
        RefusedError: The directory is missing, or the user has no access to it.
    """
    os.setsid()
    # Before that, /proc shows this process's files to the machine's root only.
    linux.readable(by_others=True)
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    os.umask(0o022)
    # If memory runs out, the kernel should end these processes rather than the init.
    with open("/proc/self/oom_score_adj", "w", encoding="utf-8") as file:
        file.write("300")
    become(user)
    if apart:
        os.fchdir(GIVEN)
        os.chroot(".")
    try:
        os.chdir(cwd)
    except OSError as refused:
        raise RefusedError({"errno": refused.errno or errno.EIO, "about": "cwd"}) from refused


def run(request: Request, user: User) -> None:
    """Replace this process by a program; returns only if that fails.

    Raises:
        RefusedError: The program does not exist or is not executable.
    """
    words, variables = request["words"], environment(user, request["environment"])
    name = words[0]
    places = [""] if "/" in name else [f"{each or '.'}/" for each in variables.get("PATH", PATH).split(":")]
    code = errno.ENOENT
    # Changing the user has reset this; without it, a supervisor that is not root could not read the started program.
    linux.readable(by_others=True)
    for place in places:
        try:
            if "/" in name or os.access(place + name, os.F_OK):
                os.execve(place + name, words, variables)  # noqa: S606 - into a host, as one of its users
        except OSError as refused:
            code = refused.errno if refused.errno not in (None, errno.ENOTDIR) else code
    raise RefusedError({"errno": code, "about": "program"})


def _denied_to_its_owner(descriptor: int, bit: int) -> None:
    """Deny root access to files whose mode denies it to their owner; the kernel would allow root everything."""
    if not os.fstat(descriptor).st_mode & bit:
        raise PermissionError(errno.EACCES, "its mode denies it")


def read(request: Request) -> None:
    """Copy a file to standard output, up to a number of bytes.

    Raises:
        OSError: It does not exist, is a directory, or may not be read.
    """
    descriptor = os.open(request["words"][0], os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "a directory")
    _denied_to_its_owner(descriptor, stat.S_IRUSR)
    left = request["most"]
    while left > 0 and (part := os.read(descriptor, min(left, MEBI))):
        left -= len(part)
        _put(1, part)


def write(request: Request) -> None:
    """Write standard input to a file, and create its parent folders.

    Raises:
        OSError: It is a directory, or may not be written.
    """
    path = request["words"][0]
    above = os.path.dirname(path)
    if above:
        os.makedirs(above, exist_ok=True)
    if os.path.isdir(path) or path.endswith("/"):
        raise IsADirectoryError(errno.EISDIR, "a directory")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    _denied_to_its_owner(descriptor, stat.S_IWUSR)
    os.ftruncate(descriptor, 0)
    while part := os.read(0, MEBI):
        _put(descriptor, part)


def _put(descriptor: int, part: bytes) -> None:
    while part:
        part = part[os.write(descriptor, part) :]


def carry_out(request: Request, user: User) -> Answer:
    """Carry out a request; returns unless the process became a program.

    Returns:
        The answer to send.
    """
    try:
        prepare(user, request["cwd"], apart=request.get("apart", False))
        if request["do"] == "run":
            run(request, user)
        {"read": read, "write": write}[request["do"]](request)
    except RefusedError as refused:
        return refused.answer
    except OSError as refused:
        return {"errno": refused.errno or errno.EIO, "about": "file"}
    return {"exit": 0}
