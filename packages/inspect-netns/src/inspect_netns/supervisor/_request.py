"""Requests to a host's init, and its answers."""

from typing import Final, Literal, NotRequired, TypedDict

PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

GIVEN: Final = 4
HOST: Final = 5
"""Descriptors of a program run with `apart`: the original root file system, and the host's current one."""


class Request(TypedDict):
    """One action, carried out as one user of the host in one working directory.

    `run` starts `words` as a program with its arguments. `read` copies at most `most` bytes of the file `words[0]` to
    standard output; `write` writes standard input to it. Relative paths are relative to `cwd`. The user "" is the
    host's default user. `apart` runs a program in the original root file system, which nothing on the host can change;
    its descriptor `HOST` is then the host's root.
    """

    do: Literal["run", "read", "write"]
    words: list[str]
    environment: dict[str, str]
    cwd: str
    user: str
    most: int
    apart: NotRequired[bool]


class Answer(TypedDict, total=False):
    """The result: the exit status (128 plus the signal number after a signal), or the reason for a failure.

    `errno` is the kernel's error for a program or file that could not be opened, `about` its path. `user` is a user
    that the host does not have. `full` means that the host can't start any further process.
    """

    exit: int
    errno: int
    about: Literal["program", "file", "cwd"]
    user: str
    full: bool
