"""The cache folder for weights: its location, and the verification of its files."""

import hashlib
import os
from pathlib import Path

from peerwatch.core.caching import cache_folder
from peerwatch.models._errors import ModelError, WeightsDamaged, WeightsMissing
from peerwatch.models._sources import Weights, catalogue

_MAGIC = b"GGUF"
_GIGABYTE = 1_000_000_000


def cache_dir() -> Path:
    """The folder for weights: `models` in $PEERWATCH_CACHE, or in the user's cache folder."""
    return cache_folder() / "models"


def own_file(weights: str | None) -> Path | None:
    """Return the GGUF file specified by the user, if any; its hash is not checked.

    Args:
        weights: The requested weights. A path (with a slash, or ending in .gguf) is the user's file, a name is not; if
            omitted, $PEERWATCH_MODEL decides.

    Raises:
        ModelError: If it is not a GGUF file.
    """
    chosen = weights or os.environ.get("PEERWATCH_MODEL")
    if not chosen or (weights and not _is_path(weights)):
        return None
    path = Path(chosen).expanduser()
    what = f"The model was given as {chosen!r}" if weights else f"PEERWATCH_MODEL is {chosen!r}"
    try:
        with path.open("rb") as file:
            magic = file.read(len(_MAGIC))
    except OSError as error:
        raise ModelError(f"{what}, which cannot be read: {error.strerror}. Give the path of a GGUF file.") from error
    if magic != _MAGIC:
        raise ModelError(f"{what}, which is not a GGUF file. Give the path of a GGUF file.")
    return path.resolve()


def _is_path(text: str) -> bool:
    return "/" in text or text.endswith(".gguf")


def locate(name: str | None = None) -> Path:
    """Find weights that were downloaded before.

    Args:
        name: Name in the catalog; the default model if omitted.

    Returns:
        The path of the GGUF file.

    Raises:
        WeightsMissing: If they are not in the cache.
        WeightsDamaged: If the file in the cache differs from its source.
    """
    weights = catalogue().find(name)
    path = cache_dir() / weights.file
    if not path.is_file():
        raise WeightsMissing(
            f"The weights of {weights.name} are not in {path.parent}. "
            f"Fetch them once with `{fetch_command(weights)}` ({size_text(weights.bytes)})."
        )
    _check(path, weights)
    return path


def require_hash(found: str, weights: Weights, what: str) -> None:
    """Reject data whose SHA-256 differs from that of the weights."""
    if found != weights.sha256:
        raise WeightsDamaged(
            f"The SHA-256 of {what} is {found}, but that of {weights.file} is {weights.sha256}: it was refused."
        )


def _check(path: Path, weights: Weights) -> None:
    again = f"Replace it with `{fetch_command(weights)}`."
    size = path.stat().st_size
    if size != weights.bytes:
        raise WeightsDamaged(f"{path} has {size} bytes, but {weights.file} has {weights.bytes}. {again}")
    try:
        require_hash(_hash_of(path), weights, str(path))
    except WeightsDamaged as error:
        raise WeightsDamaged(f"{error} {again}") from None


_hashes: dict[tuple[Path, int, int, int], str] = {}
"""Hashes computed in this process, by path, inode and times."""


def _hash_of(path: Path) -> str:
    """Compute the SHA-256 of a file, in every process anew.

    Only the hash is reliable: whoever can replace the file can also replace a note next to it. A gigabyte takes one to
    three seconds, less than loading it.
    """
    stat = path.stat()
    key = (path, stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns)
    if key not in _hashes:
        with path.open("rb") as file:
            _hashes[key] = hashlib.file_digest(file, "sha256").hexdigest()
    return _hashes[key]


def fetch_command(weights: Weights) -> str:
    """The command that downloads these weights."""
    return "peerwatch setup model" if weights.name == catalogue().default else f"peerwatch setup model {weights.name}"


def size_text(count: int) -> str:
    """Format a number of bytes."""
    return f"{count / _GIGABYTE:.2f} GB" if count >= _GIGABYTE else f"{count / 1_000_000:.0f} MB"
