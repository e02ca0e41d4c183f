"""Local copies of folders in a store."""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Collection, Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

from peerwatch.core.storage._access import StorageError, StoredFile, attempt, exists, listing, read, remove, write
from peerwatch.core.storage._places import server_folder, url_of
from peerwatch.core.writing import write_bytes

LARGE = (".html", ".js", ".parquet", ".svg", ".png")
"""Suffixes of files that `fetch` leaves in the store: pages, and tables that are read where they are."""

_BATCH = 64 * 2**20
"""Bytes that are held in memory at once while files are copied."""


def fetch(path: Path, *, wanted: Callable[[str], bool] | None = None, also: Iterable[str] = ()) -> Path:
    """Bring the local copy of a URL up to date, so that it can be read.

    A path on this machine is left as it is, and so is a run's own folder, which is ahead of the store.

    Args:
        path: From `place`, or below such a path.
        wanted: Chooses files by their name relative to `path`; by default all but those of `LARGE`.
        also: Names of files to fetch even if the store's listing is outdated and lacks them.

    Returns:
        The path.

    Raises:
        StorageError: If a store does not answer, or one of `also` cannot be read.
    """
    if is_copy(path):
        _bring(path, wanted or _small, also)
    return path


def is_copy(path: Path) -> bool:
    """Return whether a path is a copy of a URL for reading; a run's own folder is ahead of its store."""
    return bool(url_of(path)) and server_folder(path).parent.name == "read"


def pull(path: Path, wanted: Callable[[str], bool]) -> None:
    """Download files of a store into a run's own folder, replacing older ones.

    Args:
        path: From `work_folder`, or below such a path; a path on this machine is left as it is.
        wanted: Selects files by their name relative to `path`; it must exclude files that are newer in this folder.

    Raises:
        StorageError: If a store does not answer.
    """
    if url_of(path):
        _bring(path, wanted, ())


def _bring(path: Path, wanted: Callable[[str], bool], also: Iterable[str]) -> None:
    with _alone(path) as known:
        listed = {each.name: each for each in listing(path) if wanted(each.name)}
        single = len(listed) == 1 and path.name in listed and not _is_folder(path)
        base = path.parent if single else path
        if path.is_file() and not single:
            path.unlink()
            known.clear()
        named = [StoredFile(name, 0, "by name") for name in also if name not in listed]
        lacking = [
            each
            for each in (*listed.values(), *named)
            if known.get(each.name) != each.version or not (base / each.name).is_file()
        ]
        for batch in _batches(lacking):
            for each, data in zip(batch, _contents(base, [one.name for one in batch]), strict=True):
                _put(base / each.name, data)
                known[each.name] = each.version
        for name in [name for name in known if name not in listed and wanted(name)]:
            if not exists(base / name):  # an outdated listing may lack existing files
                (base / name).unlink(missing_ok=True)
                del known[name]


def _small(name: str) -> bool:
    return not name.endswith(LARGE)


def _is_folder(path: Path) -> bool:
    return bool(attempt(path, "read", lambda store, inside: store.isdir(inside)))


def _put(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(file, data)


def _batches(files: Iterable[StoredFile]) -> Generator[list[StoredFile]]:
    """Files in groups of at most `_BATCH` bytes, or of one."""
    batch: list[StoredFile] = []
    for each in files:
        if batch and sum(one.size for one in batch) + each.size > _BATCH:
            yield batch
            batch = []
        batch.append(each)
    if batch:
        yield batch


def _contents(base: Path, names: list[str]) -> list[bytes]:
    """The content of files, read at the same time where the store can; those that fail are tried again one by one."""

    def together(store: Any, inside: str) -> dict[str, Any]:  # noqa: ANN401 - fsspec has no types
        found = store.cat([f"{inside}/{name}" for name in names], on_error="return")
        contents = cast("dict[str, Any]", found)
        return {name: contents.get(f"{inside}/{name}") for name in names}

    found = attempt(base, "read", together) if len(names) > 1 else {}
    whole = (found.get(name) for name in names)
    return [
        data if isinstance(data, bytes) else _must_read(base / name) for name, data in zip(names, whole, strict=True)
    ]


def _must_read(file: Path) -> bytes:
    try:
        return read(file)
    except FileNotFoundError as error:
        raise StorageError(
            f"{url_of(file)} is not in the store, although it was written there. If the store was changed just now, "
            "try again in a minute."
        ) from error


def publish(path: Path, *names: str) -> None:
    """Upload files from the local copy of a URL; nothing happens to a local path.

    Args:
        path: A file, or a folder.
        names: Files relative to the folder; by default all of them.

    Raises:
        StorageError: If the store refuses a file or does not answer.
    """
    if not url_of(path):
        return
    chosen = [path / name for name in names] or _below(path)
    for file in chosen:
        write(file, file.read_bytes())


def replace(path: Path) -> None:
    """Make a folder in a store equal to its local copy: upload every file and remove all others.

    Raises:
        StorageError: If the store refuses a file or does not answer.
    """
    publish(path)
    for each in listing(path) if url_of(path) else ():
        if not (path / each.name).is_file():
            remove(path / each.name)


def _below(path: Path) -> Collection[Path]:
    return [each for each in sorted(path.rglob("*")) if each.is_file()] if path.is_dir() else [path]


@contextmanager
def _alone(path: Path) -> Generator[dict[str, str]]:
    """Hold the lock of a copy and yield its index (file name to version), which is saved when the block ends."""
    above = server_folder(path)
    name = hashlib.sha256(str(path.absolute()).encode()).hexdigest()[:24]
    above.mkdir(parents=True, exist_ok=True)
    handle = os.open(above / f".{name}.lock", os.O_CREAT | os.O_RDWR, 0o644)
    index = above / f".{name}.json"
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        known: dict[str, str] = {}
        with suppress(OSError, ValueError):
            known = dict(json.loads(index.read_text(encoding="utf-8")))
        try:
            yield known
        finally:
            _put(index, json.dumps(known).encode())
    finally:
        os.close(handle)
