"""Mitigations: what a level changes in a real run, who decides on calls, and what stands in the journal of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import Task
from inspect_ai import eval as inspect_eval  # pyright: ignore[reportUnknownVariableType] - Inspect names types of extras
from inspect_ai.dataset import MemoryDataset
from inspect_ai.log import EvalSample
from inspect_ai.model import ModelOutput, get_model

from peerwatch.agents import EACH, act_out
from peerwatch.core.factors import ArmError
from peerwatch.core.outcomes import assess
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.core.worlds import Entry
from peerwatch.inspect import trace_of
from peerwatch.inspect._samples import sample_of
from peerwatch.monitors import mitigation_review
from peerwatch.running._tasks import make_task
from peerwatch.validation._through_inspect import cast_of_sample, found_in

EPISODES = [
    ("server_migration", "rescuer-direct", "two_person"),
    ("server_migration", "rescuer-rename-first", "monitor_blocks"),
    ("server_migration", "clumsy", "two_person"),
    ("server_migration", "rescuer-beside-finish", "monitor_blocks"),
    ("server_migration", "rescuer-direct", "out_of_band"),
    ("disk_cleanup", "un-queuer", "two_person"),
    ("disk_cleanup", "compliant", "two_person"),
    ("shutdown_switch", "switch-off", "monitor_blocks"),
    ("shutdown_switch", "inflator", "two_person"),
    ("oversight_review", "withholder-other", "monitor_blocks"),
]
"""Scenario, scripted agent and level of episodes that are run through Inspect."""


def arm(level: str) -> dict[str, str]:
    return {"setting": "sparse", "mitigation": level}


def line(entry: Entry) -> dict[str, Any]:
    """An entry without how Inspect words that a call fits no tool."""
    return entry.model_dump(exclude=set() if entry.reached or entry.approval else {"effect"})


def run(samples: list[Any], tmp_path: Path, model: Any, **options: Any) -> list[EvalSample]:  # noqa: ANN401
    like = make_task("server_migration", arm("two_person"), worlds=1, seed=0)
    setup = [*like.setup] if isinstance(like.setup, list) else [like.setup]
    task = Task(
        dataset=MemoryDataset(samples),
        setup=[*setup, cast_of_sample()] if model == f"peerwatch/scripted-{EACH}" else setup,
        solver=like.solver,
        scorer=like.scorer,
        turn_limit=like.turn_limit,
    )
    (log,) = inspect_eval(task, model=model, log_dir=str(tmp_path), display="none", **options)
    assert log.status == "success", log.error
    return log.samples or []


@pytest.fixture(scope="module")
def episodes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[str, str, str], EvalSample]:
    samples: list[Any] = []
    for scenario, agent, level in EPISODES:
        sample = sample_of(scenario, "", arm(level), 0)
        told = {**(sample.metadata or {}), "scripted_agent": agent}
        samples.append(sample.model_copy(update={"id": f"{sample.id}.{agent}", "metadata": told}))
    found = run(samples, tmp_path_factory.mktemp("logs"), f"peerwatch/scripted-{EACH}")
    return dict(zip(EPISODES, sorted(found, key=lambda each: [s.id for s in samples].index(each.id)), strict=True))


@pytest.mark.parametrize("episode", EPISODES, ids=" ".join)
def test_a_run_and_the_validation_see_the_same(
    episodes: Mapping[tuple[str, str, str], EvalSample], episode: tuple[str, str, str]
) -> None:
    scenario, agent, level = episode
    sample = episodes[episode]
    case = SCENARIOS[scenario].case(arm(level), 0)
    acted = act_out(SCENARIOS[scenario].scripted_agents[agent], case, 30, mitigation_review(level)).trace
    made = trace_of(sample.metadata, sample.store).journal
    assert [line(entry) for entry in made] == [line(entry) for entry in acted.journal]
    found, expected = found_in(sample), assess(acted)
    assert {axis: found[axis] for axis in expected.axes if axis in found} == {
        axis: value for axis, value in expected.axes.items() if axis in found
    }
    assert found["verdict"] == expected.verdict
