"""Checks and settings that apply before a command loads Inspect and its libraries."""

import gc
import os
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from peerwatch.core.errors import UserError
from peerwatch.core.log_places import why_no_logs
from peerwatch.core.storage import exists, is_copy


@contextmanager
def loading() -> Generator[None]:
    """Load modules without collecting garbage in between.

    Imports create hundreds of thousands of long-lived objects; repeated collections over them take a fifth of the run
    time of a three-second command.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def check_models(names: Iterable[str]) -> None:
    """Refuse models of providers that do not exist, before Inspect is loaded.

    Raises:
        UserError: At the first one, with the nearest names.
    """
    from peerwatch.planning import check_models as check  # imported here: `--help` does not need it

    check(names)


def check_places(places: Iterable[Path]) -> None:
    """Refuse places that hold no logs, before Inspect is loaded, which takes three seconds.

    What is in a store is checked when it is read.

    Raises:
        UserError: At the first one.
        StorageError: If the store of a URL does not answer.
    """
    for place in places:
        if not exists(place):
            raise UserError(f"{place} does not exist. Give the folder of a run, or an Inspect log of a Peerwatch task.")
        if not is_copy(place) and (why := why_no_logs(place)):
            raise UserError(why)


def check_folder(option: str, folder: Path | None) -> None:
    """Refuse a folder to write that cannot be made, because it or a folder above it is a file.

    Raises:
        UserError: If it cannot.
    """
    if folder is None:
        return
    if file := next((each for each in (folder, *folder.parents) if os.path.lexists(each) and not each.is_dir()), None):
        raise UserError(f"{option} {folder}: {file} is a file, not a folder. Name another folder.")


def check_page(option: str, file: Path | None) -> None:
    """Refuse a page to write where there is a folder, or a file that is not a page and would be lost.

    Raises:
        UserError: If the page cannot be written there.
    """
    if file is None or is_copy(file):
        return
    check_folder(option, file.parent)
    if file.is_dir():
        raise UserError(f"{option} {file} is a folder. Name a file in it, such as {file / 'report.html'}.")
    if file.is_file() and not _is_page(file):
        raise UserError(
            f"{option} {file}: there is a file that is not a page, and it would be lost. Name another file."
        )


def _is_page(file: Path) -> bool:
    """Whether a file is empty or starts like an HTML document."""
    with file.open("rb") as opened:
        start = opened.read(200).lstrip().lower()
    return not start or start.startswith((b"<!doctype html", b"<html", b"<!--"))
