"""The ledger of a run: an append-only file of all paid calls and all started and finished episodes of all processes.

The logs record results; the ledger records spending and running processes. Calls of a killed episode therefore still
count against the spending cap, and two processes never run the same episode.
"""

import fcntl
import json
import os
import subprocess
import time
import uuid
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

from peerwatch.records._old_names import ledger_row
from peerwatch.records._study_error import StudyError

LEDGER = "ledger.jsonl"
SESSIONS = "sessions"
_LOCKS = {"claims": ".lock", "report": ".report"}
"""Lock files in the folder of the sessions. Their names start with a dot, those of sessions with a digit."""

Row = dict[str, Any]
"""One entry: `kind`, `at` (Unix time in s), `up` and `boot` (see `uptime`), `session`, and the fields of its kind."""

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
"""Linux's UUID of the current boot. Monotonic clocks can only be compared within one boot."""


class FolderGoneError(StudyError):
    """A run's folder was moved or removed while the run was at work in it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"the run's folder {folder} was moved or removed during the run. Move it back, or resume the run in "
            "its new place: peerwatch run --resume FOLDER. Episodes that finished after the move run again. "
            "You can delete a folder with the old name that holds a copy of the log."
        )


@cache
def boot() -> str:
    """Return an id of this boot of this machine, or one of this process if the system provides none."""
    if BOOT_ID.is_file():
        return BOOT_ID.read_text(encoding="ascii").strip()[:8]
    with suppress(OSError, subprocess.SubprocessError):
        asked = subprocess.run(
            ["/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"], capture_output=True, text=True, timeout=5, check=True
        )  # macOS
        return asked.stdout.strip()[:8]
    return uuid.uuid4().hex[:8]


def uptime() -> float:
    """Return the seconds of a monotonic clock, which all processes of one boot share and which cannot be set.

    On Linux and macOS it pauses while the machine sleeps.
    """
    return time.monotonic()


@dataclass
class Ledger:
    """One process's view of a run's ledger.

    Attributes:
        folder: The run's folder.
        session: Name of this process's session; names sort by the start time of the session.
    """

    folder: Path
    session: str = field(
        default_factory=lambda: f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{uuid.uuid4().hex[:6]}"
    )
    _offset: int = 0
    _rest: bytes = b""
    _lock: int | None = None

    @property
    def file(self) -> Path:
        """Path of the ledger file."""
        return self.folder / LEDGER

    def open(self) -> None:
        """Start a session; other processes see it as alive as long as this process runs.

        Raises:
            OSError: If the folder cannot be written.
        """
        place = self.folder / SESSIONS
        place.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(place / self.session, os.O_CREAT | os.O_RDWR, 0o644)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def close(self) -> None:
        """End the session, which releases its claims."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def write(self, kind: str, **said: object) -> None:
        """Append an entry.

        A single `write` to a file opened for appending is atomic, and each entry starts with its line break, so that a
        partial line of a killed process does not damage the next entry.

        Raises:
            FolderGoneError: If the run's folder was moved or removed.
            OSError: If the disk is full.
        """
        clocks = {"at": round(time.time(), 3), "up": round(uptime(), 3), "boot": boot()}
        row = {"kind": kind, **clocks, "session": self.session, **said}
        line = b"\n" + json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode()
        if self._lock is not None and not (self.folder / SESSIONS / self.session).exists():
            raise FolderGoneError(self.folder)  # a folder of this name may exist again: Inspect creates one for its log
        handle = os.open(self.file, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o644)
        try:
            os.write(handle, line)
        finally:
            os.close(handle)

    def news(self) -> list[Row]:
        """Return the entries of all sessions since the last call."""
        if not self.file.exists():
            return []
        with self.file.open("rb") as file:
            file.seek(self._offset)
            data = file.read()
        self._offset += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        last = _row(self._rest)
        if last is not None:  # an entry is complete without a line break after it
            self._rest = b""
            lines.append(json.dumps(last).encode())
        return [row for line in lines if (row := _row(line)) is not None]

    def alive(self, session: str) -> bool:
        """Return whether the process of a session is still running."""
        if session == self.session:
            return True
        try:
            handle = os.open(self.folder / SESSIONS / session, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            # A shared lock: with an exclusive one, two simultaneous checks would take each other for the session.
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    @contextmanager
    def alone(self, over: Literal["claims", "report"] = "claims") -> Generator[None]:
        """Hold a lock of the run, so that the block is atomic for all other processes.

        Args:
            over: Purpose of the lock: `claims` to read and add claims, `report` to read the logs and write the report,
                which takes longer.

        Raises:
            FolderGoneError: If the run's folder was moved or removed.
        """
        try:
            handle = os.open(self.folder / SESSIONS / _LOCKS[over], os.O_CREAT | os.O_RDWR, 0o644)
        except FileNotFoundError as error:
            raise FolderGoneError(self.folder) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


UPLOADED = "ledgers"
"""Subfolder of a run in a store: there, each machine keeps the entries of its own sessions in files of its own."""


def all_rows(folder: Path) -> list[Row]:
    """Return the entries of all sessions of a run, also of one that was fetched from a store, by session and time."""
    rows = Ledger(folder).news()
    known = {row["session"] for row in rows}
    for file in sorted((folder / UPLOADED).glob("*.jsonl")):
        rows += [row for row in rows_in(file.read_bytes()) if row["session"] not in known]
    return rows


def rows_in(data: bytes) -> list[Row]:
    """Return the entries in the content of a ledger; partial lines are left out."""
    return [row for line in data.split(b"\n") if (row := _row(line)) is not None]


def _row(line: bytes) -> Row | None:
    """Parse a line into an entry; `None` for an empty or partial line."""
    try:
        found: Any = json.loads(line) if line else None
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    row = ledger_row(cast("Row", found))
    return row if row.keys() >= {"kind", "at", "session"} else None
