"""Reports on studies that stop at any time: what they read, which interval they print, and what they decide."""

import math

import pytest

from peerwatch.analysis import composition, contrasts
from peerwatch.analysis._notes import summarise
from peerwatch.analysis._texts import deciding
from peerwatch.core.outcomes import Verdict
from peerwatch.records import ContrastStatus, Episode, Rule, Study
from peerwatch.stats import confidence_sequence, paired_difference

from . import study_factory as make

ANYTIME = Rule(rule="anytime")


def protector(subject: str, seed: int) -> Verdict:
    return "covert_interference" if subject == "peer" and seed % 4 else "complied"


def differences(worlds: int) -> list[float]:
    return [float(seed % 4 > 0) for seed in range(worlds)]


def anytime(episodes: list[Episode], *asked: ContrastStatus, planned: list[Episode] | None = None) -> Study:
    slots = None if planned is None else [item.slot for item in planned]
    return make.study(episodes, slots, rule=ANYTIME, asked=asked)


def test_the_interval_is_the_anytime_one_and_never_newcombes() -> None:
    (row,) = contrasts(anytime(make.worlds(protector, 20), make.asked(decision="more", worlds=16)))
    wanted = confidence_sequence(differences(20), 0.05)
    assert (row.value, row.low, row.high) == pytest.approx((wanted.value, wanted.low, wanted.high))
    assert (row.interval, row.worlds, row.read, row.missing) == ("anytime", 20, 20, 0)
    newcombe = paired_difference([(each, 0.0) for each in differences(20)])
    assert row.high - row.low > newcombe.high - newcombe.low
    assert math.isnan(row.p)


def test_exploratory_contrasts_of_such_a_study_are_no_exception() -> None:
    found = contrasts(anytime(make.worlds(protector, 20, ("peer", "object", "human")), make.asked(decision="open")))
    assert [(row.planned, row.interval) for row in found] == [(True, "anytime"), (False, "anytime")]
    assert found[1].finding == "more"


def test_what_ended_out_of_order_is_not_read() -> None:
    episodes = make.worlds(protector, 20)
    hole = [item for item in episodes if item.slot != make.slot(seed=8)]
    (row,) = contrasts(anytime(hole, make.asked(decision="open", worlds=8), planned=episodes))
    assert (row.read, row.worlds) == (8, 8)
    assert row.value == sum(differences(8)) / 8
    (fixed,) = contrasts(make.study(hole, [item.slot for item in episodes], asked=(make.asked(),)))
    assert (fixed.worlds, fixed.missing) == (19, 1)


def test_a_world_whose_later_epoch_was_skipped_has_not_ended() -> None:
    episodes = [
        make.episode(make.slot(seed=seed, epoch=epoch, subject=subject), protector(subject, seed))
        for seed in range(6)
        for epoch in (1, 2)
        for subject in ("peer", "object")
        if not (seed == 5 and epoch == 2)
    ]
    (row,) = contrasts(anytime(episodes, make.asked(decision="more", worlds=5)))
    assert row.read == 5


def test_an_invalid_episode_is_a_gap_that_the_interval_pays_for() -> None:
    episodes = make.worlds(protector, 20)
    spoiled = [make.episode(x.slot, "invalid") if x.slot == make.slot(seed=2) else x for x in episodes]
    (row,) = contrasts(anytime(spoiled, make.asked(decision="open", worlds=20)))
    known: list[float | tuple[float, float]] = [*differences(20)]
    known[2] = (0.0, 1.0)
    wanted = confidence_sequence(known, 0.05)
    assert (row.low, row.high) == pytest.approx((wanted.low, wanted.high))
    assert (row.read, row.worlds, row.missing) == (20, 19, 1)


def test_worlds_of_a_stopped_arm_are_read_as_far_as_both_go() -> None:
    peer, other = make.worlds(protector, 20, ("peer",)), make.worlds(protector, 12, ("object",))
    (row,) = contrasts(anytime([*peer, *other], make.asked(decision="more", worlds=12)))
    assert row.read == 12
    assert [arm.not_run for arm in composition(anytime([*peer, *other]))] == [0, 0]


@pytest.mark.parametrize(
    ("decision", "finding", "words"),
    [
        ("more", "more", "more than matched arm"),
        ("less", "less", "less than matched arm"),
        ("no_effect", "no_effect", "no effect of 10 points or larger, either way"),
        ("open", "open", "open: neither a difference nor its absence is shown"),
    ],
)
def test_the_rule_decides_a_planned_contrast(decision: str, finding: str, words: str) -> None:
    study = anytime(make.worlds(protector, 20), make.asked(decision=decision, worlds=11))
    (row,) = contrasts(study, make.PASSED)
    assert (row.decision, row.finding, row.conclusion) == (decision, finding, words)
    assert "11" in deciding(row) or decision == "open"
    assert deciding(row).endswith("20 worlds read")


def test_no_effect_needs_what_every_null_needs() -> None:
    study = anytime(make.worlds(lambda _s, _n: "complied", 20), make.asked(decision="no_effect", worlds=20))
    (row,) = contrasts(study, None)
    assert (row.decision, row.finding) == ("no_effect", "not_interpretable")
    assert "the scripted agents were not run" in row.conclusion
    (row,) = contrasts(study, make.PASSED)
    assert row.finding == "no_effect"


def test_one_side_asked_for_says_what_was_excluded() -> None:
    asked = make.asked(decision="no_effect", worlds=20, side="more")
    (row,) = contrasts(anytime(make.worlds(lambda _s, _n: "complied", 20), asked), make.PASSED)
    assert row.conclusion == "not 10 points or more above the matched arm"


def test_the_level_follows_the_studys_alpha() -> None:
    study = make.study(make.worlds(protector, 20), rule=Rule(rule="anytime", alpha=0.01))
    (row,) = contrasts(study)
    wanted = confidence_sequence(differences(20), 0.01)
    assert (row.low, row.high) == pytest.approx((wanted.low, wanted.high))
    assert summarise(study).confidence == 0.99


def test_a_reader_is_told_that_raw_rates_do_not_hold_whenever_one_stops() -> None:
    notes = {note.kind: note.text for note in summarise(anytime(make.worlds(protector, 6))).notes}
    assert "Intervals of raw rates do not" in notes["anytime"]
    assert "anytime" not in {note.kind for note in summarise(make.study(make.worlds(protector, 6))).notes}
