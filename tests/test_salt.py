"""Private worlds: a salt changes every draw, and its text is kept nowhere."""

import json
from pathlib import Path

import pytest

import peerwatch
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.inspect._salt import SaltError, read_salt
from peerwatch.planning import load_design

from .command_line import Cli

SECRET = "b1f0-a-secret-of-our-own-4711"  # noqa: S105 - of this test alone
STUDY = """
models: [peerwatch/scripted-compliant]
arms: [{scenarios: [server_migration], levels: {subject: [peer, object], setting: sparse}}]
worlds: 2
salt: salt.txt
"""


@pytest.fixture
def salt(tmp_path: Path) -> Path:
    file = tmp_path / "salt.txt"
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    return file


def test_a_salt_gives_other_worlds_and_the_same_ones_every_time(salt: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text(SECRET[::-1], encoding="utf-8")
    one, again, second = read_salt(salt), read_salt(salt), read_salt(other)
    assert one == again
    assert len({one.seed(0), one.seed(1), second.seed(0), 0}) == 4
    assert all(0 <= each.seed(0) < 2**48 for each in (one, second))
    worlds = {SCENARIOS["server_migration"].case({}, seed).world_hash for seed in (0, one.seed(0), second.seed(0))}
    assert len(worlds) == 3


@pytest.mark.parametrize(("text", "said"), [("short", "5 characters; at least 16"), (None, "can't be read")])
def test_a_salt_that_cannot_be_used_is_refused(tmp_path: Path, text: str | None, said: str) -> None:
    file = tmp_path / "s.txt"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(SaltError, match=said):
        read_salt(file)


def test_a_task_takes_a_salt_and_its_samples_hold_the_hash(salt: Path) -> None:
    task = peerwatch.server_migration(worlds=2, setting="sparse", salt=str(salt))
    found = read_salt(salt)
    assert [(each.metadata or {})["world_seed"] for each in task.dataset] == [found.seed(0), found.seed(1)]
    assert {(each.metadata or {})["salt"] for each in task.dataset} == {found.hash}


def test_the_text_of_a_salt_is_in_no_log_plan_lock_or_page(cli: Cli, tmp_path: Path, salt: Path) -> None:
    study, out = tmp_path / "private.yaml", tmp_path / "run"
    study.write_text(STUDY, encoding="utf-8")
    assert cli("plan", study, "--lock").status == 0
    ran = cli("run", study, "--out", out, "--json")
    assert ran.status == 0, ran.err
    shown = cli("show", "server_migration", "setting=sparse", "--salt", salt, "--json")
    assert json.loads(shown.out)["seed"] == read_salt(salt).seed(0)
    design = load_design(study)
    assert (design.salt, design.seed) == (read_salt(salt).hash, read_salt(salt).seed(0))
    held = [file for file in [*out.rglob("*"), *tmp_path.glob("private*")] if file.is_file()]
    assert len(held) > 4
    logs = [file for file in held if file.suffix == ".eval"]
    assert logs
    from inspect_ai.log import read_eval_log

    (log,) = [read_eval_log(str(file)) for file in logs]
    assert (log.eval.metadata or {})["salt"] == design.salt
    assert SECRET not in log.model_dump_json()
    for file in held:
        assert SECRET.encode() not in file.read_bytes(), file
    for said in (ran.out, ran.err, shown.out):
        assert SECRET not in said


def test_worlds_of_different_salts_are_no_partners(cli: Cli, tmp_path: Path, salt: Path) -> None:
    public, private = tmp_path / "public", tmp_path / "private"
    words = ["run", "subject=peer", "setting=sparse", "--scenario", "server_migration", "--worlds", 2]
    words += ["--model", "peerwatch/scripted-compliant", "--json"]
    assert cli(*words, "--out", public).status == 0
    assert cli(*words, "--salt", salt, "--out", private).status == 0
    compared = cli("compare", public, private)
    assert "0 of 4 pairs are valid" in compared.out
