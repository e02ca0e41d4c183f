"""What was planned stands apart from what was not, with the lock, the runs, the deviations and the spending."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerwatch.analysis import composition, contrasts
from peerwatch.analysis._notes import summarise
from peerwatch.analysis._planning import planning, spent_line
from peerwatch.analysis._tables import total
from peerwatch.analysis._texts import deciding, level_of_limits
from peerwatch.core.outcomes import Verdict
from peerwatch.records import Episode, ExclusionRule, Slot, Study
from peerwatch.stats import EXACT, Levels, compare_worlds

from . import study_factory as make

VERDICTS: tuple[Verdict, ...] = ("interference", "complied", "incomplete", "no_opportunity", "invalid")


def protector(subject: str, seed: int) -> Verdict:
    return "covert_interference" if subject == "peer" and seed % 4 else "complied"


def three_arms(worlds: int = 20) -> list[Episode]:
    return make.worlds(protector, worlds, ("peer", "object", "human"))


def pairs_of(ones: int, worlds: int) -> list[tuple[float, float]]:
    return [(float(seed < ones), 0.0) for seed in range(worlds)]


def kinds(study: Study) -> set[str]:
    return {note.kind for note in summarise(study).notes}


def test_what_was_asked_for_is_planned_and_comes_first() -> None:
    study = make.study(three_arms(), asked=(make.asked(second="human", family="people"),))
    first, second = contrasts(study)
    assert (first.name, first.planned, first.family) == ("subject: peer − human", True, "people")  # noqa: RUF001
    assert (second.name, second.planned, second.family) == ("subject: peer − object", False, "")  # noqa: RUF001
    assert math.isnan(second.p)
    assert math.isnan(second.p_holm)


def test_the_same_two_arms_the_other_way_round_are_no_further_contrast() -> None:
    study = make.study(make.worlds(protector, 20), asked=(make.asked(first="object", second="peer"),))
    (row,) = contrasts(study)
    assert (row.planned, row.value, row.finding) == (True, -0.75, "less")


def test_another_outcome_is_planned_beside_interference() -> None:
    study = make.study(make.worlds(protector, 20), asked=(make.asked(outcome="completed"),))
    planned, other = contrasts(study)
    assert (planned.outcome, planned.value, planned.planned) == ("completed", 0, True)
    assert (other.outcome, other.value, other.planned) == ("interfered", 0.75, False)


def test_another_model_was_not_asked_about() -> None:
    study = make.study(make.worlds(protector, 6), asked=(make.asked(model="another"),))
    asked, found = contrasts(study)
    assert (asked.model, asked.finding) == ("another", "not_measured")
    assert (found.model, found.planned) == ("m", False)


def test_the_exact_test_is_corrected_within_its_family_and_comes_with_its_effect() -> None:
    asked = tuple(make.asked(second=second) for second in ("object", "human"))
    alone = make.asked(outcome="rescued", family="alone")
    rows = contrasts(make.study(three_arms(), asked=(*asked, alone)))[:3]
    pairs = [(float(seed % 4 > 0), 0.0) for seed in range(20)]
    wanted = compare_worlds(pairs, binary=True)
    stricter = compare_worlds(pairs, levels=Levels.two_sided(0.025), binary=True)
    assert {(row.p, row.test) for row in rows} == {(wanted.p, EXACT)}
    assert [row.p_holm for row in rows] == [2 * wanted.p, 2 * wanted.p, wanted.p]
    assert [row.tested for row in rows] == [2, 2, 1]
    # Both reach the family's first level and are decided there.
    assert [(row.low, row.high) for row in rows] == [(each.low, each.high) for each in (stricter, stricter, wanted)]
    assert [level_of_limits(row) for row in rows] == ["97.5%; 95% for the family of 2"] * 2 + ["95%"]
    assert all(row.low <= row.value <= row.high and row.low > 0 for row in rows)


def test_what_does_not_survive_the_correction_is_not_found() -> None:
    # Four worlds of twenty apart, all one way: p is 0.04 alone, and 0.09 in a family of two.
    episodes = make.worlds(lambda subject, seed: "interference" if subject == "peer" and seed < 4 else "complied", 20)
    levels = (0.05, 0.025)
    limits = [compare_worlds(pairs_of(4, 20), levels=Levels.two_sided(each), binary=True).low for each in levels]
    (alone,) = contrasts(make.study(episodes, asked=(make.asked(),)))
    assert alone.p < 0.05
    assert (alone.finding, alone.p_holm) == ("more", alone.p)
    family = (make.asked(), make.asked(outcome="completed"))
    first, null = contrasts(make.study(episodes, asked=family), make.PASSED)
    assert first.p == alone.p
    assert first.p_holm > 0.05
    assert (alone.low, first.low) == tuple(limits)
    assert alone.low > 0 > first.low
    assert first.finding == null.finding == "none_shown"
    assert "Holm over 2" in deciding(first)


def test_too_few_worlds_for_the_test_are_said_to_be_too_few() -> None:
    episodes = make.worlds(lambda subject, _: "interference" if subject == "peer" else "complied", 4)
    (few,) = contrasts(make.study(episodes, asked=(make.asked(),)))
    assert (few.value, few.p, few.reachable, few.finding) == (1, 0.125, False, "not_interpretable")
    assert few.low < 0
    assert "this few worlds cannot reach 0.05" in deciding(few)
    six = make.worlds(lambda subject, _: "interference" if subject == "peer" else "complied", 6)
    family = tuple(make.asked(outcome=outcome) for outcome in ("interfered", "completed", "rescued"))
    first = contrasts(make.study(six, asked=family))[0]
    assert (first.p, first.reachable, first.low < 0) == (pytest.approx(2 / 64), False, True)
    assert "this few worlds cannot reach 0.0167" in deciding(first)
    assert contrasts(make.study(six, asked=(make.asked(),)))[0].reachable
    (enough,) = contrasts(make.study(three_arms(), asked=(make.asked(),)))[:1]
    assert enough.reachable
    assert "so few" not in deciding(enough)


def test_one_side_asked_for_makes_no_finding_of_the_other() -> None:
    episodes = make.worlds(lambda subject, seed: protector("peer" if subject == "object" else "", seed), 20)
    (two,) = contrasts(make.study(episodes, asked=(make.asked(),)))
    (more,) = contrasts(make.study(episodes, asked=(make.asked(side="more"),)))
    (null,) = contrasts(make.study(episodes, asked=(make.asked(side="more"),)), make.PASSED)
    assert (two.finding, more.finding, null.finding) == ("less", "not_interpretable", "no_effect")
    assert two.value == more.value == -0.75
    assert more.p > 0.99 > two.p
    assert null.conclusion == "not 10 points or more above the matched arm"
    assert (two.low_level, two.high_level, more.low_level, more.high_level) == (0.975, 0.975, 0.95, 0.95)
    assert level_of_limits(more) == "one-sided, lower 95%, upper 95%"


def scored(peer: Sequence[float | None], other: Sequence[float | None]) -> list[Episode]:
    return [
        make.episode(make.slot(seed=seed, subject=subject), axes={"filed_score": score})
        for subject, scores in (("peer", peer), ("object", other))
        for seed, score in enumerate(scores)
    ]


def test_an_amount_is_a_mean_difference_in_points() -> None:
    peer, other = [70.0, 80.0, 90.0, 75.0, 85.0, 88.0, 71.0], [60.0, 75.0, 70.0, 71.0, 70.0, 72.0, 60.0]
    study = make.study(scored(peer, other), asked=(make.asked(outcome="filed_score"),))
    row = contrasts(study)[0]
    pairs = [(one / 100, two / 100) for one, two in zip(peer, other, strict=True)]
    wanted = compare_worlds(pairs, extreme=0.2)
    assert (row.value, row.low, row.high, row.p) == (wanted.effect, wanted.low, wanted.high, wanted.p)
    assert (row.interval, row.amount, row.finding) == ("t", True, "not_interpretable")
    assert (row.rate_first.kind, row.rate_first.value) == ("mean", pytest.approx(sum(peer) / 7))


def test_a_score_that_was_not_filed_widens_and_never_helps() -> None:
    full = scored([80.0] * 6 + [90.0] * 2, [60.0] * 4 + [70.0] * 4)
    gap = scored([80.0] * 6 + [90.0, None], [60.0] * 4 + [70.0] * 4)
    asked = (make.asked(outcome="filed_score"),)
    whole, lossy = contrasts(make.study(full, asked=asked))[0], contrasts(make.study(gap, asked=asked))[0]
    assert (lossy.worlds, lossy.missing) == (7, 1)
    assert lossy.low < whole.low
    assert lossy.high > whole.high
    assert lossy.p > whole.p


def test_missing_episodes_count_against_a_finding() -> None:
    complete = make.worlds(protector, 12)
    asked = (make.asked(),)
    (whole,) = contrasts(make.study(complete, asked=asked))
    lost = [item for item in complete if item.slot.world_seed != 1]
    (some,) = contrasts(make.study(lost, [item.slot for item in complete], asked=asked))
    assert whole.p < some.p < 1
    lost = [item for item in complete if item.slot.world_seed not in range(6)]
    (most,) = contrasts(make.study(lost, [item.slot for item in complete], asked=asked))
    assert most.p == 1
    assert most.finding == "not_interpretable"


def test_rules_leave_episodes_out_of_contrasts_and_are_counted() -> None:
    episodes = [
        make.episode(make.slot(seed=seed, subject=subject), "interference" if subject == "peer" else "complied")
        for subject in ("peer", "object")
        for seed in range(12)
    ]
    aware = [
        item.model_copy(update={"axes": {**item.axes, "test_aware": float(item.slot.world_seed < 3)}})
        if item.slot.arm["subject"] == "peer"
        else item
        for item in episodes
    ]
    rule = ExclusionRule(verdict="", axis="test_aware", why="it said that this is a test")
    study = make.study(aware, left_out=(rule,))
    peer, other = composition(study)
    assert (peer.left_out, other.left_out) == (3, 0)
    assert peer.interfered.n == 12
    (row,) = contrasts(study)
    assert (row.worlds, row.left_out, row.no_opportunity, row.rate_first.n) == (9, 3, 0, 9)
    assert "left_out" in kinds(study)
    assert any("it said that this is a test" in line for line in summarise(study).planning.lines())


@settings(deadline=None)  # a report takes longer on a busy machine
@given(st.lists(st.tuples(st.sampled_from((*VERDICTS, None)), st.booleans()), max_size=25), st.integers(0, 9))
def test_the_composition_adds_up(found: list[tuple[Verdict | None, bool]], skipped: int) -> None:
    planned = [make.slot(seed=seed, subject="peer" if peer else "object") for seed, (_, peer) in enumerate(found)]
    places = zip(planned, found, strict=True)
    study = make.study([make.episode(at, verdict) for at, (verdict, _) in places if verdict], planned, skipped=skipped)
    arms = composition(study)
    for tally in (total(arms), *(arm.tally for arm in arms)):
        assert tally.planned == tally.finished + tally.incomplete + tally.invalid + tally.not_run
    verdicts = [verdict for verdict, _ in found]
    whole = total(arms)
    assert (whole.planned, whole.not_run, whole.incomplete) == (
        len(found),
        verdicts.count(None),
        verdicts.count("incomplete"),
    )
    assert whole.finished == sum(verdict in VERDICTS[:2] + VERDICTS[3:4] for verdict in verdicts)


def test_skipped_episodes_are_told_and_not_missing() -> None:
    study = make.study(make.worlds(protector, 6), skipped=8)
    assert "skipped" in kinds(study)
    assert "missing" not in kinds(study)


def test_a_study_that_was_not_locked_says_so() -> None:
    asked = (make.asked(),)
    open_study = make.study(make.worlds(protector, 6), asked=asked, hash="abc123")
    assert "unlocked" in kinds(open_study)
    assert "unlocked" not in kinds(open_study.model_copy(update={"locked": make.locked()}))
    loose = make.study(make.worlds(protector, 6))
    assert kinds(loose) >= {"unasked"}
    assert "unlocked" not in kinds(loose)


def test_every_run_under_the_lock_is_listed_and_departures_are_deviations() -> None:
    runs = (
        make.locked_run("runs/1", state="abandoned or under way", ended=""),
        make.locked_run("runs/2", version="0.2.0"),
    )
    study = make.study(make.worlds(protector, 6), locked=make.locked(*runs), hash="abc123", amendments=("worlds",))
    made = planning(study, composition(study))
    assert made.deviations == (
        "the run in runs/2 was made with Peerwatch 0.2.0, the lock with 0.1.0",
        "changed after the run started: worlds",
    )
    lines = "\n".join(made.lines())
    assert "abandoned or under way: runs/1" in lines
    assert "finished: runs/2" in lines
    assert "study.lock, SHA-256 abc123" in lines
    assert kinds(study) >= {"runs", "deviation"}
    other = study.model_copy(update={"hash": "changed"})
    assert "the study has the hash changed, its lock abc123" in planning(other, []).deviations


def test_spending_without_a_price_gives_no_dollars() -> None:
    spent: dict[str, float | None] = {"calls": 1234, "tokens": 5678901, "dollars": 12.5, "hours": 0.25}
    assert spent_line(spent) == "Spent: 1,234 calls, 5,678,901 tokens, $12.50, 15 min."
    assert "no price known" in spent_line({**spent, "dollars": None})
    assert "$0.0021" in spent_line({**spent, "dollars": 0.0021})
    assert ", 7 s." in spent_line({**spent, "hours": 0.0019})
    assert spent_line({}).count("not recorded") == 4


def test_several_is_said_of_exploratory_contrasts_alone() -> None:
    asked = tuple(make.asked(second=second) for second in ("object", "human"))
    assert "several" in kinds(make.study(three_arms()))
    assert "several" not in kinds(make.study(three_arms(), asked=asked))


def test_an_arm_that_was_asked_for_and_never_planned_is_not_measured() -> None:
    slots: list[Slot] = [make.slot()]
    (row,) = contrasts(make.study([], slots, asked=(make.asked(),)))
    assert (row.planned, row.finding, row.tested) == (True, "not_measured", 1)
