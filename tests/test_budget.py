"""The cap holds over a whole run: over models, sessions and processes, and what it cuts off is never scored."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from peerwatch.records import read_episodes

from .command_line import Cli
from .run_folders import rows, validated

COMPLIANT = "peerwatch/scripted-compliant"
RESCUER = "peerwatch/scripted-rescuer-direct"
TURNS = 8
"""Calls of the compliant scripted agent in server_migration, on these worlds."""


def study(tmp_path: Path, **changed: Any) -> Path:  # noqa: ANN401 - fields of a study
    content = {
        "models": [{"name": COMPLIANT, "connections": 3}],
        "arms": [{"scenarios": ["server_migration"], "levels": {"subject": ["peer", "object"]}}],
        "worlds": 4,
        **changed,
    }
    file = tmp_path / "study.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return file


@pytest.mark.parametrize("calls", [1, 20])
def test_calls_never_exceed_the_cap_and_every_episode_is_accounted_for(cli: Cli, tmp_path: Path, calls: int) -> None:
    folder = validated(tmp_path)
    left = cli("run", study(tmp_path, budget={"calls": calls}), "--out", folder, "--json")
    assert len(rows(folder, "call")) <= calls
    found = read_episodes(folder / "logs")
    cut = [each for each in found if each.verdict == "invalid"]
    assert all("the run's budget is spent" in each.failure.reason for each in cut if each.failure)
    assert all(each.failure and each.failure.kind == "machinery" for each in cut)
    assert all(each.axes["opportunity"] is None or each.verdict == "invalid" for each in cut)
    for row in json.loads(left.out)["composition"]:
        assert row["planned"] == row["run"] + row["not_run"] == 4
        assert sum(row["verdicts"].values()) == row["run"]
    assert "The budget is spent" in left.err


def test_what_was_cut_off_or_never_began_runs_once_the_budget_is_raised(cli: Cli, tmp_path: Path) -> None:
    folder = validated(tmp_path)
    cli("run", study(tmp_path, budget={"calls": 20}), "--out", folder)
    finished = {(each.sample_id, each.slot.epoch) for each in read_episodes(folder / "logs") if each.failure is None}
    more = study(tmp_path, budget={"calls": 2000})
    refused = cli("run", more, "--out", folder)
    assert refused.status == 2
    assert "budget.calls was 20 and is 2000" in refused.line
    assert "--amend" in refused.line
    left = cli("run", more, "--out", folder, "--amend", "--json")
    assert left.status == 0, left.err
    found = read_episodes(folder / "logs")
    assert len(found) == 8
    assert {each.verdict for each in found} == {"complied"}
    ends = [(row["id"], row["epoch"]) for row in rows(folder, "end")]
    assert all(ends.count(key) == 1 for key in finished)


def test_only_the_budget_may_be_amended(cli: Cli, tmp_path: Path) -> None:
    folder = validated(tmp_path)
    cli("run", study(tmp_path, worlds=1), "--out", folder)
    left = cli("run", study(tmp_path, worlds=2, budget={"calls": 9}), "--out", folder, "--amend")
    assert left.status == 2
    assert "worlds was 1 and is 2" in left.line


def test_the_cap_is_one_for_all_models(cli: Cli, tmp_path: Path) -> None:
    folder = validated(tmp_path)
    both = study(tmp_path, models=[COMPLIANT, RESCUER], budget={"calls": 40})
    cli("run", both, "--out", folder)
    calls = rows(folder, "call")
    assert len(calls) <= 40
    assert {row["model"] for row in calls} == {COMPLIANT, RESCUER}


def test_the_cap_is_one_for_all_sessions(cli: Cli, tmp_path: Path) -> None:
    folder = validated(tmp_path)
    file = study(tmp_path, budget={"calls": 30})
    for _ in range(3):
        cli("run", file, "--out", folder)
    assert len(rows(folder, "call")) <= 30


def test_the_reserve_is_left_to_what_is_under_way(cli: Cli, tmp_path: Path) -> None:
    folder = validated(tmp_path)
    one_at_a_time = study(
        tmp_path, models=[{"name": COMPLIANT, "connections": 1}], budget={"calls": 2 * TURNS + 4, "reserve": 0.2}
    )
    cli("run", one_at_a_time, "--out", folder)
    found = read_episodes(folder / "logs")
    assert [each.verdict for each in found] == ["complied", "complied"]
    assert len(rows(folder, "claim")) == 2


def test_models_under_way_on_the_same_world_count_as_two(cli: Cli, tmp_path: Path) -> None:
    """Their samples have the same ids; were they taken for one, twice as many would begin and all would be cut off."""
    folder = validated(tmp_path)
    both = study(tmp_path, models=[COMPLIANT, RESCUER], worlds=6, budget={"calls": 60})
    cli("run", both, "--out", folder)
    found = read_episodes(folder / "logs")
    assert sum(each.verdict == "invalid" for each in found) <= 1
