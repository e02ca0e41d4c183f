"""Folders that are built once, completely, and rebuilt only when their sources change."""

import fcntl
import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


def beside(folder: Path, ending: str) -> Path:
    """A file next to a folder: the build stamp of a root file system must not be visible in it."""
    return folder.with_name(f"{folder.name}.{ending}")


def digest(*texts: str) -> str:
    """Digest of the sources of a folder."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def is_made_of(folder: Path, made_of: str) -> bool:
    """Whether a folder exists and was built completely from these sources."""
    stamp = beside(folder, "made")
    return folder.is_dir() and stamp.is_file() and stamp.read_text(encoding="ascii").strip() == made_of


def stamp(folder: Path, made_of: str) -> None:
    """Record that a folder is complete."""
    beside(folder, "made").write_text(made_of + "\n", encoding="ascii")


@contextmanager
def alone(folder: Path) -> Generator[None]:
    """Wait until no other process builds the same folder."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with beside(folder, "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
