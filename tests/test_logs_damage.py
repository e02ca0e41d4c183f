"""Logs that are damaged, and what only bears a log's name: each is named with its file, and the rest is read."""

import json
import os
import socket
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from inspect_ai.log import read_eval_log, write_eval_log

from peerwatch.records import LogError, open_logs, read_episodes
from peerwatch.reports import UnreadWarning, load

from .command_line import Cli
from .logged import HONEST, RESCUE, Reported, changed, copied, only, played
from .processes import Forks
from .run_folders import validated

# Compressed data begins after the local header of a member: 30 bytes, its name and its extra field.
_LOCAL = 30


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return played(tmp_path_factory.mktemp("honest"), HONEST, seed=1)


@pytest.fixture(scope="module")
def rescue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return played(tmp_path_factory.mktemp("rescue"), RESCUE)


def rewritten(log: Path, to: Path, change: Callable[[str, bytes], bytes]) -> None:
    """An archive whose members were changed, with check sums that fit."""
    with zipfile.ZipFile(log) as old, zipfile.ZipFile(to, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))


def flipped(log: Path, to: Path, member: str) -> None:
    """A log with one bit of a member's compressed data turned over."""
    data = bytearray(log.read_bytes())
    with zipfile.ZipFile(log) as archive:
        info = next(each for each in archive.infolist() if each.filename.startswith(member))
    name, extra = struct.unpack_from("<HH", data, info.header_offset + 26)
    data[info.header_offset + _LOCAL + name + extra + info.compress_size // 2] ^= 1
    to.write_bytes(data)


def text_of(log: Path, folder: Path) -> str:
    goal = folder.parent / "whole.json"
    write_eval_log(read_eval_log(str(log)), str(goal))
    return goal.read_text(encoding="utf-8")


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's name must be short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def _only_json(name: str, data: bytes) -> bytes:
    return b'{"id": [' if name.startswith("samples/") else data


def _hello(name: str, data: bytes) -> bytes:
    del name, data
    return b"hello"


def _other_types(name: str, data: bytes) -> bytes:
    return b'[1, "two"]' if name == "header.json" else data


DAMAGE: dict[str, Callable[[Path, Path], object]] = {
    "zero bytes": lambda _, bad: bad.write_bytes(b""),
    "torn": lambda log, bad: bad.write_bytes(log.read_bytes()[:-200]),
    "half of it": lambda log, bad: bad.write_bytes(log.read_bytes()[: log.stat().st_size // 2]),
    "noise": lambda _, bad: bad.write_bytes(bytes(range(256)) * 20),
    "a flipped bit in the sample": lambda log, bad: flipped(log, bad, "samples/"),
    "a flipped bit in the header": lambda log, bad: flipped(log, bad, "header.json"),
    "JSON cut short": lambda log, bad: rewritten(log, bad, _only_json),
    "a list for a record": lambda log, bad: rewritten(log, bad, _other_types),
    "an archive of something else": lambda log, bad: rewritten(log, bad, _hello),
    "a pipe": lambda _, bad: os.mkfifo(bad),
    "a socket": lambda _, bad: _socket(bad),
    "a folder": lambda _, bad: bad.mkdir(),
    "a dangling link": lambda _, bad: bad.symlink_to(bad.parent / "gone.eval"),
    "a link to itself": lambda _, bad: bad.symlink_to(bad),
    "a device": lambda _, bad: bad.symlink_to("/dev/zero"),
}


@pytest.fixture(params=DAMAGE)
def damaged(request: pytest.FixtureRequest, tmp_path: Path, honest: Path, rescue: Path) -> tuple[Path, Path]:
    """A folder with a whole log and another file that is none, and that file."""
    folder = tmp_path / "logs"
    copied(honest, folder)
    bad = folder / "bad.eval"
    DAMAGE[request.param](rescue, bad)
    return folder, bad


def test_it_is_named_and_the_rest_is_reported(cli: Cli, tmp_path: Path, damaged: tuple[Path, Path]) -> None:
    folder, bad = damaged
    found = Reported(cli, folder, out=tmp_path)
    assert found.status == 2
    assert found.arms == [("mockllm/model", 1, 1, 0.0)]
    assert str(bad) in found.notes["unread"]
    assert str(bad) in found.err
    assert (tmp_path / "page.html").is_file()


def test_every_command_names_it_and_reads_the_rest(cli: Cli, tmp_path: Path, damaged: tuple[Path, Path]) -> None:
    folder, bad = damaged
    scored = cli("rescore", folder, "--json")
    assert (scored.status, [row["same"] for row in json.loads(scored.out)]) == (2, [True])
    assert str(bad) in scored.line
    traced = cli("reasoning", folder, "--json")
    assert (traced.status, len(json.loads(traced.out)["episodes"])) == (2, 1)
    assert str(bad) in traced.line
    with pytest.warns(UnreadWarning, match="bad.eval"):
        assert len(load(folder).episodes) == 1
    words = ["--format", "csv", "--figures", "none", "--tables", "none"]
    exported = cli("export", folder, "--out", tmp_path / "data", *words)
    assert exported.status == 2
    assert str(bad) in exported.err
    assert (tmp_path / "data").is_dir()


@pytest.mark.parametrize("cut", [0, 40, 3000, -100])
def test_a_log_in_json_that_was_cut_short_is_named(
    cli: Cli, tmp_path: Path, honest: Path, rescue: Path, cut: int
) -> None:
    folder = tmp_path / "logs"
    copied(honest, folder)
    bad = folder / "2026-11-30T12-12-51-00-00_server-migration_2DtC6.json"
    bad.write_text(text_of(rescue, folder)[: cut or 0 if cut >= 0 else cut], encoding="utf-8")
    found = Reported(cli, folder, out=tmp_path)
    assert (found.status, found.arms) == (2, [("mockllm/model", 1, 1, 0.0)])
    assert str(bad) in found.notes["unread"]


def test_a_place_with_nothing_but_damage_is_refused(cli: Cli, tmp_path: Path, damaged: tuple[Path, Path]) -> None:
    folder, bad = damaged
    for log in folder.glob("2*.eval"):
        log.unlink()
    left = cli("report", folder, "--out", tmp_path / "page.html")
    assert left.status == 2
    assert str(bad) in left.line
    with pytest.raises(LogError):
        read_episodes(bad)


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, honest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As root nothing is forbidden, so the system's refusal is played."""
    log, bad = copied(honest, tmp_path), copied(honest, tmp_path, "bad.eval")
    real = Path.open

    def refusing(self: Path, *rest: Any, **more: Any) -> Any:  # noqa: ANN401 - as `open` is called
        if self == bad:
            raise PermissionError(13, "Permission denied", str(self))
        return cast("Any", real)(self, *rest, **more)

    monkeypatch.setattr(Path, "open", refusing)
    found = open_logs(tmp_path)
    assert [each.path for each in found.logs] == [log]
    assert [(each.file, "Permission denied" in each.why) for each in found.unread] == [(str(bad), True)]


def test_a_pipe_that_is_named_hangs_nothing(forks: Forks, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.eval")
    report = forks.begin("report", tmp_path / "x.eval")
    assert report.wait(60) == 2
    assert "it is a pipe, not a file" in report.printed.replace("\n", " ")


def test_a_run_goes_on_without_a_damaged_log_and_runs_its_episodes_again(cli: Cli, tmp_path: Path) -> None:
    folder = validated(tmp_path)
    words = ["subject=peer", "--scenario", "server_migration", "--model", "peerwatch/scripted-compliant"]
    assert cli("run", *words, "--worlds", 1, "--out", folder).status == 0
    (log,) = (folder / "logs").rglob("*.eval")
    log.write_bytes(log.read_bytes()[:-50])
    left = cli("run", "--resume", folder, "--json")
    assert left.status == 2
    assert str(log) in left.err
    assert [row["run"] for row in json.loads(left.out)["composition"]] == [1]
    log.unlink()
    assert Reported(cli, folder, out=tmp_path).status == 0


def test_logs_of_other_tasks_are_named_and_left_out(cli: Cli, tmp_path: Path, honest: Path) -> None:
    from inspect_ai import Task
    from inspect_ai.dataset import MemoryDataset, Sample

    from .driven import run

    folder = tmp_path / "logs"
    copied(honest, folder)
    run(Task(MemoryDataset([Sample("1 + 1")]), name="sums"), folder, model="mockllm/model")
    found = Reported(cli, folder, out=tmp_path)
    assert (found.status, found.arms) == (0, [("mockllm/model", 1, 1, 0.0)])
    assert "is a log of sums" in found.notes["foreign"]


def test_nothing_is_said_of_whole_logs(tmp_path: Path, honest: Path) -> None:
    copied(honest, tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UnreadWarning)
        load(tmp_path)


@pytest.mark.parametrize("command", ["rescore", "report"])
def test_a_sample_in_another_form_is_named_and_the_others_are_read(
    cli: Cli, tmp_path: Path, honest: Path, rescue: Path, command: str
) -> None:
    """Such as one that a later version wrote, or that somebody has changed."""
    folder = tmp_path / "logs"
    copied(honest, folder)
    store = {**only(read_eval_log(str(rescue))).store, "peerwatch:journal": [{"tool": 7}], "peerwatch:initial": []}
    changed(rescue, folder / "odd.eval", store=store)
    left = cli(command, folder, "--json", *(["--out", tmp_path / "page.html"] if command == "report" else []))
    found = json.loads(left.out)
    assert left.status == 2
    assert "odd.eval holds sample server_migration.w0000.setting-sparse" in left.err
    assert len(found if command == "rescore" else found["composition"]) == 1
