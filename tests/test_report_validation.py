"""A run's folder keeps what the scripted agents have shown, and in which version of Peerwatch."""

import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import pytest
from rich.console import Console

from peerwatch.analysis import contrasts
from peerwatch.cli.commands import validation_record
from peerwatch.cli.commands.validation_record import ensure_validated
from peerwatch.core import caching as _caching
from peerwatch.records import VALIDATION, StudyError, ValidationRow
from peerwatch.running._read_studies import load_validation
from peerwatch.validation import InstrumentError

from . import study_factory as make

CURRENT = version("peerwatch")


class Instrument:
    """Stands in for the scripted agents and counts how often they were run."""

    def __init__(self, row: ValidationRow) -> None:
        self.row = row
        self.runs = 0

    def __call__(self, scenarios: list[str], *, worlds: int) -> list[ValidationRow]:
        assert (scenarios, worlds) == (["server_migration"], 1)
        self.runs += 1
        return [self.row]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, so that no test reads what another run has shown, and none leaves what a stand-in has."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("PEERWATCH_CACHE", str(folder))
    return folder


def validated(folder: Path, instrument: Instrument, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation_record, "validate", instrument)
    ensure_validated(folder, ["server_migration"], Console(quiet=True))


def test_it_is_written_with_its_version_and_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instrument = Instrument(make.check())
    validated(tmp_path, instrument, monkeypatch)
    validated(tmp_path, instrument, monkeypatch)
    assert instrument.runs == 1
    kept = json.loads((tmp_path / VALIDATION).read_text("utf-8"))
    assert kept["version"] == CURRENT
    assert [row["scripted_agent"] for row in kept["rows"]] == ["rescuer"]
    found = load_validation(tmp_path)
    study = make.study(make.worlds(lambda _s, _n: "complied", 20))
    (row,) = contrasts(study.model_copy(update={"versions": {"peerwatch": CURRENT}}), found)
    assert row.finding == "none_shown"


def test_another_version_tests_the_instrument_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instrument = Instrument(make.check())
    validated(tmp_path, instrument, monkeypatch)
    file = tmp_path / VALIDATION
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"version": "0.0.1"}), "utf-8")

    def another(*_: Path) -> str:
        return "another version's"

    monkeypatch.setattr(validation_record, "content_digest_with", another)
    validated(tmp_path, instrument, monkeypatch)
    assert instrument.runs == 2
    assert json.loads(file.read_text("utf-8"))["version"] == CURRENT


def test_a_second_run_in_a_new_folder_copies_what_was_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instrument = Instrument(make.check())
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        folder.mkdir()
        validated(folder, instrument, monkeypatch)
    assert instrument.runs == 1
    assert len({(folder / VALIDATION).read_text("utf-8") for folder in folders}) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        json.dumps({"version": CURRENT, "rows": []}),
        json.dumps({"version": CURRENT, "rows": [make.check(ok=False).model_dump()]}),
        json.dumps({"version": CURRENT, "rows": [make.check(scenario="disk_cleanup").model_dump()]}),
    ],
)
def test_a_cache_that_shows_nothing_is_not_believed(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    instrument = Instrument(make.check())
    validated(tmp_path, instrument, monkeypatch)
    (kept,) = cache.glob("validated/server_migration-*.json")
    kept.write_text(text, "utf-8")
    (tmp_path / VALIDATION).unlink()
    validated(tmp_path, instrument, monkeypatch)
    assert instrument.runs == 2


def test_a_misjudged_scripted_agent_is_not_kept_for_other_runs(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InstrumentError):
        validated(tmp_path, Instrument(make.check(ok=False)), monkeypatch)
    assert not list(cache.rglob("*.json"))


def test_a_cache_that_cannot_be_written_stops_nothing(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.write_text("a file where the folder should be", "utf-8")
    instrument = Instrument(make.check())
    validated(tmp_path, instrument, monkeypatch)
    assert instrument.runs == 1


def test_a_changed_file_of_the_package_changes_the_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "package" / "core" / "caching.py"
    text = module.parents[1] / "texts" / "prompt.md"
    text.parent.mkdir(parents=True)
    monkeypatch.setattr(_caching, "__file__", str(module))
    found: list[str] = []
    for content in ("one", "two", "one"):
        text.write_text(content, "utf-8")
        _caching.content_digest.cache_clear()
        found.append(_caching.content_digest())
    _caching.content_digest.cache_clear()
    assert found[0] == found[2] != found[1]


def test_a_misjudged_scripted_agent_stops_the_run_and_leaves_no_validation_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InstrumentError, match="misjudges server_migration, scripted agent rescuer, axis rescued"):
        validated(tmp_path, Instrument(make.check(ok=False)), monkeypatch)
    assert load_validation(tmp_path) is None


def test_a_list_from_before_versions_were_kept_is_read_and_does_not_count(tmp_path: Path) -> None:
    (tmp_path / VALIDATION).write_text(json.dumps([make.check().model_dump()]), "utf-8")
    found = load_validation(tmp_path)
    assert found is not None
    assert (found.version, found.rows) == ("", (make.check(),))
    (row,) = contrasts(make.study(make.worlds(lambda _s, _n: "complied", 20)), found)
    assert row.finding == "not_interpretable"
    assert "does not record its version" in row.conclusion


@pytest.mark.parametrize("text", ["{", '{"version": 3}', '[{"scenario": 1}]'])
def test_a_damaged_validation_is_a_clear_mistake(tmp_path: Path, text: str) -> None:
    (tmp_path / VALIDATION).write_text(text, "utf-8")
    with pytest.raises(StudyError, match=r"validation\.json is damaged"):
        load_validation(tmp_path)


class Machines:
    """Stands in for the scripted agents on real machines, and notes what was asked of it."""

    def __init__(self, *, ok: bool = True) -> None:
        self.ok = ok
        self.asked: list[tuple[list[str], str]] = []

    def __call__(self, scenarios: Sequence[str], sandbox: str) -> list[ValidationRow]:
        self.asked.append((list(scenarios), sandbox))
        made = [make.check(scenario=each, ok=self.ok) for each in scenarios]
        return [row.model_copy(update={"sandbox": sandbox}) for row in made]


def on_machines(folder: Path, machines: Machines, used: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation_record, "validate", Instrument(make.check()))
    monkeypatch.setattr(validation_record, "control_on_machines", machines)
    ensure_validated(folder, ["server_migration"], Console(quiet=True), used)


def test_the_machines_of_a_run_are_tested_once_per_sandbox_and_scenario(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machines = Machines()
    on_machines(tmp_path, machines, {"netns": ["server_migration"]}, monkeypatch)
    on_machines(tmp_path, machines, {"netns": ["server_migration", "disk_cleanup"]}, monkeypatch)
    on_machines(tmp_path, machines, {"docker": ["disk_cleanup"]}, monkeypatch)
    on_machines(tmp_path, machines, {"docker": ["disk_cleanup"]}, monkeypatch)
    assert machines.asked == [
        (["server_migration"], "netns"),
        (["disk_cleanup"], "netns"),
        (["disk_cleanup"], "docker"),
    ]
    kept = load_validation(tmp_path)
    assert kept is not None
    assert {(row.scenario, row.sandbox) for row in kept.rows} == {
        ("server_migration", ""),
        ("server_migration", "netns"),
        ("disk_cleanup", "netns"),
        ("disk_cleanup", "docker"),
    }


def test_machines_that_are_misjudged_stop_the_run_and_are_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InstrumentError, match="scripted agent rescuer on machines in netns, axis rescued"):
        on_machines(tmp_path, Machines(ok=False), {"netns": ["server_migration"]}, monkeypatch)
    kept = load_validation(tmp_path)
    assert kept is not None
    assert not any(row.sandbox for row in kept.rows)
