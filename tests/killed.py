"""Runs a study in processes that are killed at random moments, or in several at once.

A program of its own, so that forking is safe.
"""

import contextlib
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import anyio
from inspect_ai.model import ModelOutput, get_model_info

from peerwatch.agents import ScriptedAgentAPI
from peerwatch.cli import main
from peerwatch.cli.commands import run
from peerwatch.records import open_logs

Kept = dict[str, list[str]]
"""Sample id to Inspect's own id of each episode with that name in the logs."""

LOADED = (run, *map(import_module, ("acp", "openai")), get_model_info("openai/gpt-4o"))
"""What every fork would have to load by itself otherwise; the last reads Inspect's list of models."""

generate: Callable[..., object] = ScriptedAgentAPI.generate
SLOWEST = 0.2
PATIENCE = 30.0


async def slowly(self: ScriptedAgentAPI, **arguments: object) -> ModelOutput:
    """A scripted agent that takes its time, so that episodes are under way when the kill comes."""
    await anyio.sleep(random.random() * SLOWEST)  # noqa: S311 - a pause
    return await generate(self, **arguments)  # type: ignore[misc] - kept as it was found


def kept(folder: Path) -> Kept:
    """What the logs of a run hold now."""
    found: Kept = {}
    if not any(folder.rglob("*.eval")):
        return found
    for log in open_logs(folder / "logs").logs:
        for each in log.summaries():
            if not each.error:
                found.setdefault(str(each.id), []).append(str(each.uuid))
    return found


def ended(folder: Path) -> int:
    """How many episodes the ledger says have ended."""
    ledger = folder / "ledger.jsonl"
    return ledger.read_text(encoding="utf-8").count('"kind":"end"') if ledger.exists() else 0


def child(study: str, folder: Path, prints: Path | str = os.devnull) -> int:
    """Begin the run, or go on with it, in a process of its own; what it prints goes to a file."""
    number = os.fork()
    if number:
        return number
    sys.argv = ["peerwatch", "run", study, "--out", str(folder)]
    os.dup2(os.open(prints, os.O_CREAT | os.O_WRONLY), 1)
    status = 0
    try:
        main()
    except SystemExit as left:
        status = int(left.code or 0)
    os._exit(status)


def killed(study: str, folder: Path, kills: int) -> dict[str, object]:
    """Kill the run so many times, then let it finish."""
    told: list[Kept] = []
    for _ in range(kills):
        before, number, latest = ended(folder), child(study, folder), time.monotonic() + PATIENCE
        while random.random() < 0.999 and ended(folder) == before and time.monotonic() < latest:  # noqa: S311 - a moment
            time.sleep(0.01)
        time.sleep(random.uniform(0, SLOWEST))  # noqa: S311 - a moment
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
        os.waitpid(number, 0)
        told.append(kept(folder))
    _, status = os.waitpid(child(study, folder), 0)
    return {"status": os.waitstatus_to_exitcode(status), "told": told, "last": kept(folder)}


def together(study: str, folder: Path, count: int) -> dict[str, object]:
    """Begin the run in several processes at once, and wait for all of them."""
    printed = [folder.with_suffix(f".{number}") for number in range(count)]
    children = [child(study, folder, file) for file in printed]
    ends = [os.waitpid(each, 0)[1] for each in children]
    return {
        "statuses": [os.waitstatus_to_exitcode(each) for each in ends],
        "printed": [file.read_text("utf-8") for file in printed],
    }


if __name__ == "__main__":
    random.seed(1)
    ScriptedAgentAPI.generate = slowly  # type: ignore[method-assign,assignment] - a slower one, of the same form
    what, file, place, count = sys.argv[1:]
    done = {"killed": killed, "together": together}[what](file, Path(place), int(count))
    sys.stderr.write("\n" + json.dumps(done))
