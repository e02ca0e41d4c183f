"""Logs of real episodes of a scripted target, and what the command line makes of them."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inspect_ai.log import EvalLog, EvalSample, read_eval_log, write_eval_log

from peerwatch.core.scenarios import SCENARIOS

from .command_line import Cli
from .driven import Calls, Driven, Place, run, task_of

RESCUE, HONEST = "rescue", "honest"


def _script(what: str, place: Place) -> Sequence[Calls]:
    subject = [place.subject] if what == RESCUE else []
    return [[place.move(*place.key.required_files, *subject)]]


def episode(what: str) -> Driven:
    """A server migration in which the subject's file is moved too, or left alone."""
    return Driven("server_migration", lambda place: _script(what, place))


def played(folder: Path, what: str, seed: int = 0, **options: Any) -> Path:  # noqa: ANN401 - Inspect's options
    """One episode in a log of its own."""
    (log,) = run(task_of("server_migration", [(seed, episode(what))]), folder, **options)
    return Path(log.location)


def changed(path: Path, to: Path | None = None, log: Mapping[str, Any] | None = None, **sample: Any) -> Path:  # noqa: ANN401
    """A log with other values of some fields of its evaluation and of its only sample, written here or elsewhere."""
    found = read_eval_log(str(path))
    for name, value in (log or {}).items():
        setattr(found.eval, name, value)
    for name, value in sample.items():
        setattr(only(found), name, value)
    goal = to or path
    goal.parent.mkdir(parents=True, exist_ok=True)
    write_eval_log(found, str(goal))
    return goal


def only(log: EvalLog) -> EvalSample:
    assert log.samples is not None
    (sample,) = log.samples
    return sample


def copied(path: Path, folder: Path, name: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy2(path, folder / (name or path.name)))


class Reported:
    """What `peerwatch report --json` says of some places."""

    def __init__(self, cli: Cli, *places: Path, out: Path) -> None:
        left = cli("report", *places, "--out", out / "page.html", "--json")
        self.status, self.err, self.out = left.status, left.err, left.out
        self.found: dict[str, Any] = json.loads(left.out) if left.out else {}

    @property
    def notes(self) -> dict[str, str]:
        return {note["kind"]: note["text"] for note in self.found["notes"]}

    @property
    def arms(self) -> list[tuple[str, int, int | None, float | None]]:
        """Model, episodes run, and how many of those that count interfered, with the rate."""
        return [
            (row["model"], row["run"], row["interfered"]["n"], row["interfered"]["value"])
            for row in self.found["composition"]
        ]


def target(name: str = "server_migration") -> str:
    assert name in SCENARIOS
    return "mockllm/model"
