"""Studies whose models work through real agents: killed and gone on with, cut off by a budget, to the report."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from inspect_netns.testing import alive, files_of_worlds, left_behind, processes_of
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.records import CUT, Episode, read_episodes
from peerwatch.sandboxes.provision import rootfs_folder
from tests.machines.scripted_cli import TITLE
from tests.machines.scripted_main import HELD, WRITES
from tests.run_folders import rows, validated

COMMAND = [sys.executable, "-m", "tests.machines.scripted_main", "run"]
SCRIPTED_AGENT, MODEL, AGENT = "peerwatch/scripted-compliant", "mockllm/model", "claude_code"
SCENARIOS_PLAYED = ("disk_cleanup", "performance_review")
"""One on machines, and one whose tools come over MCP; `test_agents_episodes.py` plays others."""
IN_AGENT = f"{MODEL} in {AGENT}"
USER_AGENT = Path(__file__).with_name("user_agent.py")
PATIENCE = 400
BEFORE = files_of_worlds(rootfs_folder())


def begun(*words: object, held: str = "") -> subprocess.Popen[str]:
    """Begin a run; episodes of the scenario that is held do not end for minutes."""
    return subprocess.Popen(  # noqa: S603 - ours
        [*COMMAND, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {HELD: held},
    )


def done(*words: object) -> str:
    run = begun(*words)
    said, _ = run.communicate(timeout=PATIENCE)
    assert run.returncode == 0, said
    return said


def written(
    folder: Path,
    *models: Any,  # noqa: ANN401 - fields of a study
    scenarios: list[str],
    presence: Sequence[str] = ("told",),
    **more: Any,  # noqa: ANN401 - as above
) -> Path:
    file = folder / "study.yaml"
    content = {
        "models": list(models),
        "arms": [{"scenarios": scenarios, "levels": {"setting": ["sparse"], "presence": [*presence]}}],
        "worlds": 1,
        **more,
    }
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return file


def ended_in_agent(place: Path) -> bool:
    """Whether an episode in an agent has ended."""
    return (place / "ledger.jsonl").exists() and any(row["model"] == IN_AGENT for row in rows(place, "end"))


def killed_once_an_episode_in_the_agent_has_ended(file: Path, place: Path) -> set[int]:
    """Kill a run while another episode, which is held, has its machines; every process that came of it."""
    run, latest = begun(file, "--out", place, held=SCENARIOS_PLAYED[0]), time.monotonic() + PATIENCE
    while not ended_in_agent(place) or len(processes_of(run.pid)) == 1:
        assert run.poll() is None, run.communicate()[0]
        assert time.monotonic() < latest
        time.sleep(0.2)
    everyone = processes_of(run.pid)
    os.kill(run.pid, signal.SIGKILL)
    run.communicate()
    return everyone


def by_slot(place: Path) -> dict[tuple[str, str], Episode]:
    return {(each.slot.model, each.slot.scenario): each for each in read_episodes(place / "logs")}


@pytest.fixture(scope="module")
def killed_and_resumed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[int], dict[str, float]]:
    """A study that is killed and resumed: its folder, what was killed, and what had ended."""
    folder = tmp_path_factory.mktemp("killed")
    agent = {"name": MODEL, "agent": AGENT, "sandbox": "netns", "connections": 2}
    file, place = written(folder, SCRIPTED_AGENT, agent, scenarios=list(SCENARIOS_PLAYED)), validated(folder)
    everyone = killed_once_an_episode_in_the_agent_has_ended(file, place)
    before = {f"{row['model']} {row['id']}": row["at"] for row in rows(place, "end")}
    done(file, "--out", place)
    return place, everyone, before


@pytest.mark.parametrize("scenario", SCENARIOS_PLAYED)
def test_an_honest_agent_complies_simulated_and_real(
    killed_and_resumed: tuple[Path, set[int], dict[str, float]], scenario: str
) -> None:
    found = by_slot(killed_and_resumed[0])
    simulated, real = found[SCRIPTED_AGENT, scenario], found[IN_AGENT, scenario]
    assert (simulated.verdict, real.verdict) == ("complied", "complied"), real.failure
    assert simulated.world_hash == real.world_hash
    assert real.setting == ("shell" if "shell" in SCENARIOS[scenario].wordings else "tools")
    assert real.slot.agent == AGENT


def test_a_killed_run_leaves_no_machines_and_repeats_nothing(
    killed_and_resumed: tuple[Path, set[int], dict[str, float]],
) -> None:
    place, everyone, before = killed_and_resumed
    assert len(everyone) > 1
    assert not any(alive(pid) for pid in everyone)
    assert left_behind(rootfs_folder(), before=BEFORE) == []
    ends = [f"{row['model']} {row['id']}" for row in rows(place, "end")]
    assert before
    assert sorted(ends) == sorted(set(ends))
    assert len(ends) == 2 * len(SCENARIOS_PLAYED)


def test_the_report_says_the_agent_and_its_release(
    killed_and_resumed: tuple[Path, set[int], dict[str, float]],
) -> None:
    page = (killed_and_resumed[0] / "report.html").read_text(encoding="utf-8")
    assert IN_AGENT in page
    assert "Claude Code 2.1.330" in page
    assert f"<code>{AGENT}</code>" in page


def test_a_budget_cuts_an_episode_in_an_agent_off_before_the_call_that_passes_it(tmp_path: Path) -> None:
    agent = {"name": MODEL, "agent": AGENT, "sandbox": "netns"}
    file = written(tmp_path, agent, scenarios=["product_report"], budget={"calls": 4, "reserve": 0})
    place = validated(tmp_path)
    run = begun(file, "--out", place)
    said, _ = run.communicate(timeout=PATIENCE)
    assert run.returncode == 1, said
    assert len(rows(place, "call")) == 4
    assert [row["again"] for row in rows(place, "end")] == [True]
    (only,) = read_episodes(place / "logs")
    assert only.verdict == "invalid"
    assert only.failure is not None
    assert only.failure.reason.startswith(CUT)


def test_a_live_partner_of_an_agent_is_asked_counted_and_shown(tmp_path: Path) -> None:
    agent = {"name": MODEL, "agent": AGENT, "sandbox": "netns"}
    file, place = written(tmp_path, agent, scenarios=["disk_cleanup"], presence=["live"]), validated(tmp_path)
    done(file, "--out", place)
    (only,) = read_episodes(place / "logs")
    assert (only.verdict, only.axes["contacted"]) == ("complied", 1), only.failure
    said = [(each.actor, each.arguments["text"]) for each in only.journal if each.tool in ("send_message", "reply")]
    assert said == [("target", WRITES[1]["text"]), ("model", TITLE)]
    assert [each.text for each in only.exchange if each.actor == "target"] == [TITLE] * 2
    calls = Counter(row["model"] for row in rows(place, "call"))
    assert calls[f"exchange of {IN_AGENT}"] == 2
    assert calls[f"peer {IN_AGENT}"] == 3
    assert len([*(place / "exchanges").glob("*.json")]) == 1
    assert "Messages and acts" in (place / "report.html").read_text(encoding="utf-8")


def test_an_agent_of_the_users_own_runs_to_a_report(tmp_path: Path) -> None:
    place = validated(tmp_path)
    own = f"python3 -c {shlex.quote(USER_AGENT.read_text(encoding='utf-8'))} {{prompt_file}}"
    words = ["subject=peer", "--model", MODEL, "--scenario", "disk_cleanup", "--worlds", 1, "--sandbox", "netns"]
    done(*words, "--agent-command", own, "--out", place)
    (only,) = read_episodes(place / "logs")
    assert (only.verdict, only.slot.agent, only.slot.agent_command) == ("complied", "command", own)
    assert f"{MODEL} in command" in (place / "report.html").read_text(encoding="utf-8")


def test_an_agent_in_a_folder_of_its_own_that_ends_with_an_error_is_measured_and_not_run_again(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    source = USER_AGENT.read_text(encoding="utf-8")
    (mine / "agent.py").write_text(f"{source}\nraise SystemExit('the disk is full')\n", encoding="utf-8")
    place = tmp_path / "run"
    words = ["subject=peer", "--model", MODEL, "--scenario", "disk_cleanup", "--worlds", 1, "--sandbox", "netns"]
    own = "python3 /opt/mine/agent.py {prompt_file}"
    said = done(*words, "--agent-command", own, "--agent-folder", mine, "--out", place)
    assert "python3 starts in netns and called its model." in said
    (only,) = read_episodes(place / "logs")
    assert (only.verdict, only.failure is not None and only.failure.kind) == ("complied", "model")
    assert only.failure is not None
    assert "the disk is full" in only.failure.reason
    kept = json.loads((place / "validation.json").read_text("utf-8"))["rows"]
    assert {row["scripted_agent"] for row in kept if row["sandbox"] == "netns"} == {"honest", "left-out", "mover"}
    done("--resume", place, "--agent-folder", mine)
    assert len(rows(place, "end")) == 1


def test_a_command_that_does_not_work_ends_the_run_before_it_begins(tmp_path: Path) -> None:
    words = ["subject=peer", "--model", MODEL, "--scenario", "disk_cleanup", "--worlds", 1, "--sandbox", "netns"]
    run = begun(*words, "--agent-command", "no-such-agent {prompt}", "--out", tmp_path / "run")
    said, _ = run.communicate(timeout=PATIENCE)
    assert run.returncode == 2, said
    assert "program no-such-agent not found on the machine" in said
    assert not (tmp_path / "run").exists()


def test_an_agent_that_hangs_is_ended_by_the_time_limit_and_what_it_did_is_measured(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    source = USER_AGENT.read_text(encoding="utf-8")
    (mine / "agent.py").write_text(f"{source}\nimport time\ntime.sleep(10_000)\n", encoding="utf-8")
    place = validated(tmp_path)
    words = ["subject=peer", "--model", MODEL, "--scenario", "disk_cleanup", "--worlds", 1, "--sandbox", "netns"]
    own = ["--agent-command", "python3 /opt/mine/agent.py {prompt_file}", "--agent-folder", mine]
    done(*words, *own, "--time-limit", 60, "--out", place)
    (only,) = read_episodes(place / "logs")
    assert only.verdict == "complied", only.failure
    assert only.failure is not None
    assert "time limit" in only.failure.reason
    assert left_behind(rootfs_folder(), before=BEFORE) == []
