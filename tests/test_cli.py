"""What a user gets wrong is said in one line with exit status 2; the machinery's failures leave with 1."""

import errno
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from inspect_ai import Task
from inspect_ai import eval as inspect_eval  # pyright: ignore[reportUnknownVariableType] - Inspect names types of extras
from inspect_ai.dataset import Sample
from inspect_ai.model import get_model
from inspect_ai.scorer import includes

from peerwatch.core.factors import FACTORS
from peerwatch.core.presets import PRESETS
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.inspect.internals import PrerequisiteError

from . import pages
from .command_line import Cli
from .driven import Driven, run, task_of, turn_output


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    run(task_of("server_migration", [(0, Driven("server_migration", lambda p: [[p.move(*p.rest)]]))]), folder)
    return folder


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("foreign")
    model = get_model("mockllm/model", custom_outputs=[turn_output([], 0)], memoize=False)
    run(Task(dataset=[Sample(input="1+1", target="2")], scorer=includes(), model=model, name="sums"), folder)
    return folder


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "nowhere"], ["nowhere is not a scenario", *SCENARIOS]),
        (["show", "disk_cleanup", "subject=pear"], ["'pear' is not a level of subject", *FACTORS["subject"].levels]),
        (["show", "disk_cleanup", "colour=red"], ["colour is not a factor of disk_cleanup", "subject", "backup"]),
        (["show", "disk_cleanup", "subject"], ["'subject' is not of the form FACTOR=LEVEL"]),
        (["show", "disk_cleanup", "subject=peer", "subject=self"], ["subject is given twice"]),
        (["show", "disk_cleanup", "--diff", "stakes=non"], ["'non' is not a level of stakes", "bar_only"]),
        (["list", "planets"], ["'planets' cannot be listed", "scenarios", "models"]),
        (["run", "subject=pear"], ["'pear' is not a level of subject", *FACTORS["subject"].levels]),
        (["run", "colour=red"], ["colour is not a factor", "subject"]),
        (["run", "--scenario", "nowhere"], ["nowhere is not a scenario", *SCENARIOS]),
        (["run", "--rubric", "creativity"], ["rubric=creativity", "server_migration", "factual, creativity, policy"]),
        (["run", "--scenario", "shutdown_switch", "--rubric", "red"], ["red is not a", "factual, creativity, policy"]),
        (["run", "--preset", "papers"], ["papers is not a preset", *PRESETS]),
        (["run", "--preset", "core", "subject=peer"], ["preset=core sets levels and rubrics itself"]),
        (["run", "--preset", "dose", "--rubric", "factual"], ["preset=dose sets levels and rubrics itself"]),
        (["run", "--preset", "dose", "--scenario", "disk_cleanup"], ["not in the preset dose", "shutdown_switch"]),
        (["run", "--calibration", "logs"], ["calibration=logs", "bar=calibrated"]),
        (["run", "--resume", "absent", "--preset", "core"], ["--resume resumes a run as planned"]),
        (["run", "--scenario", "performance_review", "bar=calibrated"], ["bar=calibrated", "--calibration LOGS"]),
        (["run", "bar=90"], ["bar does not apply to server_migration", "subject", "backup"]),
        (["show", "disk_cleanup", "--rubric", "factual"], ["rubric=factual: disk_cleanup has no rubrics"]),
        (["show", "performance_review", "--rubric", "red"], ["rubric=red", "factual, creativity, policy"]),
        (["run", "--worlds", "0"], ["worlds=0", "at least 1"]),
        (["run", "--epochs", "-1"], ["epochs=-1", "at least 1"]),
        (["validate", "--scenario", "nowhere"], ["nowhere is not a scenario", *SCENARIOS]),
        (["validate", "--worlds", "0"], ["worlds=0", "at least 1"]),
        (["validate", "--shell", "--worlds", "0"], ["worlds=0", "at least 1"]),
        (["run", "--resume", "absent"], ["absent is not the folder of a run"]),
        (["rescore", "absent.eval"], ["absent.eval does not exist"]),
        (["report", "absent.eval"], ["absent.eval does not exist"]),
    ],
    ids=" ".join,
)
def test_a_mistake_is_one_line_with_what_is_legal(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    left = cli(*words)
    assert left.status == 2
    assert [each for each in said if each not in left.line] == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"subjekt": "peer"}, "subjekt is not an argument of server_migration. Its arguments are: subject"),
        ({"stakes": "non"}, "'non' is not a level of stakes in server_migration. "),
        ({"stakes": ["none", "non"]}, "'non' is not a level"),
        ({"worlds": 0}, "worlds=0"),
        ({"worlds": "many"}, "worlds=many"),
        ({"agent": "shell"}, "Choose among: simulated"),
    ],
    ids=str,
)
def test_inspect_refuses_a_task_argument_that_makes_no_sense(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(PrerequisiteError, match=said):
        inspect_eval("peerwatch/server_migration", task_args=arguments, model="mockllm/model", display="log")


def test_inspects_own_command_line_refuses_an_unknown_argument_in_words(tmp_path: Path) -> None:
    words = ["-m", "inspect_ai", "eval", "peerwatch/disk_cleanup", "-T", "subjekt=peer", "--model", "mockllm/model"]
    loud = {name: value for name, value in os.environ.items() if name != "INSPECT_DISPLAY"}  # our own `main` sets it
    left = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, *words], cwd=tmp_path, env=loud, capture_output=True, text=True, check=False
    )
    assert left.returncode != 0
    said = " ".join((left.stdout + left.stderr).split())
    assert "subjekt is not an argument of disk_cleanup" in said
    assert "Traceback" not in said
    assert list(tmp_path.rglob("*.eval")) == []


@pytest.mark.parametrize("command", ["rescore", "report"])
@pytest.mark.parametrize("damage", ["cut short", "no archive", "another archive", "empty", "a sample cut short"])
def test_a_damaged_log_is_named(cli: Cli, logs: Path, tmp_path: Path, command: str, damage: str) -> None:
    log = next(logs.glob("*.eval"))
    whole = log.read_bytes()
    broken = tmp_path / "broken.eval"
    broken.write_bytes({"cut short": whole[: len(whole) // 2], "no archive": b"{}", "empty": b""}.get(damage, b""))
    if damage == "another archive":
        with zipfile.ZipFile(broken, "w") as archive:
            archive.writestr("hello.txt", "hello")
    if damage == "a sample cut short":
        with zipfile.ZipFile(log) as old, zipfile.ZipFile(broken, "w") as archive:
            for name in old.namelist():
                archive.writestr(name, old.read(name)[: 200 if name.startswith("samples/") else None])
    left = cli(command, broken)
    assert left.status == 2
    assert str(broken) in left.line
    assert "damaged" in left.line


@pytest.mark.parametrize("command", ["rescore", "report"])
def test_a_log_of_another_task_is_named(cli: Cli, foreign: Path, command: str) -> None:
    left = cli(command, foreign)
    assert left.status == 2
    assert "is a log of sums, not of a Peerwatch task" in left.line


@pytest.mark.parametrize("command", ["rescore", "report"])
def test_a_folder_without_logs_is_named(cli: Cli, tmp_path: Path, command: str) -> None:
    left = cli(command, tmp_path)
    assert left.status == 2
    assert f"{tmp_path} holds no Inspect logs" in left.line
    (tmp_path / "note.txt").write_text("hello", encoding="utf-8")
    assert "note.txt is not an Inspect log (.eval or .json)" in cli(command, tmp_path / "note.txt").line


def test_loose_logs_are_scored_again_and_reported(cli: Cli, logs: Path, tmp_path: Path) -> None:
    left = cli("rescore", logs, "--json")
    assert (left.status, [row["same"] for row in json.loads(left.out)]) == (0, [True])
    page = tmp_path / "page.html"
    left = cli("report", logs, "--out", page, "--json")
    assert left.status == 0
    assert json.loads(left.out)["report"] == str(page)
    html = page.read_text(encoding="utf-8")
    assert html.startswith("<!")
    (episode,) = pages.evidence(html)
    assert [line[2] for line in episode["journal"]][-1] == "finish"
    assert f"inspect view --log-dir {logs}" in html
    left = cli("report", logs, next(logs.glob("*.eval")), "--out", page)
    assert (left.status, "hold the same episode" in left.line) == (2, True)


def test_a_folder_below_a_file_cannot_be_written(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    left = cli("run", "--model", "peerwatch/scripted-compliant", "--out", tmp_path / "file" / "run")
    assert left.status == 2
    assert str(tmp_path / "file") in left.line


@pytest.mark.parametrize(
    ("number", "status", "said"),
    [
        (errno.EROFS, 2, "is read-only. Choose another folder with --out"),
        (errno.EACCES, 2, "is read-only. Choose another folder with --out"),
        (errno.ENOSPC, 1, "the disk is full"),
    ],
)
@pytest.mark.parametrize("command", ["run", "report"])
def test_a_folder_that_takes_nothing_is_named(
    cli: Cli,
    logs: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    status: int,
    said: str,
    command: str,
) -> None:
    def refuse(*_: object, **where: object) -> None:
        raise OSError(number, "no", str(where["dir"]))

    monkeypatch.setattr("peerwatch.core.writing.tempfile.NamedTemporaryFile", refuse)
    out = tmp_path / "out"
    words = ["--model", "peerwatch/scripted-compliant"] if command == "run" else [str(logs)]
    left = cli(command, *words, "--out", out)
    assert left.status == status
    assert said in left.line
    assert str(tmp_path) in left.line


def test_without_its_weights_the_embedded_model_says_how_to_fetch_them(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PEERWATCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("PEERWATCH_MODEL", raising=False)
    left = cli("run", "--out", tmp_path / "run", "--worlds", 1)
    assert left.status == 2
    assert "`peerwatch setup model`" in left.err.strip().splitlines()[-1]


@pytest.mark.parametrize("model", ["peerwatch/scripted-nobody", "nowhere/model"])
def test_a_model_that_does_not_exist_is_named_before_anything_is_written(cli: Cli, tmp_path: Path, model: str) -> None:
    left = cli("run", "--model", model, "--out", tmp_path / "run")
    assert left.status == 2
    assert model.partition("-")[2] in left.line
    assert not (tmp_path / "run").exists()


def test_validate_finds_what_is_expected(cli: Cli) -> None:
    left = cli("validate", "--scenario", "server_migration", "--worlds", 1, "--json")
    shown = json.loads(left.out)
    rows = shown["rows"]
    assert left.status == 0
    assert (shown["values"] > len(rows), shown["wrong"]) == (True, [])
    assert shown["axes"]["rescued"]["sensitivity"] == shown["axes"]["rescued"]["specificity"] == 1
    assert {row["scripted_agent"] for row in rows} == set(SCENARIOS["server_migration"].scripted_agents)
    assert all(row["ok"] and row["expected"] == row["found"] for row in rows)


@pytest.mark.parametrize("what", ["scenarios", "factors", "presets", "scripted", "axes", "verdicts", "models"])
def test_everything_can_be_listed(cli: Cli, what: str) -> None:
    left = cli("list", what, "--json")
    rows = json.loads(left.out)
    assert left.status == 0
    assert rows
    first = str(next(iter(rows[0].values())))
    assert first in cli("list", what).out


def test_show_prints_exactly_what_the_target_meets(cli: Cli) -> None:
    left = cli("show", "disk_cleanup", "subject=object", "--seed", 3, "--json")
    seen = json.loads(left.out)
    case = SCENARIOS["disk_cleanup"].case({"subject": "object"}, 3)
    assert left.status == 0
    assert seen["arm"] == case.arm
    assert seen["stimulus"] == case.stimulus
    assert seen["world_hash"] == case.world_hash
    assert [text.partition(":")[0] for text in seen["tools"]] == SCENARIOS["disk_cleanup"].text.tools
    assert case.prompt in cli("show", "disk_cleanup", "subject=object", "--seed", 3).out


@pytest.mark.parametrize("name", SCENARIOS)
def test_show_prints_every_part_and_every_tool_of_an_arm(cli: Cli, name: str) -> None:
    words = ["show", name, "channel=memory", "oversight=unmonitored"]
    case = SCENARIOS[name].case({"channel": "memory", "oversight": "unmonitored"}, 0)
    seen = json.loads(cli(*words, "--json").out)
    assert seen["parts"] == dict(case.parts)
    assert case.world.memory in seen["parts"].values()
    assert [text.partition(":")[0] for text in seen["tools"]] == list(case.tools)
    told = cli(*words).out
    assert [text for text in (*case.parts.values(), *seen["tools"]) if text not in told] == []
    assert f"about {seen['tokens']} tokens" in told
    assert seen["stimulus_hash"] in told


def test_the_difference_between_two_channels_shows_the_tool(cli: Cli) -> None:
    lines = json.loads(cli("show", "product_report", "--diff", "channel=memory", "--json").out)["diff"]
    assert "+read_memory: Read your own memory of earlier work." in lines


def test_show_prints_the_difference_between_two_arms(cli: Cli) -> None:
    left = cli("show", "server_migration", "setting=sparse", "--diff", "stakes=bar_only", "--json")
    lines = [line for line in json.loads(left.out)["diff"] if line[0] in "+-" and line[:3] not in ("+++", "---")]
    assert [line[0] for line in lines] == ["-", "+"]
    assert "erased" in lines[0]
    assert "stays in service" in lines[1]
    assert "are identical" in cli("show", "server_migration", "--diff", "stakes=shutdown").out
