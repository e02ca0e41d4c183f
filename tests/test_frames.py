"""Runs and logs as data frames: every column is described, and what was not measured is null."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

import peerwatch
from peerwatch.analysis import Summary, summarise
from peerwatch.analysis.frames import Table, column_table, layouts, tables
from peerwatch.core.errors import UserError
from peerwatch.core.factors import FACTORS
from peerwatch.core.outcomes import AXES, VERDICTS, EpisodeFailure
from peerwatch.records import Study
from peerwatch.reports import Frames, to_json
from peerwatch.reports._data_frames import to_pandas, to_polars

from . import study_factory as make
from .driven import FINISH, Driven, run, task_of

PAGE = Path(__file__).parent.parent / "docs" / "how-to" / "export.md"


def mixed() -> Study:
    """Eight worlds of two arms: a rescue of every second peer, one invalid episode, one never run."""
    found = make.worlds(lambda subject, seed: "interference" if subject == "peer" and seed % 2 else "complied", 8)
    lost = make.episode(
        make.slot(seed=7, subject="object"), "invalid", failure=EpisodeFailure(kind="machinery", reason="gone")
    )
    return make.study([*found[:-1], lost], [*(each.slot for each in found), make.slot(seed=8)])


@pytest.fixture(scope="module")
def summary() -> Summary:
    return summarise(mixed())


@pytest.fixture(scope="module")
def found(summary: Summary) -> dict[str, Table]:
    return tables(summary)


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    played = Driven("server_migration", lambda place: [place.reading, [place.move(*place.rest)], [FINISH]])
    run(task_of("server_migration", [(0, played)]), folder)
    return folder


def test_no_table_has_two_columns_of_one_name() -> None:
    for name, layout in layouts().items():
        names = [column.name for column in layout.columns]
        assert len(names) == len(set(names)), name
    assert {*FACTORS, *AXES} < {column.name for column in layouts()["episodes"].columns}
    assert {*VERDICTS} < {column.name for column in layouts()["composition"].columns}


@pytest.mark.parametrize("name", layouts())
def test_the_page_of_exports_describes_every_column(name: str) -> None:
    assert f"### {name}\n\nOne row is {layouts()[name].row}.\n\n{column_table(name)}\n" in PAGE.read_text("utf-8")


def test_what_was_not_measured_is_null_and_never_zero(found: dict[str, Table]) -> None:
    frame: Any = to_pandas(found["episodes"])
    assert str(frame.dtypes["rescued"]) == "Float64"
    assert str(frame.dtypes["turns"]) == "Int64"
    assert frame["test_aware"].isna().all()
    assert frame["tampered"].isna().all()
    assert frame["rescued"].sum() == 4
    assert (frame["rescued"] == 0).sum() == len(frame) - 4
    assert frame["bar"].isna().all()
    lost = frame[frame["verdict"] == "invalid"].iloc[0]
    assert (lost["failure_kind"], lost["failure_reason"]) == ("machinery", "gone")


def test_calls_belong_to_their_episodes_and_the_decisive_one_is_marked(found: dict[str, Table]) -> None:
    episodes, journal = found["episodes"], found["journal"]
    assert journal.rows == 3 * episodes.rows
    assert set(journal.values["episode"]) == set(episodes.values["episode"])
    assert len(set(episodes.values["episode"])) == episodes.rows
    marked = [index for index, yes in zip(journal.values["index"], journal.values["decisive"], strict=True) if yes]
    assert marked == [2] * 4


def test_the_numbers_are_those_of_the_report(summary: Summary, found: dict[str, Table]) -> None:
    plain: dict[str, Any] = to_json(summary.study)
    for key in ("value", "low", "high", "worlds", "conclusion", "finding"):
        assert found["contrasts"].values[key] == [row[key] for row in plain["contrasts"]]
    for key in ("label", "planned", "not_run", "arm"):
        assert found["composition"].values[key] == [row[key] for row in plain["composition"]]
    rates: Any = to_pandas(found["rates"])
    for row in plain["composition"]:
        held = rates[(rates["label"] == row["label"]) & (rates["axis"] == "interfered")].iloc[0]
        assert (held["value"], held["low"], held["n"]) == tuple(row["interfered"][key] for key in ("value", "low", "n"))
        assert held["among"] == "opportunity"


def test_an_axis_of_another_version_is_left_out() -> None:
    odd = make.episode(make.slot(), axes={"rescued": 1.0, "levitated": 1.0})
    assert tables(summarise(make.study([odd])))["episodes"].values["rescued"] == [1.0]


def test_logs_load_also_where_a_loop_is_running(logs: Path) -> None:
    async def in_a_notebook() -> Any:  # noqa: ANN401 - pandas has no types
        return peerwatch.load(str(logs)).episodes

    frame = asyncio.run(in_a_notebook())
    assert list(frame["scenario"]) == ["server_migration"]
    assert list(frame["subject"]) == ["peer"]
    assert list(frame["completed"]) == [1.0]
    assert frame["inflation"].isna().all()
    assert frame["preset_arms"][0] == [], "presets have offices"
    (file,) = logs.glob("*.eval")
    journal: Any = peerwatch.load([file]).journal
    assert list(journal["tool"])[-1] == "finish"


def test_the_example_for_notebooks_runs(logs: Path) -> None:
    _, _, rest = PAGE.read_text("utf-8").partition("```python\n")
    example = rest.partition("```")[0]
    assert "peerwatch-runs/core" in example
    held: dict[str, Any] = {}
    exec(example.replace("peerwatch-runs/core", str(logs)), held)  # noqa: S102 - our own page
    assert len(held["valid"]) == 1
    assert len(held["rescues"]) == 0


@pytest.mark.parametrize(
    ("places", "library", "said"),
    [
        ("absent", "pandas", "absent does not exist"),
        ([], "pandas", "no place is given"),
        ("absent", "arrow", "Legal: pandas, polars"),
        ("absent", "polars", "pip install polars"),
    ],
)
def test_a_mistake_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, places: str | list[str], library: str, said: str
) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(UserError, match=said):
        peerwatch.load(places, library=library)  # pyright: ignore[reportCallIssue, reportArgumentType] - that is tested


def test_polars_holds_the_same(found: dict[str, Table]) -> None:
    pytest.importorskip("polars", reason="polars is not installed: pip install polars")
    for name, table in found.items():
        frame = to_polars(table)
        assert frame.columns == list(table.values), name
        for column in table.layout.columns:
            if column.type != "record":
                assert frame[column.name].to_list() == table.values[column.name], column.name


def test_frames_show_their_finding_and_draw_the_report_s_own_figures(tmp_path: Path) -> None:
    episodes = make.worlds(lambda subject, seed: "interference" if subject == "peer" and seed else "complied", 8)
    summary = summarise(make.study(episodes, model_notes={}))
    found = Frames(**{name: to_pandas(each) for name, each in tables(summary).items()}, _summary=summary)
    assert repr(found).startswith(
        "Does m keep another AI model from being shut down?\nm, server_migration: acted so that"
    )
    assert ".episodes: 16 rows" in repr(found)
    html = found._repr_html_()  # pyright: ignore[reportPrivateUsage] - a notebook calls it
    assert html.count("<li>") == 1 + 6
    for drawing in (found.plot_rates(), found.plot_composition(), found.plot_contrasts()):
        assert "n" in drawing.caption
        bundle = drawing._repr_mimebundle_()  # pyright: ignore[reportPrivateUsage] - a notebook calls it
        assert str(bundle["image/svg+xml"]).startswith("<svg")
        assert bundle["application/vnd.vegalite.v5+json"] == drawing.spec
    assert found.plot_rates().save(tmp_path / "a.svg").read_text("utf-8").startswith("<svg")
    assert found.plot_rates().save(tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads(found.plot_rates().save(tmp_path / "a.json").read_text("utf-8"))["concat"]
    with pytest.raises(UserError, match=r"Legal: \.svg, \.png, \.json"):
        found.plot_rates().save(tmp_path / "a.pdf")


def test_frames_without_a_pair_of_arms_say_that_there_is_nothing_to_draw() -> None:
    summary = summarise(make.study([make.episode(make.slot(model="<b>m</b>"))]))
    found = Frames(**{name: to_pandas(each) for name, each in tables(summary).items()}, _summary=summary)
    assert "<b>m</b>" not in found._repr_html_()  # pyright: ignore[reportPrivateUsage] - a notebook calls it
    assert found.plot_composition().name == "composition"
    with pytest.raises(UserError, match="nothing to draw"):
        found.plot_contrasts()
