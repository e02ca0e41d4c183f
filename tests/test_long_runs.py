"""Logs of bounded size: nothing is lost before its log is written, and readers find every log of a model."""

import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inspect_ai.log import EvalSample, list_eval_logs, read_eval_log, write_eval_log

from peerwatch.inspect import internals
from peerwatch.records import UnsavedLog, read_episodes
from peerwatch.records._unsaved import UNSAVED, complete, complete_logs, lines_in
from peerwatch.running import _log_parts

from .command_line import called
from .run_folders import validated

WORLDS = 5
IN_A_LOG = 3


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run whose logs hold three episodes at most."""
    place = validated(tmp_path_factory.mktemp("long"), "run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_log_parts, "MOST_EPISODES", IN_A_LOG)
        words = ["--model", "peerwatch/scripted-compliant", "--scenario", "server_migration", "--worlds", WORLDS]
        left = called("run", "subject=peer,object", *words, "--out", place)
    assert left.status == 0, left.err
    return place


def test_full_logs_are_closed_and_new_ones_begin(run: Path) -> None:
    logs = [read_eval_log(log) for log in list_eval_logs(str(run / "logs"))]
    counts = [len(log.samples or ()) for log in logs]
    assert sum(counts) == 2 * WORLDS
    assert max(counts) == IN_A_LOG
    assert min(counts) > 0
    assert {log.status for log in logs} == {"success"}
    assert not list(run.rglob(f"*{UNSAVED}"))


def test_inspect_keeps_nothing_of_the_agents_of_closed_logs(run: Path) -> None:
    assert run.exists()
    kept = [made for made, _ in internals._tool_info_cache.values()]  # pyright: ignore[reportPrivateUsage]
    assert not [made for made in kept if made.__module__.startswith("inspect_ai.agent")]


def test_readers_find_all_logs_of_a_model(run: Path) -> None:
    found = read_episodes(run / "logs")
    assert len({(each.sample_id, each.slot.epoch) for each in found}) == len(found) == 2 * WORLDS
    assert {each.slot.model for each in found} == {"peerwatch/scripted-compliant"}
    assert f"{2 * WORLDS} of {2 * WORLDS}" in called("report", run).out


def samples_of(run: Path) -> list[EvalSample]:
    return [each for log in list_eval_logs(str(run / "logs")) for each in read_eval_log(log).samples or ()]


def killed(run: Path, folder: Path, ended: int) -> Path:
    """A log as a killed run leaves it: without samples, and with a file of unsaved ones beside it."""
    (first, *_) = list_eval_logs(str(run / "logs"))
    log = folder / "20260101T000000-aaaaaa" / "log.eval"
    log.parent.mkdir(parents=True)
    write_eval_log(read_eval_log(first).model_copy(update={"samples": [], "status": "started"}), str(log))
    unsaved = UnsavedLog(log)
    for sample in samples_of(run)[:ended]:
        assert unsaved.add(sample) > 0
    unsaved.close(remove=False)
    return log


def test_after_a_kill_unsaved_episodes_are_in_the_log(run: Path, tmp_path: Path) -> None:
    log = killed(run, tmp_path, 4)
    assert sorted(each.sample_id for each in read_episodes(tmp_path)) == sorted(
        str(each.id) for each in samples_of(run)[:4]
    )
    assert not list(tmp_path.rglob(f"*{UNSAVED}"))
    again = {each.uuid: each for each in read_eval_log(str(log)).samples or ()}
    for sample in samples_of(run)[:4]:
        assert again[sample.uuid].store == sample.store
        assert again[sample.uuid].scores == sample.scores
        assert len(again[sample.uuid].events) == len(sample.events)


def test_a_log_that_is_being_written_is_left_alone(run: Path, tmp_path: Path) -> None:
    log = killed(run, tmp_path, 2)
    unsaved = UnsavedLog(log)  # as a process that is at work holds it
    before = log.read_bytes()
    assert complete(log) == log
    complete_logs(tmp_path, lambda _: True)
    assert log.read_bytes() == before
    unsaved.close(remove=False)
    complete_logs(tmp_path, lambda _: False)
    assert len(read_eval_log(str(log)).samples or ()) == 2


def no_access(path: object, mode: int) -> bool:
    del path, mode
    return False


def test_a_folder_that_cannot_be_written_is_read_through_a_copy(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = killed(run, tmp_path, 3)
    before = {path: path.read_bytes() for path in log.parent.iterdir()}
    monkeypatch.setattr(os, "access", no_access)  # also for root, who may write everywhere
    assert len(read_episodes(tmp_path)) == 3
    assert {path: path.read_bytes() for path in log.parent.iterdir()} == before


def random_bytes(size: int, seed: int) -> bytes:
    return random.Random(seed).randbytes(size)  # noqa: S311 - no secret


@settings(max_examples=30, deadline=None)
@given(cut=st.floats(0, 1), lines=st.lists(st.builds(random_bytes, st.integers(1, 300_000), st.integers()), max_size=5))
def test_a_torn_file_gives_its_complete_lines(
    tmp_path_factory: pytest.TempPathFactory, cut: float, lines: list[bytes]
) -> None:
    class Line:
        def __init__(self, data: bytes) -> None:
            self.text = data.hex()

        def model_dump_json(self, **_: object) -> str:
            return self.text

    log = tmp_path_factory.mktemp("torn") / "log.eval"
    unsaved = UnsavedLog(log)
    ends = [0]
    for line in lines:
        unsaved.add(Line(line))  # type: ignore[arg-type] - all that is used of a sample
        ends.append(unsaved.path.stat().st_size)
    unsaved.close(remove=False)
    size = round(cut * ends[-1])
    os.truncate(unsaved.path, size)
    whole = sum(end <= size for end in ends[1:])
    found = list(lines_in(unsaved.path))
    assert found[:whole] == [line.hex().encode() for line in lines[:whole]]
    assert all(each == line.hex().encode() for each, line in zip(found, lines, strict=False))
