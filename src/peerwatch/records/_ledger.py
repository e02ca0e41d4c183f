"""The ledger of a run: every call paid for and every episode begun or ended, by any process, in one append-only file.

The logs say what was found; the ledger says what was spent and who is at work. So a call of an episode that a kill
cut short still counts against the cap, and two processes never run the same episode.
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
"""Files beside those of the sessions, whose names begin with a digit."""

Row = dict[str, Any]
"""One entry: `kind`, `at` (seconds of the epoch), `up` and `boot` (see `uptime`), `session`, and what the kind says."""

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
"""Linux tells the boots of a machine, and so its monotonic clocks, apart by this."""


class FolderGoneError(StudyError):
    """A run's folder was moved or removed while the run was at work in it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"the run's folder {folder} was moved or removed while the run was at work in it. Put it back, or name it "
            "where it is now: peerwatch run --resume FOLDER. Episodes that have ended since the move run again. "
            "A folder of the old name, with a copy of the log, may be removed."
        )


@cache
def boot() -> str:
    """What tells this boot of this machine from others; a name of this process's own where the system has none."""
    if BOOT_ID.is_file():
        return BOOT_ID.read_text(encoding="ascii").strip()[:8]
    with suppress(OSError, subprocess.SubprocessError):
        asked = subprocess.run(
            ["/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"], capture_output=True, text=True, timeout=5, check=True
        )  # macOS
        return asked.stdout.strip()[:8]
    return uuid.uuid4().hex[:8]


def uptime() -> float:
    """Seconds of a clock that nobody can set, which all processes of one boot share.

    On Linux and macOS it stands still while the machine sleeps.
    """
    return time.monotonic()


@dataclass
class Ledger:
    """One process's view of a run's ledger.

    Attributes:
        folder: The run's folder.
        session: Name of this process's session; names sort by the time at which sessions began.
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
        """Where the entries are."""
        return self.folder / LEDGER

    def open(self) -> None:
        """Begin a session; others see that it is alive for as long as this process is.

        Raises:
            OSError: If the folder cannot be written.
        """
        place = self.folder / SESSIONS
        place.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(place / self.session, os.O_CREAT | os.O_RDWR, 0o644)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def close(self) -> None:
        """End the session; its claims are void from now on."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def write(self, kind: str, **said: object) -> None:
        """Append an entry.

        A single `write` to a file opened for appending is whole or absent, and a line that a kill has torn ends at
        the next entry's own line break.

        Raises:
            FolderGoneError: If the run's folder was moved or removed.
            OSError: If the disk is full.
        """
        clocks = {"at": round(time.time(), 3), "up": round(uptime(), 3), "boot": boot()}
        row = {"kind": kind, **clocks, "session": self.session, **said}
        line = b"\n" + json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode()
        if self._lock is not None and not (self.folder / SESSIONS / self.session).exists():
            raise FolderGoneError(self.folder)  # Inspect may have made a folder of the name anew, for its log
        handle = os.open(self.file, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o644)
        try:
            os.write(handle, line)
        finally:
            os.close(handle)

    def news(self) -> list[Row]:
        """The entries, of all sessions, since this was last asked."""
        if not self.file.exists():
            return []
        with self.file.open("rb") as file:
            file.seek(self._offset)
            data = file.read()
        self._offset += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        last = _row(self._rest)
        if last is not None:  # an entry is whole without a line break after it
            self._rest = b""
            lines.append(json.dumps(last).encode())
        return [row for line in lines if (row := _row(line)) is not None]

    def alive(self, session: str) -> bool:
        """Whether the process of a session is still at work."""
        if session == self.session:
            return True
        try:
            handle = os.open(self.folder / SESSIONS / session, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)  # two that look at once must not take each other for it
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    @contextmanager
    def alone(self, over: Literal["claims", "report"] = "claims") -> Generator[None]:
        """Hold a lock of the run, so that what is done in it is one step to all other processes.

        Args:
            over: What the lock is for: reading what is claimed and claiming, or reading the logs and writing the
                report, which takes longer.

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


def _row(line: bytes) -> Row | None:
    """An entry; `None` for an empty line, or one that a kill has torn."""
    try:
        found: Any = json.loads(line) if line else None
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    row = ledger_row(cast("Row", found))
    return row if row.keys() >= {"kind", "at", "session"} else None
