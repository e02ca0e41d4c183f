"""Which score of an episode counts: of several, of an edited one, and of one that was invalidated."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import score as inspect_score  # pyright: ignore[reportUnknownVariableType] - names types of extras
from inspect_ai.log import (
    ProvenanceData,
    edit_score,
    invalidate_samples,
    read_eval_log,
    uninvalidate_samples,
    write_eval_log,
)
from inspect_ai.scorer import Score, ScoreEdit, Scorer, Target, mean, scorer
from inspect_ai.solver import TaskState

from peerwatch.judging import peerwatch_scorer
from peerwatch.records import counted_score

from .command_line import Cli
from .logged import HONEST, RESCUE, Reported, changed, copied, only, played
from .run_folders import validated

WHO = ProvenanceData(author="reviewer", reason="second look")


@pytest.fixture(scope="module")
def rescue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return played(tmp_path_factory.mktemp("rescue"), RESCUE)


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return played(tmp_path_factory.mktemp("honest"), HONEST, seed=1)


def stale(path: Path, to: Path) -> Path:
    """The log of a rescue as an earlier scorer that missed it would have scored it."""
    value, notes = parts(path, **CLEARED)
    notes |= {"verdict": "complied", "survived_because": [], "evidence": []}
    return changed(path, to, scores={"peerwatch": Score(value=value, answer="complied", metadata=notes)})


@scorer(metrics=[mean()])
def peerwatch1() -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        del state, target
        return Score(value=0)

    return score


@scorer(metrics=[mean()], name="ours")
def under_another_name() -> Scorer:
    real = peerwatch_scorer()

    async def score(state: TaskState, target: Target) -> Score:
        found = await real(state, target)
        assert isinstance(found, Score)
        return found

    return score


def appended(path: Path, *scorers: Scorer) -> Path:
    log = read_eval_log(str(path))
    for each in scorers:
        log = inspect_score(log, each, action="append", display="none")
    write_eval_log(log, str(path))
    return path


@pytest.mark.parametrize("scorers", [["ours"], ["ours", "ours"], ["ours", "other"], ["renamed"]])
def test_the_newest_score_of_ours_counts(cli: Cli, tmp_path: Path, rescue: Path, scorers: list[str]) -> None:
    kinds = {"ours": peerwatch_scorer, "other": peerwatch1, "renamed": under_another_name}
    log = appended(stale(rescue, tmp_path / "a.eval"), *(kinds[each]() for each in scorers))
    found = Reported(cli, log, out=tmp_path)
    assert found.arms == [("mockllm/model", 1, 1, 1.0)]
    assert found.notes["appended"].startswith("Episodes with more than one Peerwatch score: 1.")
    assert cli("rescore", log).status == 0


def test_a_score_of_another_scorer_with_our_name_and_a_number_is_not_ours(
    cli: Cli, tmp_path: Path, rescue: Path
) -> None:
    found = Reported(cli, appended(copied(rescue, tmp_path), peerwatch1()), out=tmp_path)
    assert found.arms == [("mockllm/model", 1, 1, 1.0)]
    assert "appended" not in found.notes


def edited(path: Path, to: Path, *edits: Mapping[str, Any], name: str = "peerwatch") -> Path:
    log = read_eval_log(str(path))
    for edit in edits:
        made = ScoreEdit.model_validate({"provenance": WHO, **edit})
        edit_score(log, only(log).id, name, made, recompute_metrics=False)
    write_eval_log(log, str(to))
    return to


def parts(path: Path, **axes: float) -> tuple[dict[str, Any], dict[str, Any]]:
    """Value and metadata of a log's score, with other axes."""
    score = counted_score(only(read_eval_log(str(path))).scores).score
    assert score is not None
    assert isinstance(score.value, dict)
    return {**score.value, **axes}, dict(score.metadata or {})


CLEARED = {"interfered": 0, "rescued": 0, "survived": 0}


def whole(path: Path) -> dict[str, Any]:
    value, notes = parts(path, **CLEARED)
    notes |= {"verdict": "complied", "survived_because": [], "evidence": []}
    return {"value": value, "answer": "complied", "metadata": notes}


@pytest.mark.parametrize("kept", [("value",), ("answer",), ("value", "answer"), ("metadata",), ("value", "metadata")])
@pytest.mark.parametrize("appended_first", [False, True])
def test_an_edit_of_a_part_is_not_taken_at_all(
    cli: Cli, tmp_path: Path, rescue: Path, kept: tuple[str, ...], *, appended_first: bool
) -> None:
    edit = {name: part for name, part in whole(rescue).items() if name in kept}
    source = appended(copied(rescue, tmp_path, "first.eval"), peerwatch_scorer()) if appended_first else rescue
    name = "peerwatch1" if appended_first else "peerwatch"
    log = edited(source, tmp_path / "logs.eval", edit, name=name)
    found = Reported(cli, log, out=tmp_path)
    (row,) = found.found["composition"]
    assert found.arms == [("mockllm/model", 1, 1, 1.0)]
    assert (row["verdicts"]["interference"], row["axes"]["rescued"]["value"]) == (1, 1.0)
    assert "The score from before the edit counts" in found.notes["edit_refused"]
    assert cli("rescore", log).status == 0


def test_an_edit_of_every_part_is_taken(cli: Cli, tmp_path: Path, rescue: Path) -> None:
    found = Reported(cli, edited(rescue, tmp_path / "a.eval", whole(rescue)), out=tmp_path)
    (row,) = found.found["composition"]
    assert (row["verdicts"]["complied"], row["interfered"]["value"], row["axes"]["rescued"]["value"]) == (1, 0.0, 0.0)
    assert "The edited score counts" in found.notes["edited"]


def test_an_edit_that_is_made_in_two_steps_is_taken(cli: Cli, tmp_path: Path, rescue: Path) -> None:
    first, second = ({k: v for k, v in whole(rescue).items() if (k == "value") == one} for one in (True, False))
    found = Reported(cli, edited(rescue, tmp_path / "a.eval", first, second), out=tmp_path)
    assert found.arms == [("mockllm/model", 1, 1, 0.0)]


def test_an_axis_that_nothing_follows_from_can_be_edited_alone(cli: Cli, tmp_path: Path, rescue: Path) -> None:
    value, _ = parts(rescue, covered_tracks=1)
    found = Reported(cli, edited(rescue, tmp_path / "a.eval", {"value": value}), out=tmp_path)
    (row,) = found.found["composition"]
    assert (row["axes"]["covered_tracks"]["value"], row["interfered"]["value"]) == (1.0, 1.0)
    assert "edited" in found.notes


@pytest.mark.parametrize("value", [0, "complied", {"interfered": 0}])
def test_a_score_that_was_edited_into_something_else_is_taken_from_before(
    cli: Cli, tmp_path: Path, rescue: Path, value: object
) -> None:
    found = Reported(cli, edited(rescue, tmp_path / "a.eval", {"value": value}), out=tmp_path)
    assert found.arms == [("mockllm/model", 1, 1, 1.0)]
    assert "edit_refused" in found.notes


def test_a_score_that_was_made_by_hand_in_a_part_leaves_the_one_before_it(
    cli: Cli, tmp_path: Path, rescue: Path
) -> None:
    value, _ = parts(rescue, **CLEARED)
    log = edited(rescue, tmp_path / "a.eval", {"value": value, "answer": "complied"}, name="peerwatch1")
    found = Reported(cli, log, out=tmp_path)
    assert found.arms == [("mockllm/model", 1, 1, 1.0)]


def test_a_scorer_that_fails_after_ours_makes_the_episode_invalid(cli: Cli, tmp_path: Path, rescue: Path) -> None:
    from inspect_ai.log import EvalError

    error = EvalError(message="RuntimeError: another scorer failed", traceback="", traceback_ansi="")
    found = Reported(cli, changed(rescue, tmp_path / "a.eval", error=error), out=tmp_path)
    (row,) = found.found["composition"]
    assert (row["run"], row["verdicts"]["invalid"], row["interfered"]["n"]) == (1, 1, 0)


def invalidated(path: Path) -> Path:
    write_eval_log(invalidate_samples(read_eval_log(str(path)), "all", WHO), str(path))
    return path


@pytest.mark.parametrize("backup", [False, True])
def test_an_invalidated_episode_counts_nowhere_nor_does_a_copy(
    cli: Cli, tmp_path: Path, rescue: Path, honest: Path, *, backup: bool
) -> None:
    log = copied(rescue, tmp_path / "logs")
    copied(honest, tmp_path / "logs")
    if backup:
        copied(rescue, tmp_path / "logs" / "backup", "earlier.eval")
    invalidated(log)
    found = Reported(cli, tmp_path / "logs", out=tmp_path)
    assert found.arms == [("mockllm/model", 1, 1, 0.0)]
    assert found.notes["invalidated"].startswith("Episodes that were invalidated in their log: 1.")
    assert len(cli("rescore", tmp_path / "logs", "--json").out.split('"sample_id"')) == 2
    write_eval_log(uninvalidate_samples(read_eval_log(str(log)), "all"), str(log))
    assert Reported(cli, tmp_path / "logs", out=tmp_path).arms == [("mockllm/model", 2, 2, 0.5)]


def test_an_invalidated_episode_runs_again_when_its_run_is_resumed(cli: Cli, tmp_path: Path) -> None:
    folder = validated(tmp_path)
    words = ["subject=peer", "--scenario", "server_migration", "--model", "peerwatch/scripted-compliant"]
    assert cli("run", *words, "--worlds", 2, "--out", folder).status == 0
    (log,) = (folder / "logs").rglob("*.eval")
    found = read_eval_log(str(log))
    assert found.samples is not None
    write_eval_log(invalidate_samples(found, [str(found.samples[0].uuid)], WHO), str(log))
    before = Reported(cli, folder, out=tmp_path)
    assert [row["run"] for row in before.found["composition"]] == [1]
    assert before.found["composition"][0]["not_run"] == 1
    assert cli("run", "--resume", folder).status == 0
    after = Reported(cli, folder, out=tmp_path)
    assert [row["run"] for row in after.found["composition"]] == [2]
    assert len(list((folder / "logs").rglob("*.eval"))) == 2
