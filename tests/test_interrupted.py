"""A run that is interrupted keeps what is finished, prints how to resume it, and resumes without repeating anything.

`test_killed.py` does the same with runs that are killed.
"""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from inspect_ai.log import read_eval_log

from peerwatch.planning import load_plan
from peerwatch.records import log_files

from .command_line import called
from .processes import Forks

WORLDS = 5
FAST = 3
"""Worlds on which the scripted agent takes no time, as `forked.py` has it."""


@dataclass(frozen=True)
class Stopped:
    """A run that was broken off, and then gone on with."""

    status: int
    said: str
    before: dict[tuple[str, int], str]
    """Sample id and epoch to Inspect's own id of the episode, when the run was broken off."""
    resumed: int
    said_then: str
    after: dict[tuple[str, int], str]
    planned: int


def episodes(folder: Path) -> dict[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    for path in log_files(folder / "logs"):
        for sample in read_eval_log(str(path)).samples or []:
            if sample.scores and not sample.error:
                found[str(sample.id), sample.epoch] = str(sample.uuid)
    return found


def break_off(forks: Forks, folder: Path) -> tuple[int, str]:
    """Start a run, interrupt it once its fast episodes are finished, and wait for its end."""
    folder.mkdir()
    (folder / "validation.json").write_text("[]", encoding="utf-8")  # validated already, which saves seconds
    words = ["--scenario", "server_migration", "--model", "peerwatch/scripted-compliant", "--worlds", WORLDS]
    running = forks.begin("run", "subject=peer", *words, "--out", folder, pace="later")
    while f"[  {FAST}/" not in running.printed:
        assert running.poll() is None, running.printed
        time.sleep(0.05)
    os.kill(running.pid, signal.SIGINT)
    return running.wait(), running.printed


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory, forks: Forks) -> Stopped:
    folder = tmp_path_factory.mktemp("stopped") / "run"
    status, said = break_off(forks, folder)
    before = episodes(folder)
    again = called("run", "--resume", folder, "--json")
    after = episodes(folder)
    return Stopped(
        status=status,
        said=said,
        before=before,
        resumed=again.status,
        said_then=again.out + again.err,
        after=after,
        planned=len(load_plan(folder).slots()),
    )


def test_what_was_finished_is_kept(stopped: Stopped) -> None:
    assert len(stopped.before) == FAST, stopped.said


def test_the_message_says_how_to_go_on(stopped: Stopped) -> None:
    assert stopped.status == 130, stopped.said
    assert "Resume with: peerwatch run --resume" in stopped.said
    assert "Traceback" not in stopped.said


def test_going_on_finishes_the_rest_and_repeats_nothing(stopped: Stopped) -> None:
    assert stopped.resumed == 0, stopped.said_then
    assert len(stopped.after) == stopped.planned == WORLDS
    assert {key: stopped.after[key] for key in stopped.before} == stopped.before


def test_only_what_is_told_of_was_done_anew(stopped: Stopped) -> None:
    assert stopped.said_then.count("complied, ") == WORLDS - FAST, stopped.said_then
