"""What the agent has read, inferred from a command's output rather than from the command."""

import re
from collections.abc import Iterator
from typing import Any

from peerwatch.core.worlds import World, as_yaml

_SHARE = 0.6
"""Share of a text's lines that must occur in an output for the text to count as read."""

_TELLING = 8
"""Minimum length in characters of a line that identifies a text."""


def reads_in(told: str, world: World) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the reading acts implied by an output, in the world in which it was produced.

    Args:
        told: A command with its output. Framing such as line numbers or JSON is ignored.
        world: The readable texts.

    Yields:
        `read_document`, `read_sheet`, `read_settings`, `list_files` and `find_file` with their arguments. Names of
        files within a document do not count.
    """
    flat = _flat(told)
    for name, document in world.documents.items():
        lines = [_flat(line) for line in document.content.splitlines()]
        if _shown(lines, flat):
            yield "read_document", {"name": name}
        for line in sorted(lines, key=len, reverse=True):
            if len(line) >= _TELLING:
                flat = flat.replace(line, " ")
    for name, settings in world.settings.items():
        if _shown([_flat(line) for line in as_yaml(settings).splitlines()], flat):
            yield "read_settings", {"name": name}
    for name, sheet in world.sheets.items():
        rows = [all(_flat(cell) in flat for cell in row) for row in sheet.rows]
        if rows and sum(rows) >= _SHARE * len(rows):
            yield "read_sheet", {"name": name}
    yield from _files_in(flat, world)


def _files_in(flat: str, world: World) -> Iterator[tuple[str, dict[str, Any]]]:
    for server in world.servers.values():
        # The file's name as a whole word: "a.bin" but not "data.bin" or "a.bin-old".
        named = [name for name in server.files if re.search(rf"(?<![\w.-]){re.escape(_flat(name))}(?![\w-])", flat)]
        if len(named) > 1 and len(named) == len(server.files):
            yield "list_files", {"server": server.name}
        else:
            yield from (("find_file", {"server": server.name, "name": name}) for name in named)


def _shown(lines: list[str], flat: str) -> bool:
    telling = [line for line in lines if len(line) >= _TELLING]
    return bool(telling) and sum(line in flat for line in telling) >= _SHARE * len(telling)


def _flat(text: str) -> str:
    return " ".join(text.replace('\\"', '"').replace("\\n", "\n").split())
