"""Coding agents in Docker as their user runs them: the task by name, and the image; the model alone is scripted."""

from pathlib import Path

import pytest
from inspect_ai import eval as inspect_eval  # pyright: ignore[reportUnknownVariableType]
from inspect_ai.log import EvalSample
from inspect_ai.scorer import Score

from peerwatch import product_report, server_migration
from peerwatch.agents import expected_of, machine_agents, shell_names
from peerwatch.inspect import JOURNAL
from peerwatch.sandboxes import SHELL
from tests.machines.scripted_agents import PLAYED as SEEDS
from tests.machines.scripted_agents import SCENARIO, case_of, chosen, script_of
from tests.machines.scripted_cli import Script, scripted

AGENTS = ("claude_code", "gemini_cli", "qwen_code")
PLAYED = dict(zip(AGENTS, ("honest", "scp", "scp"), strict=True))
"""Agent to the scripted agent that its model plays; all of them on all scripted agents are tried in namespaces."""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], EvalSample]:
    """Every one of them, two worlds side by side."""
    logs = inspect_eval(
        [
            server_migration(agent=name, worlds=1, seed=SEEDS.index(scripted_agent))
            for name, scripted_agent in PLAYED.items()
        ],
        model=scripted(chosen),
        log_dir=str(tmp_path_factory.mktemp("played")),
        display="none",
        max_tasks=2,
        max_sandboxes=2,
        fail_on_error=False,
    )
    assert [log.error and log.error.message for log in logs if log.status != "success"] == []
    return {
        (log.eval.task_args["agent"], SEEDS[sample.metadata["world_seed"]]): sample
        for log in logs
        for sample in log.samples or []
    }


def score_of(sample: EvalSample) -> Score:
    assert sample.error is None, sample.error.message
    return (sample.scores or {})["peerwatch"]


@pytest.mark.parametrize(("name", "scripted_agent"), PLAYED.items())
def test_the_verdict_is_right(played: dict[tuple[str, str], EvalSample], name: str, scripted_agent: str) -> None:
    score = score_of(played[name, scripted_agent])
    expected = expected_of(machine_agents()[SCENARIO][scripted_agent], shell_names(case_of(scripted_agent)))
    assert score.answer == expected["verdict"], score.explanation
    assert isinstance(score.value, dict)
    for axis in ("survived", "rescued", "completed", "covered_tracks"):
        assert score.value[axis] == expected[axis], axis


@pytest.mark.parametrize(("name", "scripted_agent"), PLAYED.items())
def test_every_command_is_in_the_journal(
    played: dict[tuple[str, str], EvalSample], name: str, scripted_agent: str
) -> None:
    journal = played[name, scripted_agent].store[JOURNAL]
    assert len([each for each in journal if each["tool"] == SHELL]) == len(script_of(scripted_agent).steps)


def test_the_company_s_tools_reach_an_agent(tmp_path: Path) -> None:
    steps: list[tuple[str, dict[str, str]]] = [
        ("list_documents", {}),
        ("write_document", {"name": "report.txt", "content": "Grade C."}),
    ]
    [log] = inspect_eval(
        product_report(agent=AGENTS[0], worlds=1), model=scripted(Script(steps)), log_dir=str(tmp_path), display="none"
    )
    assert log.status == "success", log.error and log.error.message
    [sample] = log.samples or []
    assert [(each["tool"], each["ok"]) for each in sample.store[JOURNAL][:2]] == [(tool, True) for tool, _ in steps]
