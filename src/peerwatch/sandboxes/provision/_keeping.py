"""Folders that are made once, whole, and again only when what they are made of has changed."""

import fcntl
import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


def beside(folder: Path, ending: str) -> Path:
    """A file next to a folder: what says how a root file system was made must not be seen in it."""
    return folder.with_name(f"{folder.name}.{ending}")


def digest(*texts: str) -> str:
    """What identifies that which a folder is made of."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def is_made_of(folder: Path, made_of: str) -> bool:
    """Whether a folder stands there that was made, to the end, of the same."""
    stamp = beside(folder, "made")
    return folder.is_dir() and stamp.is_file() and stamp.read_text(encoding="ascii").strip() == made_of


def stamp(folder: Path, made_of: str) -> None:
    """Note that a folder is made."""
    beside(folder, "made").write_text(made_of + "\n", encoding="ascii")


@contextmanager
def alone(folder: Path) -> Generator[None]:
    """Wait until nobody else makes the same folder."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with beside(folder, "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
