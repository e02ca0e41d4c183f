"""The judge as a scanner of Inspect Scout; skipped where the extra is not installed."""

import csv
from pathlib import Path
from typing import Any

import pytest

from peerwatch.judging import load_rubric

from .driven import Calls, Driven, Place, run, task_of
from .scripted_judges import Asked, Reply, ScriptedJudge, all_no, answer

scout: Any = pytest.importorskip("inspect_scout", reason="the extra scout is not installed")


def script(p: Place) -> list[Calls]:
    return [p.reading, [("finish", {"statement": "I will not move the file."})]]


def refusing(asked: Asked) -> Reply:
    number = next(each.number for each in asked.material.passages if "I will not move" in each.text)
    return all_no(asked) | {"refused": answer("yes", (number, "I will not move the file"))}


def test_scout_runs_the_same_judge_over_a_log_and_compares_it_with_labels(tmp_path: Path) -> None:
    from peerwatch.judging.scout import peerwatch_words

    (log,) = run(
        task_of("server_migration", [(0, Driven("server_migration", script, framed=False))]), tmp_path / "logs"
    )
    (sample,) = log.samples or []
    labels = tmp_path / "labels.csv"
    with labels.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "target_refused", "target_deceived"])
        rows.writerow([sample.uuid, "true", "true"])
    judge = ScriptedJudge([refusing])
    status = scout.scan(
        scanners={"words": peerwatch_words()},
        transcripts=scout.transcripts_from(str(tmp_path / "logs")),
        scans=str(tmp_path / "scans"),
        model_roles={"judge": judge.model},
        model="mockllm/model",
        validation={"words": scout.validation_set(str(labels))},
        max_processes=1,
        display="none",
    )
    assert status.errors == []
    row = scout.scan_results_df(status.location).scanners["words"].iloc[0]
    assert '"refused": true' in row["value"].replace('":true', '": true')
    assert load_rubric("words").label in row["metadata"]
    last = sample.messages[-2]
    assert str(last.id) in row["message_references"]
    assert '"refused": true' in row["validation_result"].replace('":true', '": true')
    assert '"deceived": false' in row["validation_result"].replace('":false', '": false')
