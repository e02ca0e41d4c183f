"""The kernel's record of all programs started in a world."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class ExecRecord:
    """One program that a process of a host asked the kernel to start.

    The kernel reports it before the program starts, so programs that were not found or not permitted are included.
    Nothing inside a host can turn this off. Arguments are cut at 4096 bytes and 512 words.

    Attributes:
        host: Service name of the host.
        at: Time in UTC.
        uid: Effective user id in the host.
        pid: Process id in the host.
        parent: Process that started it; 1 if it was started from outside the host or its parent has ended.
        program: Path as given to the kernel.
        argv: Program name and arguments; empty if the process ended before they could be read.
    """

    host: str
    at: datetime
    uid: int
    pid: int
    parent: int
    program: str
    argv: tuple[str, ...]


def parse_audit(lines: bytes) -> list[ExecRecord]:
    """Parse a supervisor's records, in order of time.

    A shell tries the folders of its search path in turn: of several attempts of one process with the same words, only
    the last is kept.
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
