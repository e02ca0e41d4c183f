"""Keep ended episodes safe until Inspect has written their log.

Inspect rewrites a log as a whole whenever it adds to it, and holds the samples in memory until then. A run therefore
lets Inspect write a log once, at its end, and appends each episode that has ended to a file beside the log. After a
kill, the episodes in that file are put into the log; when a log is complete, its file is removed.

The file is one zstd frame (RFC 8878) of JSON lines, one per sample, with a block boundary after each line. Samples of
one study repeat most of each other's text, so in one frame they take less than half the space that they take in the
log. A kill leaves the frame without its end, and perhaps a part of a line; all complete lines can be read.
"""

import atexit
import fcntl
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import zstandard
from inspect_ai.log import EvalSample, read_eval_log, write_eval_log

UNSAVED = ".unsaved"
"""Added to the name of a log; the file beside it holds the episodes that it may lack."""

_LEVEL = 3
_WINDOW = 23
"""Base-2 logarithm of how far back zstd looks for text to refer to: 8 MiB, which is about 20 episodes."""

_READ = 2**16


class UnsavedFile:
    """The file beside a log that is being written, here or on another machine.

    It is locked as long as it is open, so that other processes do not take the run for dead.
    """

    def __init__(self, log: Path) -> None:
        """Create the file, or open the one that is there.

        Args:
            log: The log's path.

        Raises:
            OSError: If it cannot be written.
        """
        self.path = log.with_name(log.name + UNSAVED)
        self._handle = os.open(self.path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o644)
        fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def append(self, data: bytes) -> None:
        """Append bytes of the frame.

        Raises:
            OSError: If the disk is full.
        """
        view = memoryview(data)
        while view:
            view = view[os.write(self._handle, view) :]

    def close(self, *, remove: bool) -> None:
        """Close the file.

        Args:
            remove: Whether the log is complete, so that nothing needs the file any more.
        """
        if remove:
            self.path.unlink(missing_ok=True)
        os.close(self._handle)


class UnsavedLog(UnsavedFile):
    """The unsaved episodes of a log that this process writes."""

    def __init__(self, log: Path) -> None:
        """Create the file; see `UnsavedFile`."""
        super().__init__(log)
        make: Any = zstandard.ZstdCompressionParameters.from_level  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - untyped there
        parameters = make(_LEVEL, window_log=_WINDOW, enable_ldm=True)
        self._frame = zstandard.ZstdCompressor(compression_params=parameters).compressobj()

    def add(self, sample: EvalSample) -> int:
        """Append a sample; once this returns, a kill of this process does not lose it.

        Returns:
            How many bytes of JSON it is.

        Raises:
            OSError: If the disk is full.
        """
        line = sample.model_dump_json(exclude_none=True, fallback=lambda _: None).encode() + b"\n"
        self.append(self._frame.compress(line) + self._frame.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK))
        return len(line)


def lines_in(path: Path) -> Iterator[bytes]:
    """The complete lines of a file of unsaved episodes, whose end may be missing or torn."""
    rest = b""
    # Not a stream reader, which keeps what it has of a frame without an end to itself.
    frame = zstandard.ZstdDecompressor(max_window_size=2 ** (_WINDOW + 1)).decompressobj()
    with path.open("rb") as file:
        while data := file.read(_READ):
            try:
                text = frame.decompress(data)
            except zstandard.ZstdError:  # a damaged block
                return
            *whole, rest = (rest + text).split(b"\n")
            yield from whole


def complete(log: Path, *, wait: bool = False) -> Path:
    """Put the unsaved episodes of a dead run into its log.

    Args:
        log: A log.
        wait: Whether the writer is known to be dead, so that only another process that does the same holds the file.

    Returns:
        The log that holds them: the same path, or a copy in a temporary folder where the log's own folder cannot be
        written. A log that is still being written is left as it is.
    """
    beside = log.with_name(log.name + UNSAVED)
    try:
        handle = os.open(beside, os.O_RDONLY)
    except FileNotFoundError:
        return log
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        os.close(handle)
        return log
    try:
        if not beside.exists():  # another process has done it meanwhile
            return log
        if not os.access(log.parent, os.W_OK):
            state = beside.stat()
            return _copied(log, state.st_size, state.st_mtime_ns)
        try:
            _merge(log, log)
        except (ValueError, zipfile.BadZipFile):  # the log itself is damaged, which reading it reports
            return log
        beside.unlink()
        return log
    finally:
        os.close(handle)


def complete_logs(place: Path, alive: Callable[[str], bool]) -> None:
    """Put the unsaved episodes of all dead sessions into their logs.

    Args:
        place: The folder of a run's logs, which has one folder per session.
        alive: Whether the process of a session is still running.
    """
    for beside in sorted(place.rglob(f"*{UNSAVED}")):
        if not alive(beside.parent.name):
            complete(beside.with_name(beside.name.removesuffix(UNSAVED)), wait=True)


@lru_cache(maxsize=256)
def _copied(log: Path, size: int, modified: int) -> Path:
    """A complete copy of a log in a folder that cannot be written; size and time tell versions of its file apart."""
    del size, modified
    copy = Path(_copies()) / str(abs(hash(log.parent))) / log.name
    copy.parent.mkdir(exist_ok=True)
    _merge(log, copy)
    return copy


@lru_cache(maxsize=1)
def _copies() -> str:
    folder = tempfile.mkdtemp(prefix="peerwatch-logs-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _merge(log: Path, target: Path) -> None:
    """Write a log with the samples that it holds and those of the file beside it."""
    held = read_eval_log(str(log))
    found = {str(sample.uuid): sample for sample in held.samples or ()}
    before = len(found)
    for line in lines_in(log.with_name(log.name + UNSAVED)):
        sample = EvalSample.model_validate_json(line)
        found.setdefault(str(sample.uuid), sample)
    if len(found) > before or log != target:
        write_eval_log(held.model_copy(update={"samples": list(found.values())}), str(target))
