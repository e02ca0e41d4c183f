"""Logs of a run that is still at work: each file is replaced whole, again and again, while others read it."""

import os
import threading
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from peerwatch.records import Ledger, read_place

from .command_line import Cli
from .logged import HONEST, played
from .run_folders import validated

READS = 30
"""Enough that without the second look some reads always failed."""
EVERY = 0.01
"""Seconds between two replacements, about as long as a read takes."""


@contextmanager
def replaced(log: Path, folder: Path) -> Generator[None]:
    """Replace a log by a longer and by a shorter one in turn, as Inspect does when an episode has ended."""
    lengths = [log.read_bytes()]
    longer = folder / "longer"
    longer.write_bytes(lengths[0])
    with zipfile.ZipFile(longer, "a") as archive:
        archive.writestr("_journal/more.json", os.urandom(200_000))
    lengths.append(longer.read_bytes())
    over = threading.Event()

    def replace() -> None:
        turn = 0
        while not over.wait(EVERY):
            turn += 1
            part = folder / "part"
            part.write_bytes(lengths[turn % 2])
            part.replace(log)

    thread = threading.Thread(target=replace)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return played(tmp_path_factory.mktemp("log"), HONEST)


def test_a_log_that_is_replaced_while_it_is_read_is_read_again(log: Path, tmp_path: Path) -> None:
    with replaced(log, tmp_path):
        for _ in range(READS):
            episodes, reading = read_place(log.parent)
            assert not reading.unread
            assert len(episodes) == 1


def test_a_run_that_ends_before_another_at_work_in_its_folder_says_so(cli: Cli, tmp_path: Path) -> None:
    place, words = validated(tmp_path), ("--scenario", "server_migration", "--worlds", "1")
    other = Ledger(place)
    other.open()
    other.write("begin", pid=0, version="")
    try:
        left = cli("run", "--model", "peerwatch/scripted-rescuer-direct", *words, "subject=peer,object", "--out", place)
    finally:
        other.close()
    assert left.status == 0, left.err
    assert "Another process is still running in this folder" in " ".join(left.out.split())
    again = cli("run", "--resume", place)
    assert "still at work" not in again.out + again.err
