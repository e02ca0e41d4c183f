"""Read and write single files in a store, without a local copy."""

import errno
import os
import random
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

from peerwatch.core.errors import MachineryError, UserError
from peerwatch.core.storage._places import url_of
from peerwatch.core.writing import write_bytes

T = TypeVar("T")

_PATIENCE = 90.0
"""Seconds after which no further attempt is made at one operation."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 10.0
"""Seconds before the second attempt, and the most before a later one; each pause is twice the one before."""

_CONNECT, _ANSWER = 10, 20
"""Seconds to wait for a connection to an S3 server, and for its answer."""


class StorageError(MachineryError):
    """A store failed or refused. The message names the URL, the reason and what to do."""


@dataclass(frozen=True)
class StoredFile:
    """A file in a store or on disk.

    Attributes:
        name: Path relative to the folder that was listed, with `/`.
        size: Bytes.
        version: Changes whenever the file changes: its ETag, or the store's equivalent.
    """

    name: str
    size: int
    version: str


def filesystem(path: Path) -> tuple[Any, str]:
    """Return fsspec's file system for a path, and the path in it.

    Raises:
        UserError: If the protocol is unknown, or a package that reads it is missing.
    """
    import fsspec  # pyright: ignore[reportMissingTypeStubs] - fsspec has no types

    url = url_of(path)
    if not url:
        return fsspec.filesystem("file"), str(path.absolute())  # pyright: ignore[reportUnknownMemberType]
    options: dict[str, Any] = {}
    protocol = url.partition("://")[0]
    if protocol in ("s3", "s3a"):
        retries = {"mode": "standard", "total_max_attempts": 1}
        if endpoint := os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL"):
            options["endpoint_url"] = endpoint  # fsspec keeps a file system by its options, not by the environment
        options["config_kwargs"] = {"connect_timeout": _CONNECT, "read_timeout": _ANSWER, "retries": retries}
    try:
        found, inside = fsspec.url_to_fs(url, use_listings_cache=False, **options)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    except ImportError as error:
        raise UserError(f"{url}: {error}.") from error
    except ValueError as error:
        known = ", ".join(sorted(fsspec.available_protocols()))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        raise UserError(f"{url}: {error}. Give a path, or a URL with one of these protocols: {known}.") from error
    store: Any = found
    if protocol in ("s3", "s3a"):
        store.retries = 2  # of s3fs itself; ours come on top
    return store, str(inside)  # pyright: ignore[reportUnknownArgumentType]


def exists(path: Path) -> bool:
    """Return whether there is a file or a folder at a path.

    Raises:
        StorageError: If a store does not answer.
    """
    if not url_of(path):
        return path.exists()
    return bool(attempt(path, "read", lambda store, inside: store.exists(inside)))


def listing(path: Path, pattern: str = "**") -> list[StoredFile]:
    """Return the files below a folder, by name.

    Args:
        path: A folder; if it is a file, the file is listed under its own name.
        pattern: `*` matches within one part of a name, `**` any number of parts, as in `shards/*/manifest.json`.

    Raises:
        StorageError: If a store does not answer.
    """

    def listed(store: Any, inside: str) -> list[StoredFile]:  # noqa: ANN401 - fsspec has no types
        store.invalidate_cache()
        try:
            found: Mapping[str, Mapping[str, Any]] = store.find(inside, detail=True)
        except FileNotFoundError:
            return []
        base = inside.rstrip("/")
        names = {file: file.removeprefix(base).lstrip("/") or base.rpartition("/")[2] for file in found}
        return [
            StoredFile(names[file], int(about.get("size") or 0), _version(about))
            for file, about in sorted(found.items())
            if about.get("type", "file") == "file" and wanted.fullmatch(names[file])
        ]

    wanted = _glob(pattern)
    return attempt(path, "read", listed)


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    """A glob as a regular expression: `**/` is any folders, `**` anything, `*` anything but `/`, the rest literal."""
    signs = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return re.compile("".join(signs.get(part, re.escape(part)) for part in parts), re.DOTALL)


def _version(about: Mapping[str, Any]) -> str:
    named = (about.get(name) for name in ("ETag", "etag", "md5Hash", "LastModified", "mtime", "created"))
    return f"{next((each for each in named if each), '')} {about.get('size')}"


def read(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        FileNotFoundError: If there is none.
        StorageError: If a store does not answer.
    """
    return bytes(attempt(path, "read", lambda store, inside: store.cat_file(inside)))


def write(path: Path, data: bytes) -> None:
    """Write a file in one step, so that readers never see a partial file.

    Raises:
        OSError: If a local file cannot be written.
        StorageError: If a store refuses it or does not answer.
    """
    if not url_of(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, data)
        return
    attempt(path, "written", lambda store, inside: store.pipe_file(inside, data))


def remove(path: Path) -> None:
    """Remove a file; does nothing if it does not exist.

    Raises:
        StorageError: If a store refuses or does not answer.
    """
    with suppress(FileNotFoundError):
        attempt(path, "read", lambda store, inside: store.rm_file(inside))


def attempt(path: Path, done: Literal["read", "written"], do: Callable[[Any, str], T]) -> T:
    """Perform an operation on a store; retry with pauses if it fails.

    Raises:
        FileNotFoundError: If there is no such file.
        StorageError: If the store refuses, or still fails after `_PATIENCE`.
        OSError: For a path on this machine.
    """
    store, inside = filesystem(path)
    url = url_of(path)
    if not url:
        return do(store, inside)
    until, pause = time.monotonic() + _PATIENCE, _FIRST_PAUSE
    chance = random.Random(f"{os.getpid()} {url}")  # noqa: S311 - so that many processes do not retry in step
    while True:
        try:
            return do(store, inside)
        except FileNotFoundError as error:
            if done == "read":
                raise
            raise StorageError(f"{url} cannot be written: {_reason(error)}. Does its bucket exist?") from error
        except Exception as error:  # every store has errors of its own; they become a StorageError
            if _is_final(error):
                hint = "Check the credentials and the permissions of the bucket."
                raise StorageError(f"{url} cannot be {done}: {_reason(error)}. {hint}") from error
            if time.monotonic() + pause > until:
                raise StorageError(
                    f"{url} cannot be {done}: {_reason(error)}. The store was tried for {_PATIENCE:g} seconds; "
                    "repeat the command when it answers."
                ) from error
        time.sleep(pause * (0.5 + chance.random() / 2))
        pause = min(2 * pause, _LONGEST_PAUSE)


def _is_final(error: Exception) -> bool:
    """Return whether an error means that the store refuses the operation, rather than failing for now."""
    if isinstance(error, PermissionError | NotImplementedError | IsADirectoryError | NotADirectoryError):
        return True
    if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.EINVAL):
        return True
    # botocore and google-auth are loaded by their file systems alone, so their errors are known by name here.
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(names & {"NoCredentialsError", "PartialCredentialsError", "ParamValidationError", "RefreshError"})


def _reason(error: Exception) -> str:
    said = str(error).partition("\n")[0].strip().rstrip(".")
    return said or type(error).__name__
