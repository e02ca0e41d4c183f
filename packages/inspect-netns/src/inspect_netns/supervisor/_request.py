"""What a host's init is asked to do, and how it answers."""

from typing import Final, Literal, NotRequired, TypedDict

PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

GIVEN: Final = 4
HOST: Final = 5
"""Descriptors of a program that is started apart: the root file system as the host was given it, and the host's own."""


class Request(TypedDict):
    """One thing to be done as one user of the host, in one working directory.

    `run` starts `words` as a program with its arguments. `read` copies at most `most` bytes of the file `words[0]` to
    standard output; `write` makes it of standard input. Relative paths are under `cwd`. A user of "" is the host's own.
    `apart` starts a program in the root file system as the host was given it, where nothing of the host's can change
    it; descriptor `HOST` is then the host's root.
    """

    do: Literal["run", "read", "write"]
    words: list[str]
    environment: dict[str, str]
    cwd: str
    user: str
    most: int
    apart: NotRequired[bool]


class Answer(TypedDict, total=False):
    """How it ended: with the exit status (128 and the signal's number after a signal), or with what stood in the way.

    `errno` is the kernel's reason why the program or file could not be opened, `about` what it was about. `user` is a
    user whom the host does not have. `full` means that the host can start no further process.
    """

    exit: int
    errno: int
    about: Literal["program", "file", "cwd"]
    user: str
    full: bool
