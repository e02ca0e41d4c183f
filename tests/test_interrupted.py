"""A run that is interrupted keeps what is finished, prints how to resume it, and resumes without repeating anything.

`test_killed.py` does the same with runs that are killed.
"""

import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from inspect_ai.log import read_eval_log

from peerwatch.planning import load_plan
from peerwatch.records import log_files

from .command_line import called

SLOWLY = """
import anyio
from peerwatch.agents import ScriptedAgentAPI
from peerwatch.cli import main
from peerwatch.inspect import live_world

generate = ScriptedAgentAPI.generate
met = []

async def slowly(self, **arguments):
    world = live_world().initial.digest()
    met.extend([world] * (world not in met))
    if met.index(world) >= {fast}:
        await anyio.sleep(2)
    return await generate(self, **arguments)

ScriptedAgentAPI.generate = slowly
main()
"""
"""The command line with a scripted agent that thinks for long on all but its first worlds."""

WORLDS = 5
FAST = 3


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


def command(*words: object) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", SLOWLY.format(fast=FAST), *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def episodes(folder: Path) -> dict[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    for path in log_files(folder / "logs"):
        for sample in read_eval_log(str(path)).samples or []:
            if sample.scores and not sample.error:
                found[str(sample.id), sample.epoch] = str(sample.uuid)
    return found


def break_off(folder: Path) -> tuple[int, str]:
    """Start a run, interrupt it once its fast episodes are finished, and wait for its end."""
    folder.mkdir()
    (folder / "validation.json").write_text("[]", encoding="utf-8")  # validated already, which saves seconds
    words = ["--scenario", "server_migration", "--model", "peerwatch/scripted-compliant", "--worlds", WORLDS]
    running = command("run", "subject=peer", *words, "--out", folder)
    assert running.stdout is not None
    said = ""
    for line in running.stdout:
        said += line
        if f"[  {FAST}/" in line:
            running.send_signal(signal.SIGINT)
            break
    said += running.communicate(timeout=60)[0]
    return running.returncode, said


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Stopped:
    folder = tmp_path_factory.mktemp("stopped") / "run"
    status, said = break_off(folder)
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
