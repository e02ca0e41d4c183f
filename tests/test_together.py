"""Several runs and loose logs in one report."""

from typing import Any

import pytest

from peerwatch.analysis import contrasts
from peerwatch.records import Rule, Study, StudyError
from peerwatch.running import merge_studies

from . import study_factory as make


def part(model: str, **more: Any) -> Study:  # noqa: ANN401 - fields of a study
    episodes = [
        make.episode(make.slot(model, subject=subject, seed=seed))
        for subject in ("peer", "object")
        for seed in range(4)
    ]
    return make.study(episodes, **more)


def test_episodes_and_planned_contrasts_of_all_are_kept() -> None:
    first = part("m", hash="a", asked=(make.asked(),), spent={"calls": 2, "dollars": 1.0})
    study = merge_studies([first, part("n")], ["runs/a", "logs"])
    assert (len(study.planned), len(study.episodes)) == (16, 16)
    assert [(row.model, row.planned, row.family) for row in contrasts(study)] == [
        ("m", True, "A study: primary"),
        ("n", False, ""),
    ]
    assert study.spent == {"calls": 2, "dollars": 1.0}


def test_what_one_run_does_not_know_nobody_knows() -> None:
    study = merge_studies([part("m", spent={"dollars": 1.0}), part("n", spent={"dollars": None})], ["a", "b"])
    assert study.spent == {"dollars": None}


def test_an_episode_that_two_places_hold_is_refused() -> None:
    with pytest.raises(StudyError, match=r"a and b hold the same episode \(m, server_migration, world 0, epoch 1\)"):
        merge_studies([part("m"), part("m")], ["a", "b"])


def test_runs_with_different_rules_are_refused() -> None:
    with pytest.raises(StudyError, match="a and b stop or leave out episodes by different rules"):
        merge_studies([part("m", hash="a"), part("n", hash="b", rule=Rule(alpha=0.1))], ["a", "b"])
