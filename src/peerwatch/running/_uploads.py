"""Keeps a run's folder in a store while the run is at work on this machine."""

import fcntl
import hashlib
import io
import json
import os
import threading
import time
import uuid
import zipfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from peerwatch.core import storage
from peerwatch.core.log_places import ARCHIVE
from peerwatch.core.storage import StorageError
from peerwatch.core.writing import append_lines, write_whole
from peerwatch.records import LEDGER, LOGS, MANIFEST_FILE, SESSIONS, UPLOADED, LogFile, Row, rows_in

EVERY = 10.0
"""Seconds between two uploads, at least."""

SHARE = 0.1
"""Of the time that uploads may take from the run."""

CHUNK = 1 << 20
"""Bytes after which a new file of ledger entries begins, so that an upload never repeats more."""

LATE = 30.0
"""Seconds that a store may take until a file that was written can be read."""

_WRITER = ".writer"
"""File beside the locks of the sessions: the name of this folder among all that write to the same place."""

_IMPORTED = ".imported"
"""File beside it: how many ledger entries of other machines are already in the ledger here."""


def bring_run(folder: Path) -> None:
    """Download a run from its store into the run's folder on this machine, so that it can be resumed.

    Raises:
        StorageError: If the store does not answer.
    """
    RunUpload(folder).pull()


@dataclass
class RunUpload:
    """Synchronizes a run's folder with its store; does nothing for a local folder.

    Logs and other files are uploaded as they change. The ledger is one file here and several there: each machine
    uploads the entries of its own sessions to files of its own, and reads those of the others, so that all of them
    count against the budget.

    Attributes:
        folder: The run's, from `storage.work_folder`.
    """

    folder: Path
    _sent: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    """File to size and time of change when it was uploaded."""
    _chunks: list[bytes] = field(default_factory=list[bytes])
    """Ledger entries of this folder's sessions, in files as they are uploaded."""
    _uploaded: list[bytes] = field(default_factory=list[bytes])
    _offset: int = 0
    _seen: dict[str, str] = field(default_factory=dict[str, str])
    """Ledger file of another machine to its version when it was read."""
    _kept: dict[str, int] = field(default_factory=dict[str, int])
    """Log to its size in the store, for those of earlier sessions."""
    _listed: bool = False

    @property
    def remote(self) -> bool:
        """Whether there is a store."""
        return storage.url_of(self.folder) != ""

    def pull(self) -> None:
        """Download what other machines have written: plan, logs and ledger entries.

        Raises:
            StorageError: If the store does not answer.
        """
        if not self.remote:
            return
        with self.alone():
            storage.pull(self.folder, self._of_others)
            self._import()

    def push(self) -> None:
        """Upload changed files. A log that is being written is skipped until the next upload.

        Raises:
            StorageError: If the store does not answer, or refuses.
        """
        if not self.remote or not self._place.is_dir():
            return
        with self.alone():
            if not self._listed:
                self._listed = True
                self._kept = {each.name: each.size for each in storage.listing(self.folder, f"{LOGS}/**")}
            for name, file in self._files():
                self._send(name, file)
            self._send_ledger()
            self._import()

    @contextmanager
    def kept_up(self, tell: Callable[[str], None]) -> Generator[None]:
        """Upload at intervals while the block runs, and once more when it ends, even if it fails.

        Args:
            tell: Called with a line when the store stops answering.

        Raises:
            StorageError: If the last upload fails. The folder still has everything.
        """
        if not self.remote:
            yield
            return
        over = threading.Event()
        beside = threading.Thread(target=self._keep_up, args=(over, tell), daemon=True, name="upload")
        beside.start()
        try:
            yield
        finally:
            over.set()
            beside.join()
            self.push()

    def verified_logs(self) -> dict[str, LogFile]:
        """Read every log back from the store, and upload those that differ again.

        Returns:
            Every log by its path in the folder.

        Raises:
            StorageError: If one cannot be read back as it was written.
        """
        found: dict[str, LogFile] = {}
        for file in sorted((self.folder / LOGS).rglob(f"*{ARCHIVE}")):
            name = file.relative_to(self.folder).as_posix()
            data = file.read_bytes()
            if self._is_ours(name) and self.remote:
                _read_back(file, data)
            found[name] = LogFile(size=len(data), sha256=hashlib.sha256(data).hexdigest())
        return found

    def write(self, name: str, text: str) -> None:
        """Write a small file here and in the store, and read it back.

        Raises:
            OSError: If it cannot be written here.
            StorageError: If it cannot be written there.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self.folder / name, text)
        if self.remote:
            storage.write(self.folder / name, text.encode())
            _read_back(self.folder / name, text.encode())

    @property
    def _place(self) -> Path:
        return self.folder / SESSIONS

    def _keep_up(self, over: threading.Event, tell: Callable[[str], None]) -> None:
        pause, told = EVERY, False
        while not over.wait(pause):
            begun = time.monotonic()
            try:
                self.push()
                told = False
            except (StorageError, OSError) as error:
                if not told:
                    tell(f"{error} The run continues; its episodes are kept on this machine until then.")
                told = True
            # Uploading then takes at most the share `SHARE` of the time, however slow the store is.
            pause = max(EVERY, (time.monotonic() - begun) / SHARE)

    @contextmanager
    def alone(self, over: Literal["upload", "ending"] = "upload") -> Generator[None]:
        """Let one process of this machine at a time upload, so that no older content follows a newer one.

        Args:
            over: `ending` is a lock of its own: it may be held while others upload.
        """
        self._place.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._place / f".{over}", os.O_CREAT | os.O_RDWR, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _files(self) -> Iterator[tuple[str, Path]]:
        """Files to upload, logs first. Ledger, manifest and locks are handled separately."""
        inside = [(file.relative_to(self.folder), file) for file in self.folder.rglob("*") if file.is_file()]
        for path, file in sorted(inside, key=lambda each: (each[0].parts[0] != LOGS, str(each[0]))):
            hidden = any(part.startswith(".") for part in path.parts)
            if not hidden and path.parts[0] not in (SESSIONS, UPLOADED) and str(path) not in (LEDGER, MANIFEST_FILE):
                yield path.as_posix(), file

    def _send(self, name: str, file: Path) -> None:
        try:
            before = file.stat()
            mark = (before.st_size, before.st_mtime_ns)
            if self._sent.get(name) == mark or not self._is_ours(name):
                return
            if self._kept.pop(name, -1) == before.st_size:  # of an earlier session: a log grows, or is what it was
                self._sent[name] = mark
                return
            data = file.read_bytes()
        except FileNotFoundError:
            return  # a file that was replaced or removed just now
        # A zip archive has its directory at the end, so an archive that is being written is not valid yet.
        if name.endswith(ARCHIVE) and not zipfile.is_zipfile(io.BytesIO(data)):
            return
        storage.write(file, data)
        self._sent[name] = mark

    def _is_ours(self, name: str) -> bool:
        """Return whether a file is this machine's to upload: a log of one of its sessions, or no log at all."""
        parts = name.split("/")
        return parts[0] != LOGS or len(parts) < 3 or (self._place / parts[1]).exists()

    def _of_others(self, name: str) -> bool:
        """Return whether this folder takes a file from the store: others' logs, and what it does not have."""
        parts = name.split("/")
        if name == LEDGER or parts[0] == UPLOADED or name.endswith(storage.LARGE):
            return False
        return not self._is_ours(name) if parts[0] == LOGS else not (self.folder / name).exists()

    def _send_ledger(self) -> None:
        for row in self._new_rows():
            if (self._place / str(row["session"])).exists():
                if not self._chunks or len(self._chunks[-1]) > CHUNK:
                    self._chunks.append(b"")
                self._chunks[-1] += json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
        for number, chunk in enumerate(self._chunks):
            # Chunks only grow, so an equal length means equal content.
            if number < len(self._uploaded) and len(self._uploaded[number]) == len(chunk):
                continue
            storage.write(self.folder / UPLOADED / f"{self._writer()}-{number:05}.jsonl", chunk)
            self._uploaded[number:] = [chunk]

    def _new_rows(self) -> list[Row]:
        file = self.folder / LEDGER
        if not file.is_file():
            return []
        with file.open("rb") as ledger:
            ledger.seek(self._offset)
            data = ledger.read()
        whole = data.rfind(b"\n")  # an entry begins with its line break: what follows the last one may be partial
        last = rows_in(data[whole + 1 :]) if whole >= 0 else []
        used = data if last else data[: max(whole, 0)]
        self._offset += len(used)
        return rows_in(used)

    def _writer(self) -> str:
        file = self._place / _WRITER
        if not file.is_file():
            write_whole(file, uuid.uuid4().hex[:12])
        return file.read_text(encoding="utf-8")

    def _import(self) -> None:
        """Add the ledger entries of other machines to the ledger here."""
        own = f"{self._writer()}-"
        kept = self._place / _IMPORTED
        counts: dict[str, int] = {}
        with suppress(OSError, ValueError):
            counts = dict(json.loads(kept.read_text(encoding="utf-8")))
        for each in storage.listing(self.folder / UPLOADED, "*.jsonl"):
            if each.name.startswith(own) or self._seen.get(each.name) == each.version:
                continue
            rows = rows_in(storage.read(self.folder / UPLOADED / each.name))
            # Not what they have begun: this machine cannot see whether they are still alive, and its own claims count.
            new = [row for row in rows[counts.get(each.name, 0) :] if row["kind"] != "claim"]
            append_lines(self.folder / LEDGER, [json.dumps(row, separators=(",", ":")) for row in new])
            counts[each.name] = len(rows)
            write_whole(kept, json.dumps(counts))
            self._seen[each.name] = each.version


def _read_back(file: Path, data: bytes) -> None:
    """Make sure that a file in a store has this content.

    Raises:
        StorageError: If it has not, although it was written again.
    """
    until, pause = time.monotonic() + LATE, 0.1
    while True:
        try:
            if storage.read(file) == data:
                return
            storage.write(file, data)
        except FileNotFoundError:
            storage.write(file, data)
        if time.monotonic() > until:
            raise StorageError(
                f"{storage.url_of(file)} cannot be read back as it was written. The same command tries again; "
                "nothing is lost on this machine."
            )
        time.sleep(pause)
        pause = min(2 * pause, 5.0)
