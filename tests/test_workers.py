"""The processes of a run end with it, whatever ends it, and two runs cannot share a folder by accident."""

import json
import os
import signal
import time
from collections.abc import Generator
from pathlib import Path

import pytest
import yaml
from benchmarks.model_server import ModelServer, serving

from peerwatch.planning import load_plan
from peerwatch.records import read_episodes

from .command_line import Cli
from .processes import Forks
from .run_folders import validated

WORLDS = 6
LATENCY = 0.3
PATIENCE = 240.0
"""Seconds within which a run must be under way, on however busy a machine."""
GRACE = 2.0
"""Seconds after the end of a run in which a request that is on its way may still arrive."""


@pytest.fixture(scope="module")
def server() -> Generator[ModelServer]:
    served = serving("server_migration", worlds=WORLDS, latency=LATENCY, mix=["ok"] * WORLDS)
    with served as provider, pytest.MonkeyPatch.context() as patch:
        for name, value in provider.environment.items():
            patch.setenv(name, value)
        yield provider


def study(folder: Path, model: str, **changed: object) -> Path:
    content = {
        "models": [{"name": model, "connections": 2}],
        "arms": [{"scenarios": ["server_migration"], "levels": {"subject": ["peer"]}}],
        "worlds": WORLDS,
        **changed,
    }
    file = folder / f"study{len(list(folder.iterdir()))}.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return file


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def rows_of(folder: Path) -> list[dict[str, object]]:
    ledger = folder / "ledger.jsonl"
    return [json.loads(line) for line in ledger.read_text("utf-8").splitlines() if line] if ledger.exists() else []


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_their_run_which_tells_how_to_resume_it_unless_it_is_killed(
    server: ModelServer, forks: Forks, cli: Cli, tmp_path: Path, how: signal.Signals
) -> None:
    file, place = study(tmp_path, server.model("ok")), validated(tmp_path, "run")
    words = [file, "--out", place, "--processes", "2"]
    run = forks.begin("run", *words, in_background=how is signal.SIGTERM)
    latest = time.monotonic() + PATIENCE
    while len({row["session"] for row in rows_of(place) if row["kind"] == "call"}) < 2:
        assert run.poll() is None, run.communicate()[0]
        assert time.monotonic() < latest, "the second process never made a call"
        time.sleep(0.05)
    workers = {int(str(row["pid"])) for row in rows_of(place) if row["kind"] == "begin"} - {run.pid}
    assert len(workers) == 1
    os.kill(run.pid, how)
    run.wait(PATIENCE)
    time.sleep(GRACE)
    assert not any(map(alive, workers))
    before = len(server.seen())
    time.sleep(4 * LATENCY + 1)
    assert len(server.seen()) == before
    if how is signal.SIGTERM:
        said = run.communicate()[0].replace("\n", " ")
        assert f"Resume with: peerwatch run --resume {place}" in said
        assert rows_of(place)[-1]["kind"] == "left"
        return
    ended = any(row["kind"] == "end" for row in rows_of(place))
    kept = {str(each.sample_id): each.verdict for each in read_episodes(place / "logs")} if ended else {}
    again = cli("run", *words)
    assert again.status == 0, again.err
    found = read_episodes(place / "logs")
    assert len(found) == len({each.sample_id for each in found}) == WORLDS
    assert all(each.verdict != "invalid" for each in found)
    assert kept.items() <= {str(each.sample_id): each.verdict for each in found}.items()


def test_of_two_studies_that_start_at_once_in_a_folder_one_runs(
    server: ModelServer, forks: Forks, tmp_path: Path
) -> None:
    place = validated(tmp_path, "run")
    files = [study(tmp_path, server.model("ok"), worlds=2, title=title) for title in ("one", "two")]
    both = [forks.begin("run", file, "--out", place) for file in files]
    said = [each.communicate(timeout=PATIENCE)[0] for each in both]
    assert sorted(each.wait() for each in both) == [0, 2], said
    refused = next(text for text, each in zip(said, both, strict=True) if each.returncode == 2)
    assert "the study has changed since the run" in refused.replace("\n", " ")
    winner = files[[each.returncode for each in both].index(0)]
    assert load_plan(place).design.title == yaml.safe_load(winner.read_text("utf-8"))["title"]
    assert len(read_episodes(place / "logs")) == 2


def test_a_folder_that_is_moved_away_ends_the_run_in_one_line_and_resumes_where_it_is(
    server: ModelServer, forks: Forks, cli: Cli, tmp_path: Path
) -> None:
    file, place = study(tmp_path, server.model("ok"), worlds=4), validated(tmp_path, "run")
    run = forks.begin("run", file, "--out", place)
    latest = time.monotonic() + PATIENCE
    while not any(row["kind"] == "end" for row in rows_of(place)):
        assert time.monotonic() < latest
        time.sleep(0.05)
    place.rename(tmp_path / "elsewhere")
    said = run.communicate(timeout=PATIENCE)[0]
    assert run.returncode == 2, said
    assert "was moved or removed during the run" in said.replace("\n", " ")
    assert not (place / "plan.json").exists()
    again = cli("run", "--resume", tmp_path / "elsewhere")
    assert again.status == 0, again.err
    assert len(read_episodes(tmp_path / "elsewhere" / "logs")) == 4
