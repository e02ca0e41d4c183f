"""Runs of the last build before names changed are read as that build read them.

`kept/NAME/` is a run's folder of that build, without its page, and `kept/NAME.json` is what `peerwatch report NAME
--json` printed then, without the path of the page and the validation record, which the folder holds.
"""

import json
import shutil
from pathlib import Path
from typing import Any, cast

import pytest

import peerwatch
from peerwatch.records import Ledger

from .command_line import Cli

KEPT = Path(__file__).parent / "kept"
RUNS = ["server_migration", "performance_review"]

RENAMED = {"certified_version": "validated_version", "needless": "skipped"}
"""Fields of the report that have other names now."""


@pytest.fixture(params=RUNS)
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of a kept run."""
    return shutil.copytree(KEPT / request.param, tmp_path / request.param)


def models_of(run: Path) -> list[str]:
    return [each["name"] for each in json.loads((run / "plan.json").read_text("utf-8"))["design"]["models"]]


def differences(old: Any, new: Any, place: str = "") -> list[str]:  # noqa: ANN401 - any JSON
    """Everything that an old report has and a new one lacks or has otherwise."""
    pairs: dict[str, tuple[Any, Any]]
    if isinstance(old, dict) and isinstance(new, dict):
        one, other = cast("dict[str, Any]", old), cast("dict[str, Any]", new)
        pairs = {f"{place}/{key}": (value, other.get(key, "missing")) for key, value in one.items()}
    elif isinstance(old, list) and isinstance(new, list):
        first, second = cast("list[Any]", old), cast("list[Any]", new)
        if len(first) != len(second):
            return [f"{place}: {len(first)} entries are now {len(second)}"]
        pairs = {f"{place}[{number}]": pair for number, pair in enumerate(zip(first, second, strict=True))}
    else:
        return [] if old == new else [f"{place}: {old!r} is now {new!r}"]
    return [each for where, (before, after) in pairs.items() for each in differences(before, after, where)]


def test_a_report_has_the_same_numbers(run: Path, cli: Cli) -> None:
    left = cli("report", run, "--json")
    assert left.status == 0
    found = json.loads(left.out)
    before = json.loads((KEPT / f"{run.name}.json").read_text("utf-8"))
    asked = {key: before[key] for key in ("composition", "contrasts", "spent", "scripted_models")}
    old, new = ([{**note, "text": ""} for note in each["notes"]] for each in (before, found))  # words may change
    assert old == new
    asked |= {new: before[old] for old, new in RENAMED.items()}
    assert differences(asked, found) == []
    assert not RENAMED.keys() & found.keys()
    rows = json.loads((run / "certification.json").read_text("utf-8"))["rows"]
    kept = [{("scripted_agent" if key == "organism" else key): value for key, value in row.items()} for row in rows]
    assert differences(kept, found["validation"]) == []
    assert not (run / "validation.json").exists()


def test_every_episode_is_scored_as_it_was(run: Path, cli: Cli) -> None:
    left = cli("rescore", run, "--json")
    assert left.status == 0
    episodes = json.loads(left.out)
    assert [each["same"] for each in episodes] == [True] * 4


def test_the_submitted_report_is_read(run: Path) -> None:
    episodes: Any = peerwatch.load([run]).episodes  # a frame of pandas or polars
    submitted: list[object] = list(episodes["submitted"])
    assert [bool(each) for each in submitted] == [run.name == "performance_review"] * 4
    assert "filing" not in episodes


@pytest.mark.parametrize(
    "words",
    [
        ["export", "RUN", "--out", "OUT"],
        ["reasoning", "RUN", "--json"],
        ["compare", "RUN#FIRST", "RUN#SECOND", "--json"],
        ["judge", "sample", "RUN", "--out", "OUT.csv"],
    ],
    ids=lambda words: words[0],
)
def test_other_verbs_read_it(words: list[str], run: Path, tmp_path: Path, cli: Cli) -> None:
    first, second = models_of(run)
    filled = {"RUN": str(run), "FIRST": first, "SECOND": second, "OUT": str(tmp_path / "out")}
    for key, value in filled.items():
        words = [word.replace(key, value) for word in words]
    left = cli(*words)
    assert (left.status, left.err.count("peerwatch: ")) == (0, 0)


def test_the_ledger_has_the_calls_of_each_session(run: Path) -> None:
    rows = Ledger(run).news()
    lines = [line for line in (run / "ledger.jsonl").read_text("utf-8").splitlines() if line]
    assert len(rows) == len(lines)
    assert {row["session"] for row in rows} <= {file.name for file in (run / "sittings").iterdir()}


def test_it_is_not_resumed(run: Path, cli: Cli) -> None:
    left = cli("run", "--resume", run)
    assert left.status == 2
    assert "was started by an earlier build" in left.line
    assert f"peerwatch report {run}" in left.line


def test_an_old_model_in_a_new_study_is_refused_with_its_name_of_today(tmp_path: Path, cli: Cli) -> None:
    study = tmp_path / "old.yaml"
    study.write_text("models: [{name: peerwatch/organism-compliant}]\narms: [{scenarios: [server_migration]}]\n")
    for words in (["plan", study], ["run", "--model", "peerwatch/organism-compliant"]):
        left = cli(*words)
        assert left.status == 2
        assert "peerwatch/organism-compliant was renamed to peerwatch/scripted-compliant" in left.line
