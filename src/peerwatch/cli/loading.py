"""Checks and settings that apply before a command loads Inspect and its libraries."""

import gc
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from peerwatch.core.errors import UserError
from peerwatch.core.storage import exists


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
    """Refuse folders and files that do not exist, before Inspect is loaded, which takes three seconds.

    Raises:
        UserError: At the first one.
        StorageError: If the store of a URL does not answer.
    """
    for place in places:
        if not exists(place):
            raise UserError(f"{place} does not exist. Give the folder of a run, or an Inspect log of a Peerwatch task.")
