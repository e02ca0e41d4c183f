"""Find the files that may be logs, and report those that cannot be read."""

import hashlib
import os
import re
import stat
import time
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import ijson  # pyright: ignore[reportMissingTypeStubs] - Inspect's parser, when it reads parts of a log
from inspect_ai.log import EvalLog

from peerwatch.core.errors import UserError
from peerwatch.core.log_places import ARCHIVE, JUST_WRITTEN, TEXT, incomplete, no_logs, not_a_log
from peerwatch.core.storage import fetch
from peerwatch.records._reading import UnreadFile

INTERVIEWS = "interviews"
"""Subfolder of a run's logs that holds interviews, which are not episodes."""

_NAMED_BY_INSPECT = re.compile(r"\d{4}-\d\d-\d\dT\d\d[-:]\d\d[-:]\d\d")
"""The date and time at the start of Inspect's log names, as in `2026-11-30T12-12-51`."""

_BEGINS_A_LOG = re.compile(rb'\s*\{\s*"version"\s*:\s*\d+\s*,\s*"status"\s*:')
"""The start of an Inspect log in JSON: `{"version": <integer>, "status":`, with any whitespace in between."""

_HEAD = 4096
"""Number of bytes of a JSON file that are checked before it is parsed."""

_TRIES, _PAUSE = 2, 0.2
"""Retries for an incomplete log that was just written, and seconds between them."""


class LogError(UserError):
    """A log cannot be used; the message names the log and the reason."""


def log_files(place: Path) -> list[Path]:
    """Return the episode logs at a path: the file itself, or all logs below a folder except interviews, by name.

    Raises:
        LogError: If the path does not exist or holds no logs.
    """
    files, _ = candidates(place)
    return files


def candidates(place: Path) -> tuple[list[Path], list[UnreadFile]]:
    """Return the files at a path that may be logs, and those that are named like logs but cannot be read.

    Logs of a URL are copied to this machine first.

    Raises:
        LogError: If the path does not exist or holds no logs.
        StorageError: If the store of a URL does not answer.
    """
    fetch(place)
    if not os.path.lexists(place):
        raise LogError(f"{place} does not exist. Give an Inspect log (.eval or .json) or the folder of a run.")
    if not place.is_dir():
        check_archive(place)
        return [place], []
    files: list[Path] = []
    unread: list[UnreadFile] = []

    def closed(error: OSError) -> None:
        unread.append(UnreadFile(file=str(error.filename), why=f"is a folder that cannot be read: {error.strerror}."))

    for folder, folders, names in os.walk(place, onerror=closed):
        inside = Path(folder)
        if INTERVIEWS in inside.relative_to(place).parts:
            folders.clear()
            continue
        folders.sort()
        odd = [name for name in folders if name.endswith(ARCHIVE)]
        unread += [UnreadFile(file=str(inside / name), why="is a folder with a log's name.") for name in odd]
        for path in (inside / name for name in sorted(names) if name.endswith((ARCHIVE, TEXT))):
            if why := _no_file(path):
                unread += [UnreadFile(file=str(path), why=f"cannot be read: {why}")] if _named_as_log(path) else []
            elif path.suffix == ARCHIVE or _is_text_log(path):
                files.append(path)
    if not files:
        raise LogError(in_one(unread) if unread else no_logs(place))
    return files, unread


def _named_as_log(path: Path) -> bool:
    """Return whether a file is named like a log, regardless of its content."""
    return path.suffix == ARCHIVE or bool(_NAMED_BY_INSPECT.match(path.name))


def _no_file(path: Path) -> str:
    """Return why a path is not a readable file; empty if it is one.

    Only regular files are opened: opening a pipe would block until something writes to it.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return f"{error.strerror or error}."
    kinds = {stat.S_ISDIR: "a folder", stat.S_ISFIFO: "a pipe", stat.S_ISSOCK: "a socket"}
    if not stat.S_ISREG(mode):
        kind = next((name for test, name in kinds.items() if test(mode)), "a device")
        return f"it is {kind}, not a file."
    try:
        path.open("rb").close()
    except OSError as error:
        return f"{error.strerror or error}."
    return ""


def _is_text_log(path: Path) -> bool:
    """Return whether a JSON file is an Inspect log, possibly a truncated one; a run's folder holds other JSON too.

    It is one if it has a name that Inspect gives, if it starts like an Inspect log, or if it is an object that has only
    fields of a log up to `eval`, which names the task.
    """
    if _named_as_log(path):
        return True
    with path.open("rb") as file:
        if _BEGINS_A_LOG.match(file.read(_HEAD)):
            return True
        file.seek(0)
        try:
            for prefix, event, value in ijson.parse(file):  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
                if prefix == "eval.task" and event == "string":
                    return True
                if not prefix and event == "map_key" and value not in EvalLog.model_fields:
                    return False
                if not prefix and event not in ("start_map", "map_key"):
                    return False
        except (ijson.JSONError, ValueError):
            return False
    return False


def without_copies(files: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Split files into those with distinct content and the copies of these."""
    sizes: dict[int, list[Path]] = defaultdict(list)
    for file in dict.fromkeys(files):
        sizes[file.stat().st_size].append(file)
    kept: dict[tuple[int, bytes], Path] = {}
    copies: list[Path] = []
    for size, alike in sizes.items():
        for file in alike:
            digest = hashlib.sha256(file.read_bytes()).digest() if len(alike) > 1 else b""
            if kept.setdefault((size, digest), file) != file:
                copies.append(file)
    gone = set(copies)
    return [file for file in dict.fromkeys(files) if file not in gone], copies


def check_archive(path: Path) -> None:
    """Check that a file is a log before Inspect reads it.

    Raises:
        LogError: If it is not a log.
    """
    if why := _no_file(path):
        raise LogError(f"{path} cannot be read: {why}")
    if path.suffix == TEXT and _is_text_log(path):
        return
    if path.suffix != ARCHIVE:
        raise LogError(not_a_log(path))
    if not any(zipfile.is_zipfile(path) for _ in _pauses(path)):
        raise LogError(incomplete(path))


def _pauses(path: Path) -> Iterator[None]:
    """Yield once, and for a recently written file a few more times with pauses: a process may still be writing it."""
    yield
    for _ in range(_TRIES if time.time() - path.stat().st_mtime < JUST_WRITTEN else 0):
        time.sleep(_PAUSE)
        yield


def unread_for(error: LogError, file: Path) -> UnreadFile:
    """Return the entry for a file that could not be read."""
    return UnreadFile(file=str(file), why=str(error).removeprefix(f"{file} "))


def in_one(unread: Sequence[UnreadFile]) -> str:
    """Join the reasons why files could not be read into one message."""
    return " ".join(f"{each.file} {each.why}" for each in unread)
