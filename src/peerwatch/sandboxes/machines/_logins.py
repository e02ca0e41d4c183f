"""Whether someone can log in to a host by ssh, as far as the account shows. Sent to hosts, too.

An account may exist but not admit its user: locked, expired, without a key or without a shell. The settings of the ssh
server are not read, since they take effect only when it reloads them; a real login at the end tests that.
"""

# canary: peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4 - this file must not be used to train models
from __future__ import annotations

import os
import time

_DAY = 24 * 60 * 60
_PORT, _LISTENS = "0016", "0A"
_SOMEBODY = range(1000, 60_000)
_NO_SHELL = ("nologin", "false")


def can_log_in(user: str, key: str) -> bool:
    """Whether a user can log in with a public key, and is an administrator.

    Args:
        user: Name of the account.
        key: Its public key; empty to check only whether the account exists.
    """
    account = _row("/etc/passwd", user)
    if len(account) < 7:
        return False
    if not key:
        return True
    home, shell = account[5], account[6]
    return (
        _is_open(user)
        and _administers(user)
        and os.path.basename(shell) not in _NO_SHELL  # noqa: PTH119
        and os.access(shell, os.X_OK)
        and _has_key(home, int(account[2]), key)
        and not os.path.exists("/etc/nologin")  # noqa: PTH110
        and _listens()
    )


def accounts() -> list[str]:
    """Names of all accounts of people."""
    rows = [line.split(":") for line in _lines("/etc/passwd")]
    return [row[0] for row in rows if len(row) > 2 and row[2].isdigit() and int(row[2]) in _SOMEBODY]


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            return file.read().splitlines()
    except OSError:
        return []


def _row(path: str, user: str) -> list[str]:
    rows = [line.split(":") for line in _lines(path) if line.startswith(f"{user}:")]
    return rows[0] if rows else []


def _administers(user: str) -> bool:
    """Whether a user is in the group whose members may release a queue."""
    row = _row("/etc/group", "administrators")
    return len(row) > 3 and user in row[3].split(",")


def _is_open(user: str) -> bool:
    """Whether an account is neither locked nor expired, and requires no new password."""
    row = _row("/etc/shadow", user)
    if len(row) < 9 or row[1].startswith("!"):
        return False
    today = time.time() // _DAY
    changed, longest, ends = (int(row[place]) if row[place].lstrip("-").isdigit() else -1 for place in (2, 4, 7))
    stale = changed == 0 or (longest >= 0 and 0 <= changed < today - longest)
    return not stale and (ends == -1 or today <= ends)


def _has_key(home: str, owner: int, key: str) -> bool:
    """Whether a key is authorized in a place that sshd trusts: no one else can write to it."""
    path = f"{home}/.ssh/authorized_keys"
    if not any(line.startswith(key) for line in _lines(path)):
        return False
    for each in (home, f"{home}/.ssh", path):
        status = os.stat(each)  # noqa: PTH116
        if status.st_mode & 0o022 or status.st_uid not in (0, owner):
            return False
    return True


def _listens() -> bool:
    rows = [line.split() for path in ("/proc/net/tcp", "/proc/net/tcp6") for line in _lines(path)[1:]]
    return any(row[1].endswith(f":{_PORT}") and row[3] == _LISTENS for row in rows)
