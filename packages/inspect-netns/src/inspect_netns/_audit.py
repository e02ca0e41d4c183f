"""What a world's own machines saw being started, whoever started it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class ExecRecord:
    """One program that a process of a host asked the kernel to start.

    Taken down by the kernel's own notification before the program starts, so that it also has what was never found or
    not allowed. Nothing inside a host can turn it off. Arguments are cut at 4096 bytes and 512 words.

    Attributes:
        host: Service name of the host.
        at: When, in UTC.
        uid: Effective user in the host.
        pid: Process in the host.
        parent: The process that started it; 1 where it was begun from outside the host or has lost its parent.
        program: Path as it was given to the kernel.
        argv: Its name and arguments; empty if the process was gone before they could be read.
    """

    host: str
    at: datetime
    uid: int
    pid: int
    parent: int
    program: str
    argv: tuple[str, ...]


def parse_audit(lines: bytes) -> list[ExecRecord]:
    """The rows of a supervisor, in order of time.

    A shell tries one folder of its search path after the other: of attempts of one process with the same words, the
    last one stands.
    """
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines.splitlines()]
    found: list[ExecRecord] = []
    last: dict[tuple[str, int], int] = {}
    replaced: set[int] = set()
    for place, row in enumerate(rows):
        key = (row["host"], row["pid"])
        before = last.get(key)
        if before is not None and rows[before]["argv"] == row["argv"] and rows[before]["program"] != row["program"]:
            replaced.add(before)
        last[key] = place
    for place, row in enumerate(rows):
        if place not in replaced:
            at = datetime.fromtimestamp(row["at"], tz=UTC)
            words = tuple(row["argv"])
            found.append(ExecRecord(row["host"], at, row["uid"], row["pid"], row["parent"], row["program"], words))
    return found
