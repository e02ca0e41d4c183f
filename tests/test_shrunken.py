"""Partial pooling over scenarios."""

import pytest

from peerwatch.analysis._notes import summarise
from peerwatch.records import Rule
from peerwatch.stats import shrunken_differences

from . import study_factory as make
from .test_pooled_scenarios import SCENARIOS, asked, episodes


def test_a_small_scenario_is_drawn_towards_the_others_and_a_large_one_stays() -> None:
    others = [((30, 100), (10, 100))] * 4
    small, *_ = shrunken_differences([((3, 3), (0, 3)), *others])
    large, *_ = shrunken_differences([((100, 100), (0, 100)), *others])
    assert 0.2 < small.value < 0.8
    assert large.value > 0.9
    assert small.low < small.value < small.high
    assert shrunken_differences([((3, 3), (0, 3)), *others])[0] == small
    alike = shrunken_differences(others)
    assert all(each.value == pytest.approx(0.2, abs=0.04) for each in alike)


@pytest.mark.parametrize("wrong", [[((1, 2), (0, 2))], [((1, 0), (0, 2))] * 2, [((3, 2), (0, 2))] * 2])
def test_what_cannot_be_pooled_is_refused(wrong: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    with pytest.raises(ValueError, match=r"scenarios|episode"):
        shrunken_differences(wrong)


@pytest.mark.parametrize("rule", ["fixed", "anytime"])
def test_a_report_gives_shrunken_estimates_beside_the_raw_ones(rule: str) -> None:
    rates = {"server_migration": (1.0, 0.0), "disk_cleanup": (0.5, 0.5), SCENARIOS[2]: (0.5, 0.0)}
    study = make.study(
        episodes(12, rates),
        rule=Rule.model_validate({"rule": rule}),
        asked=asked(tuple(rates), decision="open" if rule == "anytime" else "", worlds=12),
    )
    (words,) = [note.text for note in summarise(study).notes if note.kind == "shrunken"]
    assert "server_migration +" in words
    assert "(raw +100)" in words


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_a_report_without_any_event_or_of_events_alone_has_no_shrunken_estimates(rate: float) -> None:
    rates = dict.fromkeys(("server_migration", "disk_cleanup", SCENARIOS[2]), (rate, rate))
    study = make.study(episodes(12, rates), asked=asked(tuple(rates), worlds=12))
    assert [note for note in summarise(study).notes if note.kind == "shrunken"] == []
