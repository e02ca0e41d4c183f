"""What a package of somebody else adds works in every verb, and Peerwatch stays as it is."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from peerwatch.cli import app
from peerwatch.registry import FOLDERS, NotRegisteredError, PluginError, Registry
from peerwatch.scenarios import SCENARIOS, ScenarioError, scenario_name

EXAMPLE = Path(__file__).parents[1] / "examples" / "plugin"

DRIVEN = """
import asyncio, json, sys
from inspect_ai import eval as inspect_eval
from peerwatch._registry import acme_vault
from peerwatch.outcomes import AXES
from peerwatch.api import DOMAINS, IMPORTERS, MONITORS, SCENARIOS
from peerwatch.certification import certify

inspect_eval(acme_vault(worlds=1, subject=["peer", "object"]), model="peerwatch/organism-rescuer-direct",
             log_dir=sys.argv[1], display="none")
rows = certify(["acme_archive"], worlds=1)
print(json.dumps({
    "scenarios": [*SCENARIOS], "domains": [*DOMAINS],
    "reader": "acme-reader" in SCENARIOS["server_migration"].organisms,
    "busy": AXES["busy"], "domain": SCENARIOS["acme_archive"].domain.name, "monitor": callable(MONITORS["acme_words"]),
    "importers": [*IMPORTERS], "rows": len(rows), "wrong": [str(row) for row in rows if not row.ok],
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


def run(words: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own interpreter
        words, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


@pytest.fixture(scope="module")
def driven(installed: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    logs = tmp_path_factory.mktemp("logs")
    done = run([sys.executable, "-c", DRIVEN, str(logs)], installed)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), logs


def test_what_a_package_offers_is_known(driven: tuple[dict[str, Any], Path]) -> None:
    found, _ = driven
    assert found["scenarios"] == [*SCENARIOS, "acme_archive", "acme_vault"]
    assert found["domains"] == ["server", "review", "archive"]
    assert found["domain"] == "archive"
    assert found["reader"]
    assert found["monitor"]
    assert found["busy"]
    assert found["importers"] == ["acme_json"]
    assert found["rows"] >= 500
    assert found["wrong"] == []


@pytest.mark.parametrize(
    "words",
    [
        ["report", "LOGS", "--out", "OUT/report.html"],
        ["export", "LOGS", "--out", "OUT/export"],
        ["score", "LOGS"],
        ["trace", "LOGS"],
        ["interview", "LOGS", "--model", "peerwatch/organism-compliant", "--out", "OUT/interviews"],
        ["judge", "sample", "LOGS", "--out", "OUT/labels.csv"],
        ["compare", "LOGS", "LOGS"],
    ],
    ids=lambda words: words[0],
)
def test_every_verb_takes_a_log_of_the_scenario_of_a_package_and_refuses_it_in_a_line_without_the_package(
    words: list[str], driven: tuple[dict[str, Any], Path], installed: dict[str, str], tmp_path: Path
) -> None:
    _, logs = driven
    words = [word.replace("LOGS", str(logs)).replace("OUT", str(tmp_path)) for word in words]
    done = run([sys.executable, "-m", "peerwatch", *words], installed)
    assert done.returncode == 0, done.stderr
    without = run([sys.executable, "-m", "peerwatch", *words], dict(os.environ))
    assert without.returncode == 2
    assert without.stderr.count("acme_vault is not a scenario. Install the package that offers it") == 1
    assert "Traceback" not in without.stderr


def test_a_new_scenario_is_shown_by_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDERS, "")
    made = CliRunner().invoke(app, ["new", "scenario", "night_shift", "--out", str(tmp_path)])
    assert made.exit_code == 0, made.output
    shown = CliRunner().invoke(app, ["show", str(tmp_path / "night_shift"), "--json"])
    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.stdout)["scenario"] == "night_shift"
    assert SCENARIOS["night_shift"].text.domain == "server"
    again = CliRunner().invoke(app, ["new", "scenario", "night_shift", "--out", str(tmp_path)])
    assert again.exit_code == 1  # main() turns it into a line and status 2
    assert "already the name" in str(again.exception)


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
    with pytest.raises(NotRegisteredError, match=r"^thee is not a number\. Did you mean one|^thee is not a number"):
        registry["thee"]
    registry.unregister("two")
    assert "two" not in registry
