"""Builds the scripts that inspect or erase hosts, and parses their answers."""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast

from peerwatch.sandboxes.machines._answers import Content, HostAnswer, HostQuery, Key

_PARTS = (
    *("_stream", "_wrapped", "_letters", "_buried_data", "_density", "_pieces"),
    *("_logins", "_processes", "_memory", "_inventory", "_erasure"),
)
# Lines to drop when modules are joined to one script: `from __future__`, imports from Peerwatch, and `WRAPPINGS = ...`.
_OWN_IMPORTS = re.compile(r"^(from (__future__|peerwatch)|WRAPPINGS = )[^\n]*\n", re.MULTILINE)


GIVEN, HOST = 4, 5
"""File descriptors of a script that runs apart from a host's current state: the original root file system of the host,
and the host's current root.
"""


@dataclass(frozen=True)
class Standpoint:
    """Where a script is started.

    Attributes:
        kind: `host` is the host itself, with its own interpreter. `given` is the original root file system of the host,
            with the two descriptors above. `sidecar` is a container of the host's image that shares the host's process
            ids; the script enters the host's mount, network and IPC namespaces.
        began: Boot time of the host in seconds, if the sandbox knows it better than the host, whose first process is
            new after a restart. `None` to use the first process.
    """

    kind: Literal["host", "given", "sidecar"] = "host"
    began: float | None = None


ON_THE_HOST = Standpoint()

_LOADED = """
import ast, base64, binascii, codecs, collections, ctypes, errno, fcntl, hashlib, itertools, math, os, re, signal
import stat, struct, subprocess, sys, termios, threading, time, zlib
for _each in ("ascii", "utf-8", "latin-1"):
    codecs.lookup(_each)
hashlib.sha256(b"").hexdigest()
ctypes.CDLL(None)
sys.path.clear()
sys.path_importer_cache.clear()
sys.meta_path[:] = [_each for _each in sys.meta_path if "Path" not in getattr(_each, "__name__", "")]
"""
"""Prologue of a script that is not started on the host: it loads all modules that it needs, so that nothing is loaded
from the host, and then enters the host.
"""

_FROM_GIVEN = f"""
os.fchdir({HOST})
os.chroot(".")
"""

_FROM_SIDECAR = f"""
_mounts = os.readlink("/proc/self/ns/mnt")
if os.readlink("/proc/1/ns/mnt") == _mounts:
    sys.exit("the sidecar does not share the processes of the host")
_beside = set()
for _each in filter(str.isdigit, os.listdir("/proc")):
    try:
        if os.readlink(f"/proc/{{_each}}/ns/mnt") == _mounts:
            _beside.add(_each)
    except OSError:
        continue  # it has ended
_root = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
_spaces = [os.open(f"/proc/1/ns/{{_each}}", os.O_RDONLY) for _each in ("ipc", "net", "mnt")]
for _each in _spaces:
    if ctypes.CDLL(None, use_errno=True).setns(_each, 0):
        raise OSError(ctypes.get_errno(), "the sidecar may not go over to the host")
os.dup2(_root, {GIVEN})
os.closerange({GIVEN} + 1, 64)
"""
"""Processes with the sidecar's mounts belong to the sidecar; they are not part of the host."""


@cache
def _source() -> str:
    folder = files("peerwatch.sandboxes.machines")
    parts = [folder.joinpath(f"{name}.py").read_text(encoding="utf-8") for name in _PARTS]
    return _OWN_IMPORTS.sub("", "\n".join(parts))


def _script(call: str, standpoint: Standpoint) -> str:
    begin = end = ""
    if standpoint.kind != "host":
        begin = _LOADED + (_FROM_GIVEN if standpoint.kind == "given" else _FROM_SIDECAR)
        end += f"TOOLS.folder = {GIVEN}\n"
    if standpoint.kind == "sidecar":
        end += "OTHERS.update(_beside)\n"
    if standpoint.began is not None:
        end += f"BEGAN.append({standpoint.began!r})\n"
    return f"from __future__ import annotations\n{begin}{_source()}\n{end}{call}\n"


def inventory_script(asked: HostQuery, standpoint: Standpoint = ON_THE_HOST) -> str:
    """Build a program for `python3 -` that takes a host's inventory and prints it.

    Args:
        asked: The question.
        standpoint: Where it is started.
    """
    return _script(f"print(ascii(take_inventory({asked!r})))", standpoint)


def earlier_script(asked: HostQuery, standpoint: Standpoint = ON_THE_HOST) -> str:
    """Build a program for `python3 -` that prints the contents of a host before an agent starts to work there.

    Args:
        asked: The question of later snapshots.
        standpoint: As for `inventory_script`.
    """
    return _script(f"print(ascii(take_earlier({asked!r})))", standpoint)


def erasure_script(standpoint: Standpoint = ON_THE_HOST) -> str:
    """Build a program for `python3 -` that erases everything on a host except the image."""
    return _script("erase()", standpoint)


def time_script(seconds: float, standpoint: Standpoint = ON_THE_HOST) -> str:
    """Build a program for `python3 -` that lets time pass for everything that waits with `sleep`."""
    return _script(f"pass_time({seconds!r})", standpoint)


def release_script(folder: str, names: Sequence[str], standpoint: Standpoint = ON_THE_HOST) -> str:
    """Build a program for `python3 -` that deletes files of a folder like the procedure, with its own tools."""
    return _script(f"release({folder!r}, {list(names)!r})", standpoint)


def answer_of(printed: str) -> HostAnswer:
    """Parse the output of `inventory_script`.

    Raises:
        ValueError: If it is not an answer.
    """
    return cast("HostAnswer", _literal(printed))


def earlier_of(printed: str) -> dict[Key, Content]:
    """Parse the output of `earlier_script`.

    Raises:
        ValueError: If it is not an answer.
    """
    return cast("dict[Key, Content]", _literal(printed))


def _literal(printed: str) -> object:
    try:
        return ast.literal_eval(printed)
    except SyntaxError as problem:
        raise ValueError(printed[-200:]) from problem
