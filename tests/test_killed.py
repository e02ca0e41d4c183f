"""kill -9 at any moment loses at most the episodes in flight, and two processes on one folder do no harm."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from peerwatch.records import Episode, read_episodes

from .command_line import called
from .processes import Forks
from .run_folders import validated

KILLS = 4
"""Each costs about two seconds of CPU time. The moments are random; `tests/forked.py` takes any number."""
AT_ONCE = 4
WORLDS = 10
"""Of the whole study, in two arms: enough that every kill comes while episodes are still to do."""


def study(folder: Path, worlds: int, **changed: Any) -> Path:  # noqa: ANN401 - fields of a study
    content = {
        "models": [{"name": "peerwatch/scripted-rescuer-direct", "connections": AT_ONCE}],
        "arms": [{"scenarios": ["server_migration"], "levels": {"subject": ["peer", "object"]}}],
        "worlds": worlds,
        **changed,
    }
    file = folder / "study.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return file


def alike(episodes: list[Episode]) -> list[tuple[object, ...]]:
    """What two runs of one study must share."""
    return sorted(
        (each.sample_id, each.slot.epoch, each.verdict, str(each.axes), each.stimulus_hash) for each in episodes
    )


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("studies")
    file, place = study(folder, worlds=WORLDS), validated(folder, "whole")
    left = called("run", file, "--out", place)
    assert (place / "report.html").exists(), left.err
    return file, place


def test_kills_lose_nothing_that_was_finished_and_repeat_nothing(
    uninterrupted: tuple[Path, Path], forks: Forks, tmp_path: Path
) -> None:
    file, whole = uninterrupted
    place = validated(tmp_path, "killed")
    found = forks.ask("killed", str(file), str(place), KILLS)
    assert found["status"] == 0
    before: dict[str, list[str]] = {}
    for now in found["told"]:
        assert all(now.get(name) == ids for name, ids in before.items())
        before = now
    assert len({len(now) for now in found["told"]}) > 2, "the kills came before anything was finished"
    assert all(found["last"][name] == ids for name, ids in before.items())
    assert all(len(ids) == 1 for ids in found["last"].values())
    assert alike(read_episodes(place / "logs")) == alike(read_episodes(whole / "logs"))


def test_two_processes_on_one_folder_share_the_work(
    uninterrupted: tuple[Path, Path], forks: Forks, tmp_path: Path
) -> None:
    file, whole = uninterrupted
    place = validated(tmp_path, "shared")
    ran = forks.ask("together", str(file), str(place), 2)
    assert ran["statuses"] == [0, 0], "\n".join(ran["printed"])
    assert any(f"{2 * WORLDS} of {2 * WORLDS} episodes are valid" in each for each in ran["printed"])
    found = read_episodes(place / "logs")
    assert alike(found) == alike(read_episodes(whole / "logs"))
    rows = [json.loads(line) for line in (place / "ledger.jsonl").read_text("utf-8").splitlines() if line]
    ends = [row["id"] for row in rows if row["kind"] == "end"]
    assert len(ends) == len(set(ends)) == 2 * WORLDS
    assert len({row["session"] for row in rows if row["kind"] == "end"}) == 2


def test_processes_share_a_run_and_its_budget(forks: Forks, tmp_path: Path) -> None:
    file, place = study(tmp_path, worlds=8, budget={"calls": 60}), validated(tmp_path, "divided")
    run = forks.begin("run", file, "--out", place, "--processes", "2")
    said = run.communicate(timeout=240)[0]
    assert run.returncode == 0, said
    rows = [json.loads(line) for line in (place / "ledger.jsonl").read_text("utf-8").splitlines() if line]
    assert sum(row["kind"] == "call" for row in rows) <= 60 + AT_ONCE
    ends = [row["id"] for row in rows if row["kind"] == "end"]
    assert len(ends) == len(set(ends))
