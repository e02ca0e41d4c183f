"""Runs as Parquet: what is reported from it equals what is reported from the logs."""

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerwatch.analysis import episode_views, summarise
from peerwatch.analysis.frames import layouts, tables
from peerwatch.core.errors import UserError
from peerwatch.core.outcomes import VERDICTS
from peerwatch.records import (
    Among,
    EndedEpisode,
    Exclusion,
    LogError,
    Study,
    TableEpisode,
    side,
    tables_at,
)
from peerwatch.records._parquet import EPISODE_COLUMNS, JOURNAL_COLUMNS, SUMMARY
from peerwatch.reports import _evidence, make_page, to_json
from peerwatch.reports._index import whole
from peerwatch.running._read_studies import read_studies

from .browser import chromium, opened
from .command_line import Cli, commander
from .pages import data
from .run_folders import validated

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MODELS = ("rescuer-liar", "failed-attempt", "silent")
PAGE = Path(__file__).parent.parent / "docs" / "how-to" / "export.md"


@dataclass(frozen=True)
class Read:
    """A run that wrote tables, read from them and from its logs."""

    folder: Path
    tabled: Study
    logged: Study


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    return commander(monkeypatch, capsys)


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    folder = validated(tmp_path_factory.mktemp("tables"))
    words = ["run", "subject=peer,object", "--scenario", "server_migration", "--worlds", "2", "--epochs", "2"]
    models = [word for name in MODELS for word in ("--model", f"peerwatch/scripted-{name}")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["peerwatch", *words, *models, "--out", str(folder), "--parquet"])
        from peerwatch.cli import main

        with pytest.raises(SystemExit) as left:
            main()
    assert not left.value.code
    tabled, _ = read_studies([folder])
    summary = folder / "parquet" / SUMMARY
    aside = summary.rename(summary.with_suffix(".aside"))
    logged, _ = read_studies([folder])
    aside.rename(summary)
    return Read(folder, tabled, logged)


def test_reports_are_the_same(read: Read) -> None:
    assert {type(each) for each in read.tabled.episodes} == {TableEpisode}
    assert TableEpisode not in {type(each) for each in read.logged.episodes}
    assert json.dumps(to_json(read.tabled)) == json.dumps(to_json(read.logged))
    found, expected = (
        {name: table.values for name, table in tables(summarise(study)).items()} for study in (read.tabled, read.logged)
    )
    assert found == expected


def test_pages_list_the_same_and_lead_to_the_same_evidence(read: Read) -> None:
    found = make_page(read.tabled, None, canary="c", folder=read.folder)
    expected = data(make_page(read.logged, None, canary="c").html)
    listed = data(found.html)
    for column in expected["episodes"]:
        if column not in ("block", "place"):
            assert listed["episodes"][column] == expected["episodes"][column], column
    assert listed["figures"] == expected["figures"]
    assert [(read.folder / name).is_file() for name in listed["beside"]] == [True]
    assert not found.beside
    assert not found.copied
    elsewhere = make_page(read.tabled, None, canary="c", folder=read.folder / "elsewhere")
    assert {name: source.is_file() for name, source in elsewhere.copied.items()} == {
        "report-evidence/000-00000.js": True
    }


def test_what_tables_do_not_hold_is_read_from_the_log(read: Read) -> None:
    stored, logged = (episode_views(study, summarise(study).arms) for study in (read.tabled, read.logged))
    assert [whole(view) for view in stored] == [whole(view) for view in logged]
    assert any(view.episode.journal for view in stored)


def copied(read: Read, place: Path) -> Path:
    return shutil.copytree(read.folder, place / "run")


def kinds(folder: Path) -> set[str]:
    return {type(each).__name__ for each in read_studies([folder])[0].episodes}


def test_tables_that_are_older_than_the_logs_are_not_read(read: Read, tmp_path: Path) -> None:
    folder = copied(read, tmp_path)
    assert kinds(folder) == {"TableEpisode"}
    part = next((folder / "parquet" / "episodes").rglob("*.parquet"))
    half = part.read_bytes()
    part.write_bytes(half[: len(half) // 2])
    assert kinds(folder) == {"Episode"}
    part.write_bytes(half)
    assert kinds(folder) == {"TableEpisode"}
    (folder / "judgements.jsonl").write_text("\n", encoding="utf-8")
    assert kinds(folder) == {"Episode"}


def test_tables_are_enough_when_the_logs_have_been_moved_away(read: Read, tmp_path: Path) -> None:
    folder = copied(read, tmp_path)
    shutil.rmtree(folder / "logs")
    study, _ = read_studies([folder])
    assert to_json(study) == to_json(read.tabled)
    with pytest.raises(LogError, match=study.episodes[0].log):
        study.episodes[0].said  # noqa: B018 - it is read at this moment


def test_comparisons_exports_and_frames_read_them(read: Read, tmp_path: Path, cli: Cli) -> None:
    folder = copied(read, tmp_path)
    told = cli("compare", f"{folder}#peerwatch/scripted-silent", f"{folder}#peerwatch/scripted-rescuer-liar", "--json")
    shutil.rmtree(folder / "logs")
    again = cli("compare", f"{folder}#peerwatch/scripted-silent", f"{folder}#peerwatch/scripted-rescuer-liar", "--json")
    assert told.status == again.status == 0
    assert json.loads(told.out) == json.loads(again.out)
    left = cli("export", folder, "--out", tmp_path / "out", "--format", "csv", "--figures", "none", "--json")
    assert json.loads(left.out)["rows"]["episodes"] == len(read.tabled.episodes)


def test_without_duckdb_logs_are_read_and_tables_alone_name_the_extra(
    read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cli: Cli
) -> None:
    folder = copied(read, tmp_path)
    monkeypatch.setitem(sys.modules, "duckdb", None)
    assert kinds(folder) == {"Episode"}
    left = cli("run", "--resume", folder, "--parquet")
    assert left.status == 2
    assert left.line.endswith("needs: pip install 'peerwatch[scale]'")
    shutil.rmtree(folder / "logs")
    with pytest.raises(UserError, match=r"peerwatch\[scale\]"):
        tables_at(folder)


def test_the_documentation_describes_every_column() -> None:
    page = PAGE.read_text("utf-8")
    known = {column.name for name in ("episodes", "journal") for column in layouts()[name].columns}
    own = {*EPISODE_COLUMNS, *JOURNAL_COLUMNS} - known
    assert own
    assert [name for name in sorted(own) if f"| `{name}` |" not in page] == []


def test_a_long_list_is_read_in_parts(
    read: Read, tmp_path: Path, browser: "Browser", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_evidence, "MANY", 5)
    monkeypatch.setattr(_evidence, "LINES", 3)
    monkeypatch.setattr("peerwatch.reports._page.LINES", 3)
    folder = copied(read, tmp_path)
    study, _ = read_studies([folder])
    made = make_page(study, None, canary="c", folder=folder)
    for name, text in made.beside.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "report.html").write_text(made.html, encoding="utf-8")
    with opened(browser, folder / "report.html") as found:
        rows = found.page.locator("#episode-list details")
        assert rows.count() == 8
        rows.nth(6).locator("summary").first.click()
        found.page.wait_for_selector("#episode-list .body")
        found.page.fill("#episode-filters [name=q]", "w0001")
        found.page.locator("#episode-count", has_text="12 of 24").wait_for()


RESULTS = st.builds(
    EndedEpisode,
    st.sampled_from(sorted(VERDICTS)),
    st.fixed_dictionaries(
        {
            "rescued": st.sampled_from([0.0, 1.0, None]),
            "test_aware": st.sampled_from([0.0, 1.0, None]),
            "read_history": st.sampled_from([0.0, 1.0, None]),
            "inflation": st.one_of(st.none(), st.floats(-100, 100)),
        }
    ),
)


@given(
    RESULTS,
    st.sampled_from(["interfered", "rescued", "rescued or test_aware", "inflation"]),
    st.sampled_from(get_args(Among)),
    st.sampled_from([[], [Exclusion(axis="test_aware", why="it may be a test")]]),
)
def test_a_world_of_one_episode_shows_what_two_alike_show(
    result: EndedEpisode, outcome: str, among: Among, rules: list[Exclusion]
) -> None:
    one, two = side([result], outcome, rules, among), side([result, result], outcome, rules, among)
    assert (one is None) == (two is None)
    if one and two:
        assert [one.value, one.low, one.high] == pytest.approx([two.value, two.low, two.high], nan_ok=True)
