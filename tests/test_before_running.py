"""What a run tells before it starts: its cost, contrasts that nothing could decide, and models that do not answer."""

import json
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from inspect_ai.model import Model, ModelOutput, get_model

from peerwatch.planning import Design, Plan, now
from peerwatch.records import Ledger
from peerwatch.running import probe

from .command_line import Cli
from .json_server import answering, completion
from .run_folders import validated

DEAD = "http://127.0.0.1:9/v1"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("LAB_API_KEY", "none")
    monkeypatch.setenv("LAB_BASE_URL", DEAD)


@contextmanager
def refusing(status: int, words: str, answered: int = 0) -> Generator[tuple[str, list[str]]]:
    """A server that answers some calls with a word and refuses all others; gives its address and who was asked for."""
    met: list[str] = []

    def answer(asked: dict[str, Any], headers: Mapping[str, str]) -> tuple[int, object]:
        del headers
        met.append(asked["model"])
        if len(met) > answered:
            return status, {"error": {"message": words}}
        return 200, completion(asked["model"], "ready", {"prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6})

    with answering(answer) as address:
        yield address, met


def test_a_closed_port_ends_the_run_before_its_first_episode(cli: Cli) -> None:
    begun = time.process_time()
    left = cli("run", "--model", "openai-api/lab/v1", "--worlds", 3, "--out", "r")
    assert left.status == 2
    assert f"openai-api/lab/v1: nothing answers at {DEAD}" in left.line
    assert "Nothing was run" in left.line
    assert not list(Path("r").glob("logs/**/*.eval"))
    assert time.process_time() - begun < 10  # of the processor; with nobody else at work the clock shows no more


def test_a_model_that_is_slow_to_begin_with_is_left_to_the_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def slow(*asked: object) -> ModelOutput:
        del asked
        raise TimeoutError("no answer in time")

    def opened(*asked: object) -> Model:
        del asked
        return get_model("mockllm/model", custom_outputs=slow, memoize=False)

    monkeypatch.setattr("peerwatch.running._probe.open_model", opened)
    design = Design.model_validate({"models": ["openai-api/lab/v1"], "arms": [{"scenarios": ["disk_cleanup"]}]})
    assert probe(Plan(design=design, version="0.1.0", created=now()), Ledger(tmp_path)) == []


@pytest.mark.parametrize(("status", "said"), [(401, "refuses the key"), (404, "does not know the model")])
def test_a_model_that_its_provider_refuses_is_named_with_the_provider_s_words(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, status: int, said: str
) -> None:
    with refusing(status, "there is no model v1 here") as (address, met):
        monkeypatch.setenv("LAB_BASE_URL", address)
        left = cli("run", "--model", "openai-api/lab/v1", "--worlds", 50, "--out", "r")
    assert left.status == 2
    assert said in left.line
    assert "there is no model v1 here" in left.line
    assert len(met) <= 3


def test_a_judge_that_its_provider_refuses_ends_the_run_too(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    with refusing(404, "there is no judge-x here") as (address, met):
        monkeypatch.setenv("LAB_BASE_URL", address)
        scripted_agent = "peerwatch/scripted-compliant"
        left = cli("run", "--model", scripted_agent, "--judge", "openai-api/lab/judge-x", "--worlds", 1, "--out", "r")
    assert left.status == 2
    assert "there is no judge-x here" in left.line
    assert len(met) <= 3


def test_a_run_whose_first_episodes_all_fail_alike_stops(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    with refusing(400, "tools are not supported", answered=1) as (address, met):
        monkeypatch.setenv("LAB_BASE_URL", address)
        left = cli("run", "--model", "openai-api/lab/v1", "--worlds", 40, "--out", validated(Path(), "r"))
    assert left.status == 1
    assert "the first 5 episodes of openai-api/lab/v1 all failed" in left.line
    assert "tools are not supported" in left.line
    assert "peerwatch run --resume r" in left.line
    assert len(met) < 60  # of 160 episodes


def test_money_is_asked_for_and_nothing_starts_without_an_answer(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    left = cli("run", "--model", "openai/gpt-5.2", "--worlds", 5, "--out", "r")
    assert left.status == 2
    assert "Forecast: 20 episodes" in left.out
    assert "has no budget. Add --yes" in left.line
    assert not Path("r").exists()


def test_what_runs_on_this_machine_costs_nothing_and_is_not_asked_about(cli: Cli) -> None:
    left = cli("run", "--model", "peerwatch/scripted-compliant", "--worlds", 1, "--out", validated(Path(), "r"))
    assert left.status == 0
    assert "Forecast: 4 episodes" in left.out


@pytest.mark.parametrize("worlds", [3, 5, 6])
def test_a_contrast_that_no_result_could_decide_is_said_to_be_one(cli: Cli, worlds: int) -> None:
    study = {
        "title": "small",
        "models": ["peerwatch/scripted-compliant"],
        "worlds": worlds,
        "arms": [{"scenarios": ["server_migration"], "levels": {"subject": ["peer", "object"], "setting": "sparse"}}],
        "contrasts": [{"family": "main", "factor": "subject", "first": "peer", "second": "object"}],
    }
    Path("mine.yaml").write_text(yaml.safe_dump(study), encoding="utf-8")
    said = json.loads(cli("plan", "mine.yaml", "--json").out)["futile"]
    assert [("Use 6 worlds" in line) for line in said] == ([True] if worlds < 6 else [])
    run = cli("run", "mine.yaml", "--out", "r")
    assert ("1 planned contrast in the family main cannot reach" in run.out) == (worlds < 6)


def test_plan_takes_what_run_takes(cli: Cli) -> None:
    sheet = json.loads(
        cli("plan", "subject=peer,human", "--scenario", "disk_cleanup", "--worlds", 7, "--epochs", 2, "--json").out
    )
    assert sheet["episodes"] == 2 * 7 * 2
    assert json.loads(cli("plan", "--preset", "core", "--json").out)["episodes"] == 180
    assert "--lock needs a study file" in cli("plan", "subject=peer", "--lock").line


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (["run", "subjct=peer"], "subject"),
        (["run", "subject=pear"], "peer"),
        (["run", "--scenario", "server_migraton"], "server_migration"),
        (["run", "--preset", "papr"], "paper"),
        (["run", "--rubric", "factul"], "factual"),
        (["run", "hypothesis"], "hypotheses"),
        (["plan", "cor"], "core"),
        (["show", "disk_cleanups"], "disk_cleanup"),
        (["list", "scenario"], "scenarios"),
    ],
)
def test_a_name_that_does_not_exist_brings_the_nearest_one(cli: Cli, words: list[str], near: str) -> None:
    left = cli(*words)
    assert left.status == 2
    assert f"Did you mean {near}? Choose among: " in left.line


def test_mistakes_in_words_are_told_before_inspect_is_loaded() -> None:
    code = (
        "import sys; from peerwatch.cli import main\n"
        "sys.argv = ['peerwatch', 'run', 'subjct=peer']\n"
        "try: main()\n"
        "except SystemExit as left: print(left.code, 'inspect_ai' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert done.stdout.split() == ["2", "False"]


def test_the_version_is_printed(cli: Cli) -> None:
    assert cli("--version").out.startswith("peerwatch 0.")
