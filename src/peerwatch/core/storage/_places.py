"""URLs as local paths, and back."""

import hashlib
import os
import re
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Literal

from peerwatch.core.caching import cache_folder
from peerwatch.core.errors import UserError

Purpose = Literal["read", "work"]
"""`read`: a copy that follows the store. `work`: a run's own folder, which holds what has not been uploaded yet."""

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://(.*)", re.DOTALL)
"""A protocol of two or more characters, `://`, and the rest."""

_STORES = "stores"
"""Subfolder of the cache that holds the copies."""

_ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "FSSPEC_S3_ENDPOINT_URL", "STORAGE_EMULATOR_HOST")
"""Environment variables that choose the server: equal URLs on two servers are two places."""


def is_url(text: str) -> bool:
    """Return whether a text is a URL, and not a path."""
    return _URL.match(text) is not None


def place(text: str | Path) -> Path:
    """Return the local path that stands for a place to read: the path itself, or the copy of a URL.

    Nothing is copied yet; see `fetch`.

    Raises:
        UserError: If it is a URL without a path, or one with `..`.
    """
    return _local(text, "read")


def work_folder(text: str | Path) -> Path:
    """Return the local path that stands for a folder to write.

    For a URL it is in the user's cache, so that the same command finds after a kill what was not uploaded.

    Raises:
        UserError: As for `place`.
    """
    return _local(text, "work")


def _local(text: str | Path, purpose: Purpose) -> Path:
    found = _URL.match(str(text)) if isinstance(text, str) else None
    if found is None:
        return Path(text)
    protocol, rest = found[1].lower(), found[2].strip("/")
    if protocol in ("file", "local"):
        return Path(found[2])
    parts = rest.split("/")
    if not rest or any(part in ("", ".", "..") for part in parts):
        raise UserError(f"{text} is not a place in a store. Give a URL such as s3://bucket/folder.")
    return _root(protocol, purpose) / protocol / Path(*parts)


def _root(protocol: str, purpose: Purpose) -> Path:
    servers = "\n".join(os.environ.get(name, "") for name in _ENDPOINTS)
    server = hashlib.sha256(servers.encode()).hexdigest()[:8]
    above = _of_process() if protocol == "memory" else cache_folder().absolute()
    return above / _STORES / purpose / server


@cache
def _of_process() -> Path:
    """A folder for copies of `memory://`, which no other process can see."""
    import atexit

    made = Path(tempfile.mkdtemp(prefix="peerwatch-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def server_folder(path: Path) -> Path:
    """Return the folder that holds all copies from one server for one purpose, for a path in a copy."""
    found = _copies().match(f"{path.absolute()}/")
    if found is None:
        raise ValueError(f"{path} is no copy of a URL")
    return Path(found[0]).parent


def url_of(path: Path) -> str:
    """Return the URL that a local path stands for; empty for a path that is no copy of one."""
    found = _copies().match(str(path.absolute()) + "/")
    return f"{found[1]}://{str(path.absolute())[found.end() :]}" if found else ""


def with_urls(text: str) -> str:
    """Return a text with the URL in place of every path of a copy."""
    return _copies().sub(lambda found: f"{found[1]}://", text) if _STORES in text else text


def _copies() -> re.Pattern[str]:
    own = (_of_process(),) if _of_process.cache_info().currsize else ()
    return _pattern(cache_folder().absolute(), *own)


@cache
def _pattern(*folders: Path) -> re.Pattern[str]:
    """The start of every copy's path: FOLDER/stores/PURPOSE/SERVER/PROTOCOL/, of which the protocol is the group."""
    above = "|".join(re.escape(str(form)) for each in folders for form in dict.fromkeys((each, each.resolve())))
    return re.compile(rf"(?:{above})/{_STORES}/(?:read|work)/[0-9a-f]{{8}}/([a-z][a-z0-9+.-]+)/")
