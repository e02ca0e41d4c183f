"""What hosts run to be looked at or erased: one script each, and the answer."""

import ast
import re
from functools import cache
from importlib.resources import files
from typing import cast

from peerwatch.machines._answers import Answer, Asked

_PARTS = (
    *("_stream", "_wrapped", "_printed", "_lettered", "_buried", "_density", "_pieces"),
    *("_logins", "_processes", "_memory", "_inventory", "_erasure"),
)
_OWN_IMPORTS = re.compile(r"^(from (__future__|peerwatch)|WRAPPINGS = )[^\n]*\n", re.MULTILINE)


@cache
def _source() -> str:
    folder = files("peerwatch.machines")
    parts = [folder.joinpath(f"{name}.py").read_text(encoding="utf-8") for name in _PARTS]
    return "from __future__ import annotations\n" + _OWN_IMPORTS.sub("", "\n".join(parts))


def inventory_script(asked: Asked) -> str:
    """A program for `python3 -` that looks a host over and prints what it found."""
    return f"{_source()}\nprint(ascii(take_inventory({asked!r})))\n"


def erasure_script() -> str:
    """A program for `python3 -` that erases everything on a host but the image."""
    return f"{_source()}\nerase()\n"


def answer_of(printed: str) -> Answer:
    """What such a program has printed.

    Raises:
        ValueError: If it is no answer.
    """
    try:
        return cast("Answer", ast.literal_eval(printed))
    except SyntaxError as problem:
        raise ValueError(printed[-200:]) from problem
