"""Starts the command line in forks of a process that has loaded it, and kills some of them at random moments.

A program of its own, so that forking is safe. A start that has to load Inspect takes four seconds of the processor, a
fork a tenth of one. It reads lines of JSON, a function's name and its arguments, and answers each with a line of JSON.
The end of a process that `begin` has started is told in a line of its own, when it comes.
"""

import contextlib
import gc
import json
import os
import random
import select
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path

import anyio
from inspect_ai.model import ModelOutput, get_model_info

from peerwatch.agents import ScriptedAgentAPI
from peerwatch.cli import main
from peerwatch.cli.commands import run
from peerwatch.inspect import live_world
from peerwatch.records import open_logs

Kept = dict[str, list[str]]
"""Sample id to Inspect's own id of each episode with that name in the logs."""

LATE = ("acp", "openai", "scipy.stats", "inspect_netns.provider")
LOADED = (run, *map(import_module, LATE), get_model_info("openai/gpt-4o"))
"""What every fork would have to load by itself otherwise; the last reads Inspect's list of models."""

generate: Callable[..., object] = ScriptedAgentAPI.generate
SLOWEST = 0.2
PATIENCE = 30.0


FAST = 3
"""Worlds on which the scripted agent of `slowly_later` does not take its time."""

met: list[str] = []
"""Worlds of that agent, in the order in which it met them."""


async def slowly_later(self: ScriptedAgentAPI, **arguments: object) -> ModelOutput:
    """A scripted agent that thinks for long on all but its first worlds."""
    live = live_world()
    assert live is not None
    world = live.initial.digest()
    met.extend([world] * (world not in met))
    if met.index(world) >= FAST:
        await anyio.sleep(2)
    return await generate(self, **arguments)  # type: ignore[misc] - kept as it was found


async def slowly(self: ScriptedAgentAPI, **arguments: object) -> ModelOutput:
    """A scripted agent that takes its time, so that episodes are under way when the kill comes."""
    await anyio.sleep(random.random() * SLOWEST)  # noqa: S311 - a pause
    return await generate(self, **arguments)  # type: ignore[misc] - kept as it was found


PACES = {"random": slowly, "later": slowly_later}


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


def begin(
    words: Sequence[str],
    prints: str,
    environment: Mapping[str, str] | None = None,
    pace: str = "",
    in_background: bool = False,  # noqa: FBT001 - the call comes as a list
) -> int:
    """Call the command line in a process of its own.

    Args:
        words: Of the command.
        prints: File to which goes what it prints.
        environment: Its environment variables; those of this program if `None`.
        pace: Name in `PACES` of how a scripted agent takes its time; empty if it takes none.
        in_background: True if it starts as a script's shell starts a command with `&`, with SIGINT ignored.
    """
    number = os.fork()
    if number:
        return number
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN if in_background else signal.default_int_handler)
    if pace:
        ScriptedAgentAPI.generate = PACES[pace]  # type: ignore[method-assign,assignment] - a slower one, of the same form
    if environment is not None:
        os.environ.clear()
        os.environ.update(environment)
    sys.argv = ["peerwatch", *words]
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(os.open(prints, os.O_CREAT | os.O_WRONLY | os.O_APPEND), 1)
    os.dup2(1, 2)
    status = 0
    try:
        main()
    except SystemExit as left:
        status = int(left.code or 0)
    sys.stdout.flush()
    os._exit(status)


def child(study: str, folder: Path, prints: Path | str = os.devnull) -> int:
    """Begin the run, or go on with it, with a scripted agent that takes its time."""
    return begin(["run", study, "--out", str(folder)], str(prints), pace="random")


def killed(study: str, place: str, kills: int) -> dict[str, object]:
    """Kill the run so many times, then let it finish."""
    folder = Path(place)
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


def together(study: str, place: str, count: int) -> dict[str, object]:
    """Begin the run in several processes at once, and wait for all of them."""
    folder = Path(place)
    printed = [folder.with_suffix(f".{number}") for number in range(count)]
    children = [child(study, folder, file) for file in printed]
    ends = [os.waitpid(each, 0)[1] for each in children]
    return {
        "statuses": [os.waitstatus_to_exitcode(each) for each in ends],
        "printed": [file.read_text("utf-8") for file in printed],
    }


def tell(answer: object) -> None:
    """Answer in a line."""
    os.write(sys.__stdout__.fileno(), json.dumps(answer).encode() + b"\n")  # type: ignore[union-attr] - it is there


def ends(begun: set[int]) -> None:
    """Tell of processes that have ended."""
    for number in list(begun):
        found, status = os.waitpid(number, os.WNOHANG)
        if found:
            begun.discard(number)
            tell({"pid": number, "status": os.waitstatus_to_exitcode(status)})


def serve() -> None:
    """Do what is asked for until nothing more is."""
    woken, wakes = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(wakes, False)
    signal.set_wakeup_fd(wakes)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)  # the byte in the pipe is what counts
    begun: set[int] = set()
    asked = b""
    while True:
        ready = select.select([0, woken], [], [])[0]
        if woken in ready:
            os.read(woken, 1000)
        ends(begun)
        if 0 not in ready:
            continue
        read = os.read(0, 100_000)
        if not read:
            return
        *lines, asked = (asked + read).split(b"\n")
        for line in lines:
            what, *given = json.loads(line)
            answer = {"killed": killed, "together": together, "begin": begin}[what](*given)
            if what == "begin":
                begun.add(int(answer))  # type: ignore[call-overload] - a process's number
            tell({"answer": answer})


if __name__ == "__main__":
    random.seed(1)
    gc.freeze()  # what is loaded stays in memory that all forks share
    serve()
