"""The folder of an export: made whole, and put in the place of an older export of its own only."""

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from peerwatch.core.errors import UserError

HALF = ".peerwatch-export-"
"""How the names of folders begin in which an export is made."""

JUST_MADE = 60
"""Seconds in which a folder may not be locked yet by the export that has made it."""

MANIFEST = "export.json"
"""Lists every other file with its hash, so that a later export knows what is its own."""


def check_place(out: Path) -> None:
    """Make sure that an export may stand here.

    Raises:
        UserError: If something is there that no export wrote, or that was changed since.
    """
    if not out.exists():
        return
    if not out.is_dir():
        raise UserError(f"{out} is a file. Choose another folder with --out.")
    found = hashes_of(out, without=MANIFEST)
    if not found and not (out / MANIFEST).exists():
        return
    listed = _listed(out)
    foreign = [name for name, sha in found.items() if listed.get(name) != sha]
    if foreign:
        what = "was changed since the export" if foreign[0] in listed else "is no file of an export"
        raise UserError(f"{out} is not replaced: {foreign[0]} in it {what}. Choose another folder with --out.")


def hashes_of(folder: Path, without: str = "") -> dict[str, str]:
    """SHA-256 of every file in a folder, by its path in it."""
    files = sorted(path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() and not path.is_symlink() else ""
        for path in files
        if (name := path.relative_to(folder).as_posix()) != without
    }


def write_manifest(folder: Path, about: Mapping[str, object]) -> None:
    """List the files of a folder, with what made them."""
    text = json.dumps({**about, "files": hashes_of(folder)}, indent=2, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


@contextmanager
def new_folder(out: Path) -> Generator[Path]:
    """A folder to write into, which stands at `out` once all is written; nothing is left of it if that fails.

    Raises:
        UserError: If something is there that no export wrote.
    """
    place = out.resolve()
    check_place(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    _remove_left(place.parent)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=HALF) as held, _in_use(Path(held)):
        made = Path(held) / "new"
        made.mkdir()
        yield made
        check_place(place)
        if place.exists():
            place.rename(Path(held) / "old")
        shutil.move(made, place)


@contextmanager
def _in_use(held: Path) -> Generator[None]:
    """Hold a folder's lock, which ends with this process, however that ends."""
    handle = os.open(held, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _remove_left(folder: Path) -> None:
    """Remove what exports that were killed have left of a new one."""
    for left in folder.glob(f"{HALF}*"):
        if left.is_symlink() or not left.is_dir() or (left / "old").exists():
            continue  # an old export that was being replaced is its owner's
        if time.time() - left.stat().st_mtime < JUST_MADE:
            continue
        with suppress(OSError), _in_use(left):  # another export is at work in one that is locked
            shutil.rmtree(left)


def _listed(out: Path) -> dict[str, str]:
    try:
        listed = json.loads((out / MANIFEST).read_text(encoding="utf-8"))["files"]
        return {str(name): str(sha) for name, sha in listed.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
