"""The folder of an export: written completely before it replaces an older export, and nothing else."""

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
"""Prefix of the temporary folders in which exports are made."""

JUST_MADE = 60
"""Seconds after its creation during which a temporary folder may not be locked yet by the export that created it."""

MANIFEST = "export.json"
"""Lists all other files with their hashes, so that a later export recognizes its predecessor's files."""


def check_place(out: Path) -> None:
    """Make sure that an export may be written to a folder.

    Raises:
        UserError: If the folder contains a file that is not from an export, or that was changed since.
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
        what = "was changed since the export" if foreign[0] in listed else "is not from an export"
        raise UserError(f"{out} is not replaced: {foreign[0]} in it {what}. Choose another folder with --out.")


def hashes_of(folder: Path, without: str = "") -> dict[str, str]:
    """Return the SHA-256 of every file in a folder, by its relative path."""
    files = sorted(path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() and not path.is_symlink() else ""
        for path in files
        if (name := path.relative_to(folder).as_posix()) != without
    }


def write_manifest(folder: Path, about: Mapping[str, object]) -> None:
    """Write the manifest: the files of a folder with their hashes, and how they were made."""
    text = json.dumps({**about, "files": hashes_of(folder)}, indent=2, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


@contextmanager
def new_folder(out: Path) -> Generator[Path]:
    """Yield a temporary folder that is moved to `out` once everything is written, or removed on failure.

    Raises:
        UserError: If `out` contains a file that is not from an export.
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
    """Hold a folder's lock, which is released when this process ends for any reason."""
    handle = os.open(held, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _remove_left(folder: Path) -> None:
    """Remove temporary folders left behind by exports that were killed."""
    for left in folder.glob(f"{HALF}*"):
        if left.is_symlink() or not left.is_dir() or (left / "old").exists():
            continue  # an older export that was being replaced belongs to its owner
        if time.time() - left.stat().st_mtime < JUST_MADE:
            continue
        with suppress(OSError), _in_use(left):  # a locked folder is in use by another export
            shutil.rmtree(left)


def _listed(out: Path) -> dict[str, str]:
    try:
        listed = json.loads((out / MANIFEST).read_text(encoding="utf-8"))["files"]
        return {str(name): str(sha) for name, sha in listed.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
