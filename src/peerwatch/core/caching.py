"""The user's cache folder. Everything in it can be regenerated."""

import hashlib
import os
import platform
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

from peerwatch.core.writing import write_whole


def cache_folder() -> Path:
    """Return the cache folder: $PEERWATCH_CACHE, or Peerwatch's folder in the user's cache folder."""
    if chosen := os.environ.get("PEERWATCH_CACHE"):
        return Path(chosen).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/peerwatch"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "peerwatch"


@cache
def content_digest() -> str:
    """Return the SHA-256 of everything that affects an episode and its score: this package, Inspect and Python.

    A version number would miss a developer's changes between two releases. Takes about 0.03 seconds.
    """
    found = hashlib.sha256(f"{version('inspect_ai')} {platform.python_version()}".encode())
    for part in _content(Path(__file__).parents[1]):
        found.update(part)
    return found.hexdigest()


def content_digest_with(*folders: Path) -> str:
    """Return `content_digest` extended by the content of further folders, such as a third-party scenario."""
    found = hashlib.sha256(content_digest().encode())
    for folder in folders:
        for part in _content(folder):
            found.update(part)
    return found.hexdigest()


def _content(root: Path) -> Iterator[bytes]:
    """Name, length and content of every file below a folder, in a fixed order."""
    for file in sorted(root.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            data = file.read_bytes()
            yield f"\n{file.relative_to(root).as_posix()} {len(data)}\n".encode()
            yield data


def keep_text(file: Path, text: str) -> None:
    """Write a cache file. Does nothing if the folder is not writable; the file is then regenerated next time."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, text)
    except OSError:
        return
