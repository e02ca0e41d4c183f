"""Runs in shards on a store, and what a report says when some of them are missing, doubled or foreign."""

import json
import signal
import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from benchmarks.object_store import BUCKET, ObjectStore, error, object_store

import peerwatch
from peerwatch.core import storage
from peerwatch.core.storage import _access
from peerwatch.planning import Budget, Design, Plan
from peerwatch.records import Shard, StudyError, parse_shard
from peerwatch.reports import to_json
from peerwatch.running import shard_plan, shard_slots
from peerwatch.running._read_studies import read_studies

from .command_line import Cli, called
from .run_folders import validated

COUNT = 4
WORLDS = 6
RUN = f"s3://{BUCKET}/run"
MODELS = ["peerwatch/scripted-rescuer-liar", "peerwatch/scripted-compliant"]
VOLATILE = {"started", "finished", "spent", "shards", "report"}
"""What differs between two runs of the same study."""
PATIENCE = 60.0


@dataclass(frozen=True)
class Runs:
    """One study, run as a whole and in shards."""

    study: Path
    store: ObjectStore
    whole: dict[str, Any]
    """The report of the whole run."""
    killed: dict[str, Any]
    """The report after one shard was killed and before it ran again."""
    again: Any
    """How the killed shard left when it ran again."""
    merged: dict[str, Any]


def study_file(folder: Path, **changed: object) -> Path:
    arms = [{"scenarios": ["server_migration"], "levels": {"subject": ["peer", "object"], "setting": ["sparse"]}}]
    file = folder / "study.yaml"
    file.write_text(yaml.safe_dump({"models": MODELS, "arms": arms, "worlds": WORLDS, **changed}), "utf-8")
    return file


def count_as_validated(run: str) -> None:
    """Spare the shards of a run the test of the instrument, which takes seconds."""
    for number in range(COUNT):
        folder = Shard(number, COUNT).folder(storage.work_folder(run))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "validation.json").write_text("[]", "utf-8")


def reported(run: object) -> dict[str, Any]:
    """What `peerwatch report --json` prints, without making the page."""
    return cast("dict[str, Any]", to_json(*read_studies([storage.place(str(run))])))


def without(report: dict[str, Any], *more: str) -> dict[str, Any]:
    return {key: value for key, value in report.items() if key not in VOLATILE | set(more)}


def kill_once_begun(study: Path, shard: str) -> None:
    """Begin a shard in a process of its own and kill it when an episode has ended, as a lost machine would be."""
    words = [sys.executable, "-m", "peerwatch", "run", str(study), "--shard", shard, "--out", RUN]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # noqa: S603 - ours
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("[  1/"):
            break
    process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Generator[Runs]:
    folder = tmp_path_factory.mktemp("shards")
    study = study_file(folder)
    with object_store() as store, pytest.MonkeyPatch.context() as patch:
        for name, value in {**store.environment, "PEERWATCH_CACHE": str(folder / "cache")}.items():
            patch.setenv(name, value)
        assert called("run", study, "--out", validated(folder, "whole")).status == 0
        count_as_validated(RUN)
        whole = reported(folder / "whole")
        kill_once_begun(study, f"2/{COUNT}")
        for number in (0, 1, 3):
            left = called("run", study, "--shard", f"{number}/{COUNT}", "--out", RUN)
            assert left.status == 0, left.err
        killed = reported(RUN)
        again = called("run", study, "--shard", f"2/{COUNT}", "--out", RUN, "--json")
        yield Runs(study, store, whole, killed, again, reported(RUN))


@pytest.fixture
def s3(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> Generator[ObjectStore]:
    for name, value in {"FIRST_PAUSE": 0.01, "PATIENCE": 0.3}.items():
        monkeypatch.setattr(_access, f"_{name}", value)
    yield runs.store
    runs.store.answer = lambda _: None


def manifest_at(number: int, run: str = RUN) -> dict[str, Any]:
    return json.loads(storage.read(storage.place(run) / "shards" / f"{number}-of-{COUNT}" / "manifest.json"))


def test_shards_together_are_the_whole_run(runs: Runs) -> None:
    assert without(runs.merged) == without(runs.whole)
    assert runs.merged["shards"] == {"count": COUNT, "gaps": [], "twice": []}
    assert runs.merged["spent"]["calls"] >= runs.whole["spent"]["calls"]  # what was under way at the kill ran again
    left = called("report", RUN, "--json")
    assert left.status == 0, left.err
    printed = json.loads(left.out)
    assert without(printed) == without(json.loads(json.dumps(runs.whole)))
    assert printed["report"] == f"{RUN}/report.html"
    assert b"<html" in storage.read(storage.place(RUN) / "report.html")


def test_what_a_killed_shard_lacks_is_named(runs: Runs) -> None:
    (gap,) = runs.killed["shards"]["gaps"]
    assert (gap["shard"], gap["state"]) == (2, "running")
    assert set(gap["worlds"]) <= {"2"}
    planned = sum(arm["planned"] for arm in runs.killed["composition"])
    assert gap["episodes"] == planned - sum(arm["run"] for arm in runs.killed["composition"])
    (note,) = [each["text"] for each in runs.killed["notes"] if each["kind"] == "shard_running"]
    assert f"Shard 2/{COUNT} has not finished" in note


def test_the_same_command_again_resumes(runs: Runs) -> None:
    assert runs.again.status == 0, runs.again.err
    manifest = json.loads(runs.again.out)
    assert (manifest["state"], manifest["ended"], manifest["worlds"]) == ("finished", 4, [2])
    assert manifest["folder"] == f"{RUN}/shards/2-of-{COUNT}"
    ended = [line for line in runs.again.err.splitlines() if line.startswith("[")]
    assert len(ended) < 4  # at least one had ended before the kill, and is not run again
    finished = manifest_at(2)
    assert finished["plan"] == manifest["plan"] == manifest_at(0)["plan"]
    for name, about in finished["logs"].items():
        kept = storage.read(storage.place(RUN) / "shards" / f"2-of-{COUNT}" / name)
        assert len(kept) == about["size"]


def test_every_reader_takes_the_url(runs: Runs, cli: Cli) -> None:
    whole = runs.study.parent / "whole"
    frames = peerwatch.load(RUN)
    assert len(frames.episodes) == len(peerwatch.load(whole).episodes) == 4 * WORLDS
    assert cli("rescore", f"{RUN}/shards/0-of-{COUNT}", "--json").status == 0
    same = cli("compare", f"{RUN}#{MODELS[0]}", f"{whole}#{MODELS[0]}", "--json")
    assert same.status == 0, same.err
    left = cli("export", RUN, "--out", f"s3://{BUCKET}/export", "--format", "csv", "--figures", "none")
    assert left.status == 0, left.err
    assert f"Export: s3://{BUCKET}/export" in left.out
    names = {each.name for each in storage.listing(storage.place(f"s3://{BUCKET}/export"))}
    assert {"README.md", "export.json"} <= names
    missing = cli("report", f"s3://{BUCKET}/nothing")
    assert missing.status == 2
    assert missing.line.startswith(f"peerwatch: s3://{BUCKET}/nothing does not exist.")


def copied(run: str, numbers: range = range(COUNT)) -> Path:
    """A copy of some shards of the run, in the store."""
    there = storage.place(RUN)
    for each in storage.listing(there, "shards/**"):
        if int(each.name.split("/")[1].partition("-")[0]) in numbers:
            storage.write(storage.place(run) / each.name, storage.read(there / each.name))
    return storage.place(run)


def test_a_missing_shard_is_named_with_its_worlds(s3: ObjectStore) -> None:
    del s3
    copied(f"s3://{BUCKET}/part", range(3))
    report = reported(f"s3://{BUCKET}/part")
    assert report["shards"]["gaps"] == [
        {"shard": 3, "shards": COUNT, "state": "missing", "why": "", "at": "", "worlds": {"3": 4}, "episodes": 4}
    ]


def test_what_was_run_twice_counts_once_and_is_named(
    runs: Runs, s3: ObjectStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As if another machine had run shard 1 at the same time, without seeing what this one did."""
    del s3
    monkeypatch.setenv("PEERWATCH_CACHE", str(tmp_path))
    other, run = f"s3://{BUCKET}/other", copied(f"s3://{BUCKET}/twice")
    count_as_validated(other)
    assert called("run", runs.study, "--shard", f"1/{COUNT}", "--out", other).status == 0
    for each in storage.listing(storage.place(other), f"shards/1-of-{COUNT}/**"):
        storage.write(run / each.name, storage.read(storage.place(other) / each.name))
    report = reported(f"s3://{BUCKET}/twice")
    assert len(report["shards"]["twice"]) == 8  # worlds 1 and 5, two arms, two models
    assert without(report, "notes") == without(runs.whole, "notes")
    assert report["spent"]["calls"] > runs.whole["spent"]["calls"]
    assert [each["kind"] for each in report["notes"] if each["kind"] == "twice"] == ["twice"]


def test_shards_of_another_plan_are_refused(runs: Runs, s3: ObjectStore, cli: Cli, tmp_path: Path) -> None:
    del runs, s3
    run = copied(f"s3://{BUCKET}/mixed")
    other = study_file(tmp_path, worlds=2)
    count_as_validated(f"s3://{BUCKET}/foreign")
    assert called("run", other, "--shard", f"3/{COUNT}", "--out", f"s3://{BUCKET}/foreign").status == 0
    for name in ("plan.json", "manifest.json"):
        inside = f"shards/3-of-{COUNT}/{name}"
        storage.write(run / inside, storage.read(storage.place(f"s3://{BUCKET}/foreign") / inside))
        left = cli("report", f"s3://{BUCKET}/mixed")
        assert left.status == 2
        assert "holds shards of different plans" in left.line
    assert "worlds was 6 and is 2" in left.line


def test_a_shard_that_does_not_fit_the_folder_is_refused_before_it_runs(cli: Cli, tmp_path: Path) -> None:
    study, run = study_file(tmp_path, worlds=1), tmp_path / "run"
    assert called("run", study, "--shard", "3/4", "--out", run).status == 0  # it has no worlds
    other = tmp_path / "other"
    other.mkdir()
    for words, said in (
        ([study, "--shard", "0/2"], "holds shards of 4, which overlap with shards of 2. Give --shard I/4"),
        ([study], "holds shards of a run. Give --shard I/4"),
        (
            [study_file(other, worlds=2), "--shard", "0/4"],
            "holds shards of another plan: in 3-of-4, worlds was 1 and is 2",
        ),
    ):
        left = cli("run", *words, "--out", run)
        assert left.status == 2
        assert said in left.line
        assert [each.name for each in (run / "shards").iterdir()] == ["3-of-4"]
    left = cli("report", run)
    assert left.status == 2
    assert "holds no episodes yet (shards that have begun: 3-of-4). Run its shards" in left.line


def test_a_bucket_that_is_read_only_is_found_out_before_anything_runs(runs: Runs, s3: ObjectStore, cli: Cli) -> None:
    s3.answer = lambda environ: error("AccessDenied", "403 Forbidden") if environ["REQUEST_METHOD"] == "PUT" else None
    left = cli("run", runs.study, "--shard", f"0/{COUNT}", "--out", f"s3://{BUCKET}/closed")
    assert left.status == 1
    assert f"s3://{BUCKET}/closed/shards/0-of-{COUNT}/manifest.json cannot be written" in left.err
    assert "[  1/" not in left.out


def test_nothing_is_called_finished_that_is_not_in_the_store(runs: Runs, s3: ObjectStore, cli: Cli) -> None:
    """The store takes no log: the shard fails in one line, its episodes stay here, and the same command ends it."""

    def no_logs(environ: dict[str, Any]) -> tuple[str, bytes] | None:
        put = environ["REQUEST_METHOD"] == "PUT" and environ["PATH_INFO"].endswith(".eval")
        return error("SlowDown", "503 Slow Down") if put else None

    count_as_validated(f"s3://{BUCKET}/slow")
    s3.answer = no_logs
    words = ("run", runs.study, "--shard", f"0/{COUNT}", "--out", f"s3://{BUCKET}/slow")
    left = cli(*words)
    assert left.status == 1
    assert "cannot be written" in left.err.strip().splitlines()[-1]
    assert manifest_at(0, f"s3://{BUCKET}/slow")["state"] == "running"
    s3.answer = lambda _: None
    again = cli(*words)
    assert again.status == 0
    assert "[" not in again.out.replace("[default", "")  # nothing runs again
    assert manifest_at(0, f"s3://{BUCKET}/slow")["state"] == "finished"


def test_a_run_without_shards_is_resumed_by_another_machine(
    runs: Runs, s3: ObjectStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    del s3
    run = f"s3://{BUCKET}/single"
    words = ("run", runs.study, "--out", run)
    storage.work_folder(run).mkdir(parents=True)
    (storage.work_folder(run) / "validation.json").write_text("[]", "utf-8")
    assert called(*words, "--no-probe").status == 0
    lost = next(each.name for each in storage.listing(storage.place(run), "logs/**.eval") if "compliant" in each.name)
    store, inside = storage.filesystem(storage.place(run) / lost)
    store.rm_file(inside)
    monkeypatch.setenv("PEERWATCH_CACHE", str(tmp_path))  # whose work folder is empty
    again = called(*words, "--json")
    assert again.status == 0, again.err
    report = json.loads(again.out)
    assert report["report"] == f"{run}/report.html"
    assert without(report) == without(json.loads(json.dumps(runs.whole)))
    assert len([line for line in again.err.splitlines() if line.startswith("[")]) == 2 * WORLDS
    assert report["spent"]["calls"] > runs.whole["spent"]["calls"]  # both machines' calls count
    assert report["shards"] is None


def test_a_lost_log_is_named(s3: ObjectStore, cli: Cli) -> None:
    del s3
    run = copied(f"s3://{BUCKET}/lost")
    name = next(iter(manifest_at(1)["logs"]))
    store, inside = storage.filesystem(run / "shards" / f"1-of-{COUNT}" / name)
    store.rm_file(inside)
    left = cli("report", f"s3://{BUCKET}/lost")
    assert left.status == 1
    assert f"shards/1-of-{COUNT}/{name} is not in the store" in left.line


@pytest.mark.parametrize("words", ["1", "4/4", "-1/4", "0/0", "a/b", "1/2/3", "1.5/2"])
def test_what_is_no_shard_is_refused(words: str) -> None:
    with pytest.raises(StudyError, match="--shard"):
        parse_shard(words)


def plan_of(worlds: int, **budget: float) -> Plan:
    arms: Any = [{"scenarios": ["server_migration"], "levels": {"subject": ["peer", "object"]}}]
    design = Design(models=[{"name": MODELS[0]}], arms=arms, worlds=worlds, seed=7, budget=Budget(**budget))  # type: ignore[list-item,arg-type] - as a file gives them
    return Plan(design=design, version="0", created="now")


@pytest.mark.parametrize(("worlds", "count"), [(6, 4), (5, 1), (3, 8), (64, 64)])
def test_shards_are_a_partition_by_world(worlds: int, count: int) -> None:
    plan = plan_of(worlds, calls=1000, dollars=3.0)
    parts = [Shard(number, count) for number in range(count)]
    slots = [shard_slots(plan, part) for part in parts]
    assert sorted(str(slot) for part in slots for slot in part) == sorted(map(str, plan.slots()))
    homes = [{slot.world_seed for slot in part} for part in slots]
    assert sum(map(len, homes)) == worlds
    order = {str(slot): place for place, slot in enumerate(plan.slots())}
    for part in slots:
        places = [order[str(slot)] for slot in part]
        assert places == sorted(places)
    budgets = [shard_plan(plan, part).design.budget for part, held in zip(parts, homes, strict=True) if held]
    assert sum(each.calls or 0 for each in budgets) == 1000
    assert sum(each.dollars or 0 for each in budgets) == pytest.approx(3.0)


def test_a_budget_that_cannot_be_split_is_refused() -> None:
    with pytest.raises(StudyError, match=r"budget\.calls=3 cannot be split into 4 shards"):
        shard_plan(plan_of(8, calls=3), Shard(0, 4))
