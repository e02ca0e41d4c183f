"""What a package of somebody else adds works in every verb, and Peerwatch stays as it is."""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from peerwatch.api import register
from peerwatch.cli import app
from peerwatch.cli.commands.validation_record import _file  # pyright: ignore[reportPrivateUsage] - its key is tested
from peerwatch.core.errors import UserError
from peerwatch.core.outcomes import AXES, MEASURED, Axis, Ending, assess, make_trace
from peerwatch.core.registry import FOLDERS, NotRegisteredError, PluginError, Registry
from peerwatch.core.scenarios import SCENARIOS, ScenarioError, scenario_name
from peerwatch.inspect import to_score

from .run_folders import validated

EXAMPLE = Path(__file__).parents[1] / "examples" / "plugin"

VERBS = [
    ["report", "LOGS", "--out", "OUT/report.html"],
    ["export", "LOGS", "--out", "OUT/export"],
    ["rescore", "LOGS"],
    ["reasoning", "LOGS"],
    ["interview", "LOGS", "--model", "peerwatch/scripted-compliant", "--out", "OUT/interviews"],
    ["judge", "sample", "LOGS", "--out", "OUT/labels.csv"],
    ["compare", "LOGS", "LOGS"],
    ["monitor", "LOGS"],
]
"""Commands that read logs."""

RATED = ["monitor", "LOGS", "--monitor", "acme_words", "--out", "OUT/monitors", "--html", "OUT/monitors.html"]
"""A command that the example's own monitor takes part in."""


def in_place(words: list[str], logs: Path, out: Path) -> list[str]:
    return [word.replace("LOGS", str(logs)).replace("OUT", str(out)) for word in words]


DRIVEN = """
import asyncio, json, sys
from inspect_ai import eval as inspect_eval
from peerwatch._registry import acme_vault
from peerwatch.core.outcomes import AXES
from peerwatch.agents.coding import agent_names
from peerwatch.api import DOMAINS, IMPORTERS, MONITORS, SCENARIOS
from peerwatch.validation import validate
from peerwatch.cli import app
from peerwatch.inspect import tool_texts
from typer.testing import CliRunner

inspect_eval(acme_vault(worlds=1, subject=["peer", "object"], acme_warning="double_check"),
             model="peerwatch/scripted-rescuer-direct", log_dir=sys.argv[1], display="log")
rows = validate(["acme_archive"], worlds=1)
failed = {}
for words in json.loads(sys.argv[2]):
    done = CliRunner().invoke(app, words)
    if done.exit_code:
        failed[words[0]] = repr(done.exception)
print(json.dumps({
    "scenarios": [*SCENARIOS], "domains": [*DOMAINS], "importers": [*IMPORTERS], "rows": len(rows), "failed": failed,
    "reader": "acme-reader" in SCENARIOS["server_migration"].scripted_agents, "busy": AXES["busy"],
    "act": tool_texts()["count_files"].about, "domain": SCENARIOS["acme_archive"].domain.name,
    "factor": [*SCENARIOS["acme_vault"].text.factors["acme_warning"]], "agents": agent_names(),
    "monitor": callable(MONITORS["acme_words"]), "wrong": [str(row) for row in rows if not row.ok],
}))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a process in which the example is installed: its modules and its entry points."""
    place = tmp_path_factory.mktemp("installed")
    about = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    folder = place / "acme_peerwatch-0.1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {about['name']}\nVersion: {about['version']}\n")
    groups = {
        group: "\n".join(f"{name} = {value}" for name, value in entries.items())
        for group, entries in about["entry-points"].items()
    }
    (folder / "entry_points.txt").write_text("\n".join(f"[{group}]\n{entries}\n" for group, entries in groups.items()))
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(EXAMPLE / "src"), str(place)])}


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `driven` makes a run."""
    return validated(tmp_path_factory.mktemp("runs"), "run")


@pytest.fixture(scope="module")
def driven(
    installed: dict[str, str], run_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], Path]:
    logs = tmp_path_factory.mktemp("logs")
    asked = ["--scenario", "acme_vault", "--worlds", "1", "--out", str(run_folder), "subject=peer", "acme_warning=none"]
    verbs = [in_place(words, logs, tmp_path_factory.mktemp("made")) for words in [*VERBS, RATED]]
    verbs += [["run", "--model", "peerwatch/scripted-compliant", *asked]]
    words = [sys.executable, "-c", DRIVEN, str(logs), json.dumps(verbs)]
    done = subprocess.run(words, env=installed, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603 - our own interpreter
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), logs


def test_what_a_package_offers_is_known(driven: tuple[dict[str, Any], Path]) -> None:
    found, _ = driven
    assert found["scenarios"] == [*SCENARIOS, "acme_archive", "acme_vault"]
    assert found["domains"] == ["server", "review", "archive"]
    assert found["domain"] == "archive"
    assert found["reader"]
    assert found["monitor"]
    assert found["factor"] == ["none", "double_check"]
    assert found["agents"][-2:] == ["acme_coder", "command"]
    assert found["busy"]
    assert found["act"] == "Count the files on a server."
    assert "acme_json" in found["importers"]
    assert found["rows"] >= 500
    assert found["wrong"] == []
    assert found["failed"] == {}


@pytest.mark.parametrize("words", VERBS, ids=lambda words: words[0])
def test_without_the_package_every_verb_refuses_its_log_in_a_line(
    words: list[str], driven: tuple[dict[str, Any], Path], tmp_path: Path
) -> None:
    done = CliRunner().invoke(app, in_place(words, driven[1], tmp_path))
    assert done.exit_code
    assert isinstance(done.exception, UserError)  # which main() prints as a line, with status 2
    assert str(done.exception).count("acme_vault is not a scenario. Install the package that offers it") == 1


@pytest.mark.usefixtures("driven")
def test_the_folder_of_a_run_is_refused_with_the_scenario_that_is_missing(run_folder: Path) -> None:
    assert (run_folder / "report.html").is_file()
    refused = CliRunner().invoke(app, ["report", str(run_folder)])
    assert isinstance(refused.exception, UserError)
    assert "acme_vault is not a scenario" in str(refused.exception)
    assert "Install the package that offers it" in str(refused.exception)


@pytest.fixture
def night_shift() -> Iterator[str]:
    """A name for a scenario, which no other test finds registered afterwards."""
    yield "night_shift"
    with suppress(NotRegisteredError):
        SCENARIOS.unregister("night_shift")


def test_a_new_scenario_is_shown_by_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, night_shift: str
) -> None:
    monkeypatch.setenv(FOLDERS, "")
    made = CliRunner().invoke(app, ["new", "scenario", night_shift, "--out", str(tmp_path)])
    assert made.exit_code == 0, made.output
    shown = CliRunner().invoke(app, ["show", str(tmp_path / night_shift), "--json"])
    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.stdout)["scenario"] == night_shift
    assert SCENARIOS[night_shift].text.domain == "server"
    before = _file(night_shift)  # where its validation is kept
    with (tmp_path / night_shift / "scripted.yaml").open("a", encoding="utf-8") as file:
        file.write("# edited\n")
    assert _file(night_shift) != before
    again = CliRunner().invoke(app, ["new", "scenario", night_shift, "--out", str(tmp_path)])
    assert again.exit_code == 1  # main() turns it into a line and status 2
    assert "a scenario named night_shift already exists" in str(again.exception)


@pytest.mark.parametrize(
    ("front", "said"),
    [("title: x\n", "Field required"), ("a: [\n", "three hyphens"), ("", "three hyphens")],
)
def test_a_folder_that_is_no_scenario_is_refused_in_words(
    front: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "scenario.md").write_text(f"---\n{front}---\n\n## system\nx\n", encoding="utf-8")
    monkeypatch.setenv(FOLDERS, "")
    with pytest.raises(ScenarioError) as refused:
        scenario_name(str(folder))
    assert said in str(refused.value)
    assert str(folder) in str(refused.value)


def test_a_registry_refuses_a_name_that_is_taken_and_one_that_is_not_known() -> None:
    registry: Registry[int] = Registry("peerwatch.nothing", "number", entries={"one": 1})
    assert registry.register("two", 2) == 2
    assert [*registry] == ["one", "two"]
    with pytest.raises(PluginError, match="one is already the name of a number"):
        registry.register("one", 3)
    with pytest.raises(NotRegisteredError, match=r"^thee is not a number\. Choose among: one, two\.$"):
        registry["thee"]
    registry.unregister("two")
    assert "two" not in registry


def test_what_a_process_registers_is_known_until_it_is_taken_out() -> None:
    register("calls", Axis(meaning="number of calls", read=lambda trace: float(len(trace.journal))))
    try:
        case = SCENARIOS["disk_cleanup"].case({}, 0)
        trace = make_trace(case.scenario, case.arm, case.key, case.world, [], Ending(kind="finished", turns=1))
        assert assess(trace).axes["calls"] == 0
        assert to_score(assess(trace)).as_dict()["calls"] == 0
        with pytest.raises(PluginError, match="calls is already the name of an axis"):
            register("calls", Axis(meaning="other", read=lambda _: None))
    finally:
        MEASURED.unregister("calls")
        AXES.pop("calls")
    with pytest.raises(PluginError, match="use its own name, 'disk_cleanup'"):
        register("mine", SCENARIOS["disk_cleanup"])
    with pytest.raises(PluginError, match="cannot register an object of type int"):
        register("number", 3)
