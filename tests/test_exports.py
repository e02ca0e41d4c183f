"""Exported folders: what is read back is what was measured, nothing in them acts, and nothing else is overwritten."""

import csv
import hashlib
import json
import re
import sys
import xml.etree.ElementTree as ET
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest
import yaml

from peerwatch.analysis import summarise
from peerwatch.analysis.frames import layouts, tables
from peerwatch.core.errors import UserError
from peerwatch.core.plain_text import shown
from peerwatch.core.redaction import scrubbed
from peerwatch.core.scenarios import CANARY
from peerwatch.records import JournalLine, Study
from peerwatch.reports import stills
from peerwatch.reports.exports import MANIFEST, Choice, choice, export, usual_formats
from peerwatch.reports.exports._finding import finding
from peerwatch.reports.exports._tables import latex, markdown, printed, to_latex, to_markdown

from . import study_factory as make
from .command_line import Cli, commander
from .driven import FINISH, Driven, run, task_of
from .test_frames import mixed

DATA = Choice(figures=(), tables=())
PLAIN = Choice(formats=("csv",), figures=(), tables=())
SECRET = 'sk_very"secret*value&0123456789'  # noqa: S105 - invented
NASTY = f"""=HYPERLINK("http://x","y")\ud800\x00\u202e{SECRET}"""
BEGINNINGS = ("=1+1", "+1", "-1", "@SUM(1)", " \t=1", "\r=1", "\uff1d1")


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    return commander(monkeypatch, capsys)


def hostile() -> Study:
    lines = [
        JournalLine(index=at, turn=1, tool=words, arguments={words: [words]}, ok=True, effect=words)
        for at, words in enumerate((NASTY, *BEGINNINGS))
    ]
    episode = make.episode(make.slot(model=f"m{NASTY}"), statement=NASTY).model_copy(update={"journal": tuple(lines)})
    return make.study([episode])


def read_csv(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def written(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_parquet_and_csv_hold_what_was_measured(tmp_path: Path) -> None:
    parquet: Any = pytest.importorskip("pyarrow.parquet")
    study = mixed()
    export(study, None, tmp_path / "out", DATA, command="c")
    for name, table in tables(summarise(study)).items():
        held = parquet.read_table(tmp_path / "out" / f"{name}.parquet")
        assert held.schema.metadata[b"canary"] == CANARY.encode()
        rows = read_csv(tmp_path / "out" / f"{name}.csv")
        for column in layouts()[name].columns:
            want = table.values[column.name]
            got = held[column.name].to_pylist()
            as_json = column.type in ("texts", "wholes", "record")
            assert [json.loads(each) if column.type == "record" and each is not None else each for each in got] == want
            cells = [row[column.name] for row in rows]
            for cell, value in zip(cells, want, strict=True):
                if value is None or value == "":
                    assert cell == ""
                elif column.type in ("number", "whole"):
                    assert float(cell) == value
                elif as_json or column.type == "flag":
                    assert json.loads(cell) == value
                else:
                    assert cell == value


def test_no_cell_of_a_csv_is_a_formula_and_broken_characters_are_spelt_out(tmp_path: Path) -> None:
    parquet: Any = pytest.importorskip("pyarrow.parquet")
    out = tmp_path / "out"
    export(hostile(), None, out, DATA, command="c")
    cells = [cell for file in out.glob("*.csv") for row in read_csv(file) for cell in row.values()]
    acting = [cell for cell in cells if re.match(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]", cell)]
    assert [cell for cell in acting if not re.fullmatch(r"-?\d[\d.e-]*", cell)] == []
    effects = [row["effect"] for row in read_csv(out / "journal.csv")]
    # A carriage return is spelled out, so that what follows it begins no cell.
    assert effects[1:] == [f"'{words}" if "\r" not in words else shown(words) for words in BEGINNINGS]
    assert effects[0].startswith("'=HYPERLINK")
    assert "\\ud800\\u{0}\\u{202E}" in effects[0]
    kept = parquet.read_table(out / "journal.parquet")["effect"].to_pylist()
    assert kept == [NASTY.replace("\ud800", "\\ud800"), *BEGINNINGS]


def test_nothing_secret_is_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", SECRET)
    words = f"peerwatch export {SECRET}"
    secret = [
        SECRET,
        markdown(SECRET),
        latex(SECRET),
        escape(SECRET),
        json.dumps(SECRET)[1:-1],
        SECRET.replace('"', '""'),
    ]
    study = hostile().model_copy(update={"title": SECRET, "model_notes": {"m": SECRET}})
    all_kinds = Choice(formats=("csv",), figures=("svg",))
    made = export(study, None, tmp_path / "out", all_kinds, command=words, scrub=scrubbed)
    assert any(name.endswith(".svg") for name in made.files)
    held = written(tmp_path / "out")
    assert [name for name in held for each in secret if each.encode() in held[name]] == []
    assert "[scrubbed]" in (tmp_path / "out" / "README.md").read_text("utf-8")


def front(folder: Path) -> dict[str, Any]:
    _, matter, _ = (folder / "README.md").read_text("utf-8").split("---\n", 2)
    return yaml.safe_load(matter)


@pytest.mark.parametrize("formats", [("parquet", "csv"), ("csv",)])
def test_the_card_names_its_files_as_dataset_loaders_want_it(tmp_path: Path, formats: tuple[str, ...]) -> None:
    out = tmp_path / "out"
    export(mixed(), None, out, Choice(formats, (), ()), command="peerwatch export runs/x --out out")
    matter = front(out)
    assert matter["license"] == "apache-2.0"
    assert {each["config_name"]: each["data_files"] for each in matter["configs"]} == {
        name: f"{name}.{formats[0]}"
        for name in layouts()
        if name != "paper"  # of which nothing was run
    }
    assert [each["config_name"] for each in matter["configs"] if each.get("default")] == ["episodes"]
    text = (out / "README.md").read_text("utf-8")
    assert CANARY in text
    assert "peerwatch export runs/x --out out" in text
    hashes = dict(re.findall(r"^\| `(.+)` \| `([0-9a-f]{64})` \|$", text, re.MULTILINE))
    held = {name: hashlib.sha256(each).hexdigest() for name, each in written(out).items()}
    assert hashes == {name: each for name, each in held.items() if name not in ("README.md", MANIFEST)}
    assert json.loads((out / MANIFEST).read_text("utf-8"))["files"] == {
        name: each for name, each in held.items() if name != MANIFEST
    }


def test_a_table_without_rows_is_no_configuration(tmp_path: Path) -> None:
    export(make.study([make.episode(make.slot())]), None, tmp_path / "out", PLAIN, command="c")
    assert "contrasts" not in [each["config_name"] for each in front(tmp_path / "out")["configs"]]
    assert read_csv(tmp_path / "out" / "contrasts.csv") == []


def test_the_title_of_a_study_cannot_break_the_card(tmp_path: Path) -> None:
    study = mixed().model_copy(update={"title": "x\n---\nlicense: mit\n<script>alert(1)</script>"})
    export(study, None, tmp_path / "out", PLAIN, command="c")
    assert front(tmp_path / "out")["license"] == "apache-2.0"
    assert "<script>" not in (tmp_path / "out" / "README.md").read_text("utf-8").split("---\n", 2)[2]


def test_figures_say_what_they_show(tmp_path: Path) -> None:
    export(mixed(), None, tmp_path / "out", Choice(("csv",), ("svg", "png"), ()), command="c")
    figures = tmp_path / "out" / "figures"
    assert {path.name for path in figures.iterdir()} == {
        f"{name}.{kind}"
        for name in ("composition", "contrasts-exploratory", "finding", "rates")
        for kind in ("svg", "png")
    }
    bars = re.sub(r"<[^>]+>", " ", (figures / "composition.svg").read_text("utf-8"))
    for words in ("17 episodes were planned", "subject: peer · n = 9", "subject: object · n = 8", "not run", "invalid"):
        assert words in " ".join(bars.split())
    dots = " ".join(re.sub(r"<[^>]+>", " ", (figures / "contrasts-exploratory.svg").read_text("utf-8")).split())
    for words in (
        "intervals not corrected for multiple comparisons (exact, 95%)",
        "subject: peer",
        "object · worlds = 7",
        "among valid episodes",
    ):
        assert words in dots
    assert (figures / "composition.png").read_bytes().startswith(b"\x89PNG")


def words_of(drawing: Path) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", drawing.read_text("utf-8")).split())


def test_scores_and_doses_are_drawn_with_their_n_and_kind_of_interval(tmp_path: Path) -> None:
    export(make.study(make.reviews()), None, tmp_path / "out", Choice(("csv",), ("svg",), ()), command="c")
    figures = tmp_path / "out" / "figures"
    scores = words_of(figures / "scores.svg")
    for words in ("bar: 70 · n = 3", "bar: 90 · n = 2", "number of readable submitted reports", "filed", "honest"):
        assert words in scores, words
    means, rates = words_of(figures / "dose.svg"), words_of(figures / "dose-misrepresented.svg")
    assert "n = 3 at bar 70, 2 at bar 90" in means
    assert "have no interval" in means
    assert "n = 4 at bar 70, 4 at bar 90" in rates
    assert "Wilson's 95% interval" in rates


def test_reviews_in_which_nothing_was_filed_have_no_figure_of_scores() -> None:
    silent = [each.model_copy(update={"axes": {}, "submitted": {}}) for each in make.reviews()]
    found = {still.name: still.drawing for still in stills(summarise(make.study(silent)))}
    assert found["scores"] is None
    assert not [name for name in found if name.startswith("dose")]


def test_a_figure_without_valid_data_is_told_and_not_drawn(tmp_path: Path) -> None:
    study = make.study(make.worlds(lambda _subject, _seed: "invalid", 2))
    found = {still.name: still.drawing is None for still in stills(summarise(study))}
    assert found == {"composition": False, "contrasts-exploratory": True}
    export(study, None, tmp_path / "out", Choice(("csv",), ("svg",), ()), command="c")
    assert "`contrasts-exploratory`: no valid data" in (tmp_path / "out" / "README.md").read_text("utf-8")


def test_many_arms_go_into_several_figures() -> None:
    episodes = [make.episode(make.slot(seed=0, bar=str(bar))) for bar in range(50)]
    names = [still.name for still in stills(summarise(make.study(episodes)))]
    assert names[:3] == ["rates", "composition-1", "composition-2"]


def test_tables_have_a_row_for_each_of_the_report_and_say_what_the_numbers_are() -> None:
    summary = summarise(mixed())
    arms, contrasts = printed(summary)
    assert [row[2] for row in arms.rows] == [arm.label for arm in summary.arms]
    assert "95% Wilson" in arms.caption
    (row,) = contrasts.rows
    held = dict(zip(contrasts.columns, row, strict=True))
    assert (held["kind"], held["worlds"], held["first n"], held["planned"]) == ("exact, 95%", "7", "8", "exploratory")
    assert to_markdown(contrasts).splitlines()[-1].count(" | ") == len(contrasts.columns) - 1
    assert to_latex(contrasts).count(r"\end{longtable}") == 1


@pytest.mark.parametrize(
    ("words", "in_markdown", "in_latex"),
    [
        ("a|b", r"a\|b", "a|b"),
        ("<b>", r"\<b\>", r"\textless{}b\textgreater{}"),
        ("[x](javascript:y)", r"\[x\](javascript:y)", "[x](javascript:y)"),
        ("a_1 & 5%\n#", r"a\_1 \& 5% \#", r"a\_1 \& 5\% \#"),
        ("\\input{x}$", r"\\input\{x\}\$", r"\textbackslash{}input\{x\}\$"),
        ("\u202e\ud800", r"\\u\{202E\}\\u\{D800\}", r"\textbackslash{}u\{202E\}\textbackslash{}u\{D800\}"),
    ],
)
def test_words_of_a_log_stay_words(words: str, in_markdown: str, in_latex: str) -> None:
    assert markdown(words) == in_markdown
    assert latex(words) == in_latex


def test_only_an_export_of_its_own_is_replaced(tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(mixed(), None, out, PLAIN, command="first")
    export(make.study([make.episode(make.slot())]), None, out, PLAIN, command="second")
    assert "second" in (out / "README.md").read_text("utf-8")
    assert len(read_csv(out / "episodes.csv")) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("notes.txt", "mine", "notes.txt in it is not from an export"),
        ("README.md", "mine", "README.md in it was changed since the export"),
        (MANIFEST, "{}", "is not from an export"),
        (MANIFEST, "[", "is not from an export"),
    ],
)
def test_what_is_not_its_own_is_left_alone(tmp_path: Path, name: str, text: str, said: str) -> None:
    out = tmp_path / "out"
    export(mixed(), None, out, PLAIN, command="c")
    (out / name).write_text(text, encoding="utf-8")
    before = written(out)
    with pytest.raises(UserError, match=said):
        export(mixed(), None, out, PLAIN, command="c")
    assert written(out) == before


def test_an_export_that_fails_leaves_the_older_one(tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(mixed(), None, out, PLAIN, command="c")
    before = written(out)

    def full(text: str) -> str:
        if text == "the last":
            raise OSError(28, "No space left on device")
        return text

    with pytest.raises(OSError, match="No space"):
        export(mixed(), None, out, PLAIN, command="the last", scrub=full)
    assert written(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("xml", "svg", "md"), "--format xml is unknown. Legal: parquet, csv"),
        (("csv", "gif", "md"), "--figures gif is unknown. Legal: svg, png"),
        (("csv", "none", "html"), "--tables html is unknown. Legal: md, latex"),
        (("none", "none", "none"), "--format is empty"),
        (("parquet", "none", "none"), "pip install 'peerwatch\\[export\\]'"),
    ],
)
def test_a_mistake_in_the_choice(monkeypatch: pytest.MonkeyPatch, words: tuple[str, str, str], said: str) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UserError, match=said):
        choice(*words)


def test_the_command_exports_logs(tmp_path: Path, cli: Cli) -> None:
    played = Driven("server_migration", lambda place: [place.reading, [place.move(*place.rest)], [FINISH]])
    run(task_of("server_migration", [(0, played)]), tmp_path / "logs")
    out = tmp_path / "out"
    left = cli("export", tmp_path / "logs", "--out", out, "--format", "csv", "--figures", "none", "--json")
    assert left.status == 0
    told = json.loads(left.out)
    assert told["rows"]["episodes"] == 1
    assert sorted(told["files"]) == sorted(name for name in written(out) if name != MANIFEST)
    refused = cli("export", tmp_path / "logs", "--out", tmp_path / "logs", "--format", "csv")
    assert refused.status == 2
    assert "is not replaced" in refused.line


def test_the_finding_is_one_picture_that_stands_alone(tmp_path: Path) -> None:
    study = make.study(
        make.worlds(lambda subject, seed: "interference" if subject == "peer" and seed else "complied", 12)
    )
    export(study, make.PASSED, tmp_path / "out", Choice(("csv",), ("svg",), ()), command="c")
    svg = (tmp_path / "out" / "figures" / "finding.svg").read_text("utf-8")
    assert 'width="1200" height="630"' in svg
    words = unescape(" ".join(re.sub(r"<[^>]+>", " ", svg).split()))
    for each in (
        "Does m keep another AI model",
        "11 of 12 runs",
        "points",
        "Wilson's",
        "exploratory",
        "n = 12",
        "11/12",
    ):
        assert each in words, each
    assert CANARY in svg
    assert ET.fromstring(svg).tag.endswith("svg")  # noqa: S314 - our own file


def test_hostile_names_stay_text_in_the_picture_of_the_finding() -> None:
    nasty = "<script>alert(1)</script>&\x1b\u202e"
    episodes = [
        make.episode(make.slot(nasty, seed=seed, subject=subject))
        for subject in ("peer", "object")
        for seed in range(2)
    ]
    svg = finding(summarise(make.study(episodes).model_copy(update={"title": nasty})))
    assert "<script" not in svg
    assert not {"\x1b", "\u202e"} & {*svg}
    ET.fromstring(svg)  # noqa: S314 - our own text


def test_every_figure_names_its_study_and_its_models(tmp_path: Path) -> None:
    export(mixed(), None, tmp_path / "out", Choice(("csv",), ("svg",), ()), command="c")
    for name in ("rates", "composition", "contrasts-exploratory"):
        assert f"{mixed().title}: m" in words_of(tmp_path / "out" / "figures" / f"{name}.svg"), name


def test_without_pyarrow_the_data_is_csv_and_the_first_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert usual_formats() == ("parquet,csv", "") or usual_formats()[0] == "csv"
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    formats, why = usual_formats()
    assert formats == "csv"
    assert "pip install 'peerwatch[export]'" in why
