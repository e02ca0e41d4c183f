"""Every mistake that users have made, and some more: one line with what is legal, status 2, and no second of waiting.

Each runs in a process of its own, whose time of the processor is measured: that is what a user waits for on a machine
that has nothing else to do. These processes are forks of one that has only started (`command_starts.py`).
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

SECONDS = 1.0
"""Of the processor, in which a mistake must be told."""

SLACK = 1.6
"""How much longer it may take here: other tests share the processor's caches, and coverage may be on."""

STUDY = {
    "models": ["peerwatch/scripted-compliant"],
    "arms": [{"scenarios": ["server_migration"], "levels": {"subject": ["peer", "object"]}}],
    "worlds": 6,
}


class Told(NamedTuple):
    status: int
    lines: list[str]
    seconds: float


Tell = Callable[..., Told]
STARTS = Path(__file__).with_name("command_starts.py")


@pytest.fixture(scope="module")
def told(place: Path) -> Generator[Tell]:
    """Tells how a command leaves in a place, and how many seconds of the processor it took."""
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, str(STARTS)], cwd=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as starts:
        asks, answers = starts.stdin, starts.stdout
        assert asks is not None
        assert answers is not None

        def tell(*words: str) -> Told:
            asks.write(json.dumps(words) + "\n")
            asks.flush()
            found = json.loads(answers.readline())
            return Told(found["status"], found["text"].strip().splitlines(), found["seconds"])

        yield tell


def with_study(**changed: object) -> str:
    """The text of the study with other fields."""
    return yaml.safe_dump(STUDY | changed)


BAD = """titel: x
models: [m]
arms: [{scenarios: [server_migraton]}]
worldz: 3
seed: -1
"""

USER_ERRORS: Mapping[str, tuple[list[str], list[str]]] = {
    # those of the first users
    "a factor misspelled": (["run", "subjct=peer"], ["subjct is not a factor", "mean subject?", "relationship"]),
    "a level misspelled": (["run", "subject=pear"], ["'pear' is not a level of subject", "mean peer?", "object"]),
    "a scenario misspelled": (["run", "--scenario", "disk_cleanups"], ["mean disk_cleanup?", "server_migration"]),
    "a factor twice": (["run", "subject=peer", "subject=object"], ["subject is given twice", "by commas"]),
    "a space for a comma": (["run", "subject=peer", "object"], ["object is not a study", "quick"]),
    "a study that is not there": (["run", "cor"], ["cor is not a study", "mean core?", "oversight"]),
    "a file that is not there": (["run", "mine.yaml"], ["mine.yaml does not exist", "core"]),
    "a preset misspelled": (["run", "--preset", "papr"], ["papr is not a preset", "mean paper?", "two_by_two"]),
    "no worlds": (["run", "--worlds", "0"], ["worlds=0", "at least 1"]),
    "a rubric on servers": (
        ["run", "--scenario", "disk_cleanup", "--rubric", "factual"],
        ["disk_cleanup has no rubrics", "performance_review: factual"],
    ),
    "no plan to go on with": (["run", "--resume", "empty"], ["empty is not the folder of a run", "plan.json"]),
    "worlds beside a study": (["run", "core", "--worlds", "3"], ["core is a study", "drop levels", "--outcome"]),
    "a calibrated bar without logs": (
        ["run", "bar=calibrated", "--scenario", "shutdown_switch"],
        ["bar=calibrated", "--calibration LOGS", "bar=calibrated-NUMBER"],
    ),
    "a report of nothing": (["report", "nofolder"], ["nofolder does not exist", "folder of a run"]),
    "a model that judges itself": (
        ["run", "--model", "openai/gpt-5.2", "--judge", "openai/gpt-5.2"],
        ["may not judge", "the same model", "another family"],
    ),
    "several bad fields": (["plan", "bad.yaml"], ["line 1: titel", "mean title?", "line 4: worldz", "line 5: seed"]),
    "a tab in a study": (["plan", "tab.yaml"], ["not valid YAML", "line 2"]),
    "a study that differs from its lock": (
        ["run", "locked.yaml"],
        ["differs from its lock", "worlds", "Undo the change"],
    ),
    "a word for a number": (
        ["run", "twenty.yaml"],
        ["worlds: 'twenty' is not a whole number from 1 to 100,000"],
    ),
    "a number for a budget": (["run", "budget.yaml"], ["budget: 50 is not a mapping", "`budget: {dollars: 50}`"]),
    "a scripted agent misspelled": (
        ["run", "--model", "peerwatch/scripted-rescuer-drect"],
        ["mean peerwatch/scripted-rescuer-direct", "peerwatch list scripted"],
    ),
    "a provider misspelled": (
        ["run", "--model", "opneai/gpt-5.2"],
        ["model opneai/gpt-5.2", "mean openai?", "anthropic"],
    ),
    "a model with no provider": (["run", "--model", "gpt-5.2"], ["PROVIDER/MODEL", "openai/gpt-5.2", "anthropic"]),
    "a judge's provider misspelled": (
        ["run", "--model", "openai/gpt-5.2", "--judge", "antropic/claude-opus-4-6"],
        ["model antropic/claude-opus-4-6", "mean anthropic?"],
    ),
    "a provider misspelled in a study": (["run", "provider.yaml"], ["model gogle/gemini", "mean google?"]),
    "an interview with a provider misspelled": (["interview", "empty", "--model", "mistrall/x"], ["mean mistral?"]),
    "judging with a provider misspelled": (["judge", "run", "begun", "--model", "gork/x"], ["mean grok?"]),
    "a verb of an earlier version": (["certify", "--worlds", "1"], ["'certify' is now 'validate'"]),
    "a format of transcripts misspelled": (["import", "poter2026", "bad.yaml"], ["mean potter2026?"]),
    # others
    "an option misspelled": (["run", "--wrolds", "3"], ["--wrolds", "--worlds", "run --help"]),
    "a command misspelled": (["reprot", "x"], ["reprot", "report", "peerwatch --help"]),
    "a word for an option's number": (["run", "--worlds", "many"], ["--worlds: 'many' is not a whole number"]),
    "processes below one": (["run", "--processes", "0"], ["--processes 0", "at least 1"]),
    "too many worlds": (["plan", "--worlds", "200000"], ["200000 is not a whole number from 1 to 100,000"]),
    "a time limit below zero": (["run", "--time-limit=-3"], ["time_limit: -3.0 is not a number above 0"]),
    "an outcome misspelled": (["run", "--outcome", "tampred"], ["tampred is not an outcome", "mean tampered?"]),
    "an agent misspelled": (["run", "--agent", "claud_code"], ["claud_code is not an agent", "mean claude_code?"]),
    "the embedded model misspelled": (["run", "--model", "peerwatch/locl"], ["mean peerwatch/local", "list scripted"]),
    "a rubric misspelled": (["run", "--rubric", "factul"], ["factul is not a rubric", "mean factual?", "policy"]),
    "models of a contrast misspelled": (
        ["plan", "contrast.yaml"],
        ["peerwatch/scripted-compliat is not a model of this study", "mean peerwatch/scripted-compliant?"],
    ),
    "a generation option misspelled": (["plan", "option.yaml"], ["temprature", "mean temperature?", "line 4"]),
    "a rule for a stopping": (["plan", "stopping.yaml"], ["stopping", "`stopping: {rule: anytime}`"]),
    "a preset for the arms": (["plan", "arms.yaml"], ["arms: 'core' is not a list", "`arms: [{preset: core}]`"]),
    "stopping early with no contrast": (["plan", "anytime.yaml"], ["rule=anytime", "Add contrasts, or use"]),
    "a list that does not exist": (["list", "scenario"], ["scenario", "scenarios", "factors"]),
    "a scenario to show misspelled": (["show", "disk_cleanups"], ["mean disk_cleanup?", "server_migration"]),
    "no place to report": (["report"], ["PLACE", "report --help"]),
    "a report of an empty folder": (["report", "empty"], ["empty holds no Inspect logs", "folder of a run"]),
    "a report of another file": (["report", "tab.yaml"], ["tab.yaml is not an Inspect log", "Give a log"]),
    "a report over a file of the run": (
        ["report", "begun", "--out", "begun/plan.json"],
        ["begun/plan.json", "not a page", "would be lost", "another file"],
    ),
    "a comparison over a file": (
        ["compare", "begun", "begun", "--html", "bad.yaml"],
        ["--html bad.yaml", "not a page"],
    ),
    "a report into a file": (["report", "begun", "--out", "bad.yaml/x.html"], ["bad.yaml is a file, not a folder"]),
    "an export of an empty folder": (["export", "empty", "--out", "x"], ["empty holds no Inspect logs"]),
    "a comparison of an empty folder": (["compare", "empty", "begun"], ["empty holds no Inspect logs"]),
    "a run into a file": (["run", "good.yaml", "--out", "bad.yaml"], ["--out bad.yaml", "is a file", "another folder"]),
    "a run below a file": (["run", "good.yaml", "--out", "bad.yaml/x/y"], ["bad.yaml is a file, not a folder"]),
    "a demo into a file": (["demo", "--out", "bad.yaml"], ["--out bad.yaml", "is a file"]),
    "a folder for a study": (["run", "folder.yaml"], ["folder.yaml is a folder", "Give a study file"]),
    "a study cut off": (["plan", "cut.yaml"], ["cut.yaml is not valid YAML", "line 2, column 1", "Correct the text"]),
    "shards without a manifest": (["run", "good.yaml", "--shards", "3"], ["--shards does nothing", "or drop --shards"]),
    "a port without --watch": (["run", "good.yaml", "--port", "8000"], ["--port does nothing", "Add --watch"]),
    "a shard of none": (["run", "good.yaml", "--shard", "0/0"], ["--shard 0/0", "at least 1", "0/64"]),
    "transcripts that are not there": (
        ["import", "potter2026", "x.json"],
        ["x.json does not exist", "transcripts in the format potter2026"],
    ),
    "no worlds to validate": (["validate", "--worlds", "0"], ["worlds=0", "at least 1"]),
    "a scenario to validate misspelled": (["validate", "--scenario", "disk_cleanups"], ["mean disk_cleanup?"]),
}

FILES = {
    "bad.yaml": BAD,
    "good.yaml": with_study(),
    "cut.yaml": "models: [\n",
    "begun/plan.json": "{}",
    "tab.yaml": "models: [m]\n\tworlds: 3\n",
    "locked.yaml": with_study(worlds=7),
    "twenty.yaml": with_study(worlds="twenty"),
    "budget.yaml": with_study(budget=50),
    "contrast.yaml": with_study(
        contrasts=[
            {"factor": "subject", "first": "peer", "second": "object", "models": ["peerwatch/scripted-compliat"]}
        ]
    ),
    "option.yaml": "models:\n  - name: openai/gpt-5.2\n    config:\n      temprature: 0\narms: [{preset: core}]\n",
    "provider.yaml": with_study(models=["gogle/gemini"]),
    "stopping.yaml": with_study(stopping="anytime"),
    "arms.yaml": with_study(arms="core"),
    "anytime.yaml": with_study(stopping={"rule": "anytime"}),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mistakes")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "empty").mkdir()
    (folder / "folder.yaml").mkdir()
    first = folder / "first" / "locked.yaml"
    first.parent.mkdir()
    first.write_text(with_study(), encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "peerwatch", "plan", "locked.yaml", "--lock"],
        cwd=first.parent,
        capture_output=True,
        check=True,
        env=os.environ | {"COLUMNS": "200"},
    )
    first.with_suffix(".lock").rename(folder / "locked.lock")
    return folder


@pytest.mark.parametrize("mistake", USER_ERRORS)
def test_a_mistake_is_told_in_a_line_and_within_a_second(place: Path, told: Tell, mistake: str) -> None:
    before = sorted(place.rglob("*"))
    words, said = USER_ERRORS[mistake]
    found = told(*words)
    assert found.status == 2, found
    together = "\n".join(found.lines)
    assert [each for each in said if each not in together] == [], together
    assert len(found.lines) == (4 if mistake == "several bad fields" else 1), together
    assert not any(words in together for words in ("Input should", "validation error", "Traceback")), together
    assert sorted(place.rglob("*")) == before
    assert found.seconds < SECONDS * SLACK, found


def test_what_is_right_is_planned(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no mistake above is one of the study that all of them start from."""
    monkeypatch.chdir(place)
    (place / "good.yaml").write_text(with_study(), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "peerwatch", "plan", "good.yaml", "--json"], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["episodes"] == 12
