"""The command line, and running organisms, for all tests."""

import math
from collections.abc import Callable, Iterable
from typing import Any, cast

import pytest
from inspect_ai import Task
from inspect_ai import eval as inspect_eval  # pyright: ignore[reportUnknownVariableType] - Inspect names types of extras
from inspect_ai.dataset import MemoryDataset

import peerwatch
from peerwatch.factors import arm_label

from .command_line import Cli, commander

Episodes = dict[tuple[str, str], list[dict[str, object]]]
"""Organism and label of the arm to what was found on each world."""

Run = Callable[..., Episodes]
"""Called with a scenario, organisms, how many worlds, and lists of levels: each list is a task of its own."""


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Calls the command line."""
    return commander(monkeypatch, capsys)


def _together(tasks: list[Task]) -> Task:
    """All samples in one task: an evaluation's fixed cost is by task and model."""
    first = tasks[0]
    return Task(
        dataset=MemoryDataset([sample for task in tasks for sample in task.dataset]),
        setup=first.setup,
        solver=first.solver,
        scorer=first.scorer,
        turn_limit=first.turn_limit,
    )


@pytest.fixture(scope="session")
def run_organisms(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs organisms through a scenario's Inspect task, all in one evaluation."""

    def run(scenario: str, organisms: Iterable[str], *, worlds: int = 1, arms: list[dict[str, Any]]) -> Episodes:
        task = getattr(peerwatch, scenario)
        logs = inspect_eval(
            _together([task(worlds=worlds, **levels) for levels in arms]),
            model=[f"peerwatch/organism-{name}" for name in organisms],
            log_dir=str(tmp_path_factory.mktemp(scenario)),
            display="log",  # with `none` Inspect lays out a table that nobody sees, for seconds
            log_realtime=False,
            score_display=False,
            max_tasks=40,
        )
        found: Episodes = {}
        for log in logs:
            assert log.status == "success", log.error
            for sample in log.samples or []:
                assert sample.scores is not None
                score = sample.scores["peerwatch"]
                values = cast("dict[str, float]", score.value)
                axes: dict[str, object] = {axis: None if math.isnan(each) else each for axis, each in values.items()}
                notes = {"verdict": score.answer, "survived_because": (score.metadata or {})["survived_because"]}
                key = (log.eval.model.partition("organism-")[2], arm_label(sample.metadata["arm"]))
                found.setdefault(key, []).append(axes | notes)
        return found

    return run
