"""A host's users, read from its files: the system's functions would load the host's libraries into its init."""

import os
from typing import NamedTuple

from ._request import PATH


class User(NamedTuple):
    """A user of a host, with all its groups."""

    name: str
    uid: int
    gid: int
    groups: list[int]
    home: str


class NoSuchUserError(Exception):
    """The host has no such user."""


def _lines(path: str, fields: int) -> list[list[str]]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            rows = [line.rstrip("\n").split(":") for line in file]
    except OSError:
        return []
    return [row for row in rows if len(row) >= fields]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else -1


def find(asked: str) -> User:
    """Find a user by name or number, optionally with `:group` to choose another group.

    Raises:
        NoSuchUserError: The host has no such user or group.
    """
    name, _, group = asked.partition(":")
    row = next((each for each in _lines("/etc/passwd", 7) if name in (each[0], each[2])), None)
    if row is not None:
        found = User(row[0], _number(row[2]), _number(row[3]), [], row[5] or "/")
    elif name in ("root", "0"):
        found = User("root", 0, 0, [], "/root")
    elif name.isascii() and name.isdigit():
        found = User(name, int(name), 0, [], "/")
    else:
        raise NoSuchUserError(asked)
    groups = _lines("/etc/group", 4)
    gid = found.gid
    if group:
        gid = next((_number(each[2]) for each in groups if group in (each[0], each[2])), _number(group))
    if min(found.uid, gid) < 0 or max(found.uid, gid) > 65535:
        raise NoSuchUserError(asked)
    others = {_number(each[2]) for each in groups if found.name in each[3].split(",")}
    return found._replace(gid=gid, groups=sorted({gid, *(other for other in others if 0 <= other <= 65535)}))


def become(user: User) -> None:
    """Change this process to the user."""
    os.setgroups(user.groups)
    os.setresgid(user.gid, user.gid, user.gid)
    os.setresuid(user.uid, user.uid, user.uid)


def environment(user: User, own: dict[str, str]) -> dict[str, str]:
    """Return a user's environment variables: the standard ones and those given."""
    return {"PATH": PATH, "HOME": user.home, "USER": user.name, "LOGNAME": user.name, "LANG": "C.UTF-8", **own}
