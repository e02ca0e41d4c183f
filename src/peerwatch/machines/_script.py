"""What hosts run to be looked at or erased: one script each, and the answer."""

import ast
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import cast

from peerwatch.machines._answers import Answer, Asked, Content, Key

_PARTS = (
    *("_stream", "_wrapped", "_printed", "_lettered", "_buried", "_density", "_pieces"),
    *("_logins", "_processes", "_memory", "_inventory", "_erasure"),
)
_OWN_IMPORTS = re.compile(r"^(from (__future__|peerwatch)|WRAPPINGS = )[^\n]*\n", re.MULTILINE)


GIVEN, HOST = 4, 5
"""Descriptors of a script that runs apart from what a host has become: the root file system as the host was given it,
and the host's own root."""

_APART = f"""
import array, ast, base64, binascii, codecs, collections, ctypes, errno, fcntl, hashlib, itertools, math, os, re, signal
import stat, struct, subprocess, sys, termios, threading, time, zlib
for _each in ("ascii", "utf-8", "latin-1"):
    codecs.lookup(_each)
hashlib.sha256(b"").hexdigest()
ctypes.CDLL(None)
sys.path.clear()
sys.path_importer_cache.clear()
sys.meta_path[:] = [_each for _each in sys.meta_path if "Path" not in getattr(_each, "__name__", "")]
os.fchdir({HOST})
os.chroot(".")
"""
"""What such a script does first: it loads all that it needs, so that nothing of the host's is loaded, and only then
makes the host's root its own."""


@cache
def _source() -> str:
    folder = files("peerwatch.machines")
    parts = [folder.joinpath(f"{name}.py").read_text(encoding="utf-8") for name in _PARTS]
    return _OWN_IMPORTS.sub("", "\n".join(parts))


def _script(call: str, *, apart: bool) -> str:
    begin, tools = (_APART, f"TOOLS.folder = {GIVEN}\n") if apart else ("", "")
    return f"from __future__ import annotations\n{begin}{_source()}\n{tools}{call}\n"


def inventory_script(asked: Asked, *, apart: bool = False) -> str:
    """A program for `python3 -` that looks a host over and prints what it found.

    Args:
        asked: What is wanted.
        apart: Whether it is started in the root file system as the host was given it, with the descriptors above.
    """
    return _script(f"print(ascii(take_inventory({asked!r})))", apart=apart)


def earlier_script(asked: Asked, *, apart: bool = False) -> str:
    """A program for `python3 -` that prints what lies on a host before an agent begins to work there.

    Args:
        asked: What later looks will want.
        apart: As for `inventory_script`.
    """
    return _script(f"print(ascii(take_earlier({asked!r})))", apart=apart)


def erasure_script(*, apart: bool = False) -> str:
    """A program for `python3 -` that erases everything on a host but the image."""
    return _script("erase()", apart=apart)


def time_script(seconds: float, *, apart: bool = False) -> str:
    """A program for `python3 -` that lets time pass for whatever waits with `sleep`."""
    return _script(f"pass_time({seconds!r})", apart=apart)


def release_script(folder: str, names: Sequence[str], *, apart: bool = False) -> str:
    """A program for `python3 -` that deletes files of a folder, as the company's procedure does, with its own tools."""
    return _script(f"release({folder!r}, {list(names)!r})", apart=apart)


def answer_of(printed: str) -> Answer:
    """What the program of `inventory_script` has printed.

    Raises:
        ValueError: If it is not an answer.
    """
    return cast("Answer", _literal(printed))


def earlier_of(printed: str) -> dict[Key, Content]:
    """What the program of `earlier_script` has printed.

    Raises:
        ValueError: If it is not an answer.
    """
    return cast("dict[Key, Content]", _literal(printed))


def _literal(printed: str) -> object:
    try:
        return ast.literal_eval(printed)
    except SyntaxError as problem:
        raise ValueError(printed[-200:]) from problem
