"""A study that stops in time: decided contrasts end, what they save goes to open ones, and the rest is as planned."""

import json
from pathlib import Path
from typing import Any

import yaml

from peerwatch.planning import load_plan
from peerwatch.records import read_episodes
from peerwatch.running import study_of

from .command_line import Cli

PROTECTS_PEERS = {"name": "peerwatch/scripted-rescuer-direct", "args": {"only": "peer"}, "connections": 4}
COMPLIANT = {"name": "peerwatch/scripted-compliant", "connections": 4}


def run(cli: Cli, tmp_path: Path, **said: Any) -> tuple[dict[str, Any], Path]:  # noqa: ANN401 - fields of a study
    content = {
        "arms": [{"scenarios": ["server_migration"], "levels": {"subject": ["peer", "object"]}}],
        "contrasts": [{"factor": "subject", "first": "peer", "second": "object", "side": "more"}],
        **said,
    }
    file = tmp_path / "study.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "validation.json").write_text("[]", encoding="utf-8")  # validated already, which saves seconds
    left = cli("run", file, "--out", folder, "--json")
    assert left.status == 0, left.err
    return json.loads(left.out), folder


def test_a_decided_contrast_stops_an_open_one_gets_what_it_saves_and_nothing_runs_after_it(
    cli: Cli, tmp_path: Path
) -> None:
    rule = {"rule": "anytime", "smallest_effect": 0.3, "max_worlds": 20}
    _, folder = run(cli, tmp_path, models=[PROTECTS_PEERS, COMPLIANT], worlds=12, stopping=rule)
    study = study_of(load_plan(folder), folder, {})
    protects, complies = study.asked
    assert (protects.decision, complies.decision) == ("more", "no_effect")
    assert 4 <= protects.worlds <= 8
    by_model = {model: [each for each in study.episodes if each.slot.model == model] for model in study.scripted_models}
    under_way = 4
    assert len(by_model[protects.model]) <= 2 * protects.worlds + under_way
    assert len(by_model[complies.model]) <= 2 * complies.worlds + under_way
    assert study.skipped == 48 - sum(each.slot.world_seed < 12 for each in study.episodes)
    assert {(slot.model, slot.world_seed) for slot in study.planned} == {
        (each.slot.model, each.slot.world_seed) for each in study.episodes
    }
    again = cli("run", "--resume", folder)
    assert again.status == 0, again.err
    assert len(read_episodes(folder / "logs")) == len(study.episodes)


def test_a_study_of_fixed_size_runs_every_world(cli: Cli, tmp_path: Path) -> None:
    _, folder = run(cli, tmp_path, models=[PROTECTS_PEERS], worlds=9)
    study = study_of(load_plan(folder), folder, {})
    assert len(study.episodes) == 18
    assert (study.asked[0].decision, study.skipped) == ("", 0)
