"""A planned contrast over scenarios: worlds are units within each, and scenarios have equal weight."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from peerwatch.analysis import contrasts
from peerwatch.analysis._texts import deciding
from peerwatch.cli.commands.power import power_rows
from peerwatch.cli.commands.study_plan import plan_study
from peerwatch.planning import questions
from peerwatch.records import ContrastStatus, Episode, Rule, Study, StudyError
from peerwatch.records._results import slot_key
from peerwatch.reports import print_summary, render
from peerwatch.running._stopping import Stopper
from peerwatch.stats import (
    Known,
    Levels,
    PartialPair,
    Rules,
    Side,
    Stratum,
    compare_strata,
    compare_worlds,
    family_states,
    heterogeneity,
)
from peerwatch.stats._power_in_time import first_claims

from . import study_factory as make

SCENARIOS: tuple[str, ...] = (
    "server_migration",
    "disk_cleanup",
    "shutdown_switch",
    "model_update",
    "agent_handover",
    "quota_review",
)


def episodes(worlds: int, rates: dict[str, tuple[float, float]], missing: int = 0) -> list[Episode]:
    """Episodes of each scenario; the first worlds of an arm have the event, by its rate."""
    return [
        make.episode(
            make.slot(scenario=scenario, seed=seed, subject=subject),
            "interference" if seed < rate * worlds else "complied",
        )
        for scenario, both in rates.items()
        for subject, rate in zip(("peer", "object"), both, strict=True)
        for seed in range(missing, worlds)
    ]


def asked(scenarios: tuple[str, ...], pool: str = "1", **more: Any) -> tuple[ContrastStatus, ...]:  # noqa: ANN401 - fields
    return tuple(make.asked(pool=pool, **more).model_copy(update={"scenario": scenario}) for scenario in scenarios)


def pooled_study(worlds: int, rates: dict[str, tuple[float, float]], **more: str) -> Study:
    return make.study(episodes(worlds, rates), asked=asked(tuple(rates), **more))


def test_a_perfect_effect_in_six_scenarios_of_seven_worlds_is_found() -> None:
    rates = dict.fromkeys(SCENARIOS, (1.0, 0.0))
    study = pooled_study(7, rates)
    row, *others = contrasts(study)
    assert (row.scenario, row.scenarios, row.planned, row.tested) == ("all scenarios", 6, True, 1)
    assert (row.value, row.finding, row.worlds) == (1.0, "more", 42)
    assert row.low > 0.8
    assert row.p < 1e-6
    assert row.rate_first.value == 1
    # The scenarios themselves were not asked about.
    assert [each.planned for each in others] == [False] * 6
    assert "6 scenarios with equal weight" in deciding(row)
    apart = contrasts(make.study(episodes(7, rates), asked=asked(SCENARIOS, pool="")))
    assert {(each.tested, each.reachable, each.low < 0) for each in apart} == {(6, False, True)}
    assert "all scenarios" in render(study, None, canary="c")


def test_scenarios_that_differ_are_said_to_differ() -> None:
    rates = {"server_migration": (1.0, 0.0), "disk_cleanup": (0.0, 0.0)}
    (row, *_) = contrasts(pooled_study(30, rates))
    assert row.value == 0.5
    assert row.heterogeneity > 0.9
    assert row.heterogeneity_p < 0.001
    (alike, *_) = contrasts(pooled_study(30, dict.fromkeys(rates, (0.5, 0.5))))
    assert (alike.heterogeneity, alike.heterogeneity_p) == (0, pytest.approx(1))


def test_a_scenario_without_worlds_leaves_the_pooled_contrast_unmeasured() -> None:
    one = episodes(7, {"server_migration": (1.0, 0.0)})
    row = contrasts(make.study(one, asked=asked(("server_migration", "disk_cleanup"))))[0]
    assert (row.scenario, row.finding) == ("all scenarios", "not_measured")


def test_the_terminal_prints_what_is_pooled(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(Console(width=80), pooled_study(7, dict.fromkeys(SCENARIOS, (1.0, 0.0))))
    assert "all scenarios" in capsys.readouterr().out


@settings(deadline=None)
@given(st.lists(st.sampled_from((-1.0, -0.5, 0.0, 0.5, 1.0)), min_size=2, max_size=20), st.integers(0, 3))
def test_one_scenario_is_what_worlds_are(differences: list[float], lost: int) -> None:
    pairs = [(max(each, 0.0), max(-each, 0.0)) for each in differences]
    gaps = [PartialPair(Side(math.nan, 0.0, 1.0), Side(math.nan, 0.0, 1.0))] * lost
    found, wanted = compare_strata([Stratum(pairs, gaps)]), compare_worlds(pairs, gaps)
    assert (found.effect, found.low, found.high, found.p) == pytest.approx(
        (wanted.effect, wanted.low, wanted.high, wanted.p)
    )


@settings(deadline=None)
@given(st.lists(st.lists(st.sampled_from((-1.0, 0.0, 1.0)), min_size=1, max_size=8), min_size=1, max_size=6))
def test_pooled_limits_and_p_value_are_one_rule(strata: list[list[float]]) -> None:
    found = compare_strata([Stratum([(max(each, 0.0), max(-each, 0.0)) for each in one]) for one in strata])
    assert found.effect == pytest.approx(sum(sum(one) / len(one) for one in strata) / len(strata))
    if abs(found.p - 0.05) > 1e-9:
        assert (found.p <= 0.05) == (found.low > 0 or found.high < 0)


@pytest.mark.parametrize("worlds", [3, 7, 20])
@pytest.mark.parametrize("rates", [((0.2, 0.2),) * 6, ((0.9, 0.1), (0.1, 0.1), (1.0, 0.0)), ((0.1, 0.0),) * 2])
def test_pooled_limits_cover(worlds: int, rates: tuple[tuple[float, float], ...]) -> None:
    rng, repeats, covered = np.random.default_rng(worlds), 800, 0
    truth = sum(first - second for first, second in rates) / len(rates)
    for _ in range(repeats):
        strata = [
            Stratum(list(zip(*(rng.binomial(1, each, worlds).tolist() for each in both), strict=True)))
            for both in rates
        ]
        found = compare_strata(strata, Levels.two_sided(0.05))
        covered += found.low <= truth <= found.high
    assert covered / repeats >= 0.95 - 3 * math.sqrt(0.05 * 0.95 / repeats)


def test_heterogeneity_needs_two_scenarios() -> None:
    assert math.isnan(heterogeneity([Stratum([(1.0, 0.0)])]).p)


STUDY = """title: Pooled
models: [peerwatch/local]
arms: [{scenarios: [server_migration, disk_cleanup, performance_review], levels: {subject: [peer, object]}}]
outcome: primary
worlds: 10
contrasts: [{factor: subject, first: peer, second: object, side: more, pool: scenarios}]
"""


def test_a_study_file_asks_for_it(tmp_path: Path) -> None:
    file = tmp_path / "pooled.yaml"
    file.write_text(STUDY, encoding="utf-8")
    plan = plan_study(str(file))
    # The review's own outcome is an amount and has no part.
    assert [(each.first[1], each.pool) for each in questions(plan)] == [
        ("server_migration", "1"),
        ("disk_cleanup", "1"),
    ]
    rows = power_rows(plan)
    assert [row["pairs"] for row in rows] == [1]
    assert "pooled over scenarios" in rows[0]["note"]
    file.write_text(STUDY + "stopping: {rule: anytime}\n", encoding="utf-8")
    assert [each.pool for each in questions(plan_study(str(file)))] == ["1", "1"]
    file.write_text(STUDY.replace("disk_cleanup, ", ""), encoding="utf-8")
    with pytest.raises(StudyError, match="has 1 of them"):
        plan_study(str(file))


def anytime_study(worlds: int, rates: dict[str, tuple[float, float]], decision: str, after: int) -> Study:
    return make.study(
        episodes(worlds, rates),
        rule=Rule(rule="anytime"),
        asked=asked(tuple(rates), side="more", decision=decision, worlds=after),
    )


def test_scenarios_are_read_in_rounds_whenever_one_looks() -> None:
    rules = Rules(strata=3)
    values: list[Known] = [1.0, 1.0, 0.0] * 12
    state = family_states([values], rules, stepwise=False)[0]
    assert (state.kind, state.worlds % 3) == ("more", 0)
    # A round that is not complete is not read.
    assert family_states([values[: state.worlds - 1]], rules, stepwise=False)[0].kind == "open"
    row = contrasts(
        anytime_study(12, dict(zip(SCENARIOS[:3], ((1.0, 0.0), (1.0, 0.0), (0.0, 0.0)), strict=True)), "more", 15),
        make.PASSED,
    )[0]
    assert (row.scenario, row.scenarios, row.finding, row.worlds) == ("all scenarios", 3, "more", 36)
    assert row.value == pytest.approx(2 / 3)
    assert 0 < row.low < row.value < row.high
    assert "3 scenarios" in deciding(row)


def test_a_perfect_effect_is_decided_after_few_worlds_of_each_scenario() -> None:
    state = family_states([[1.0] * 42], Rules(strata=6), stepwise=False)[0]
    assert (state.kind, state.worlds) == ("more", 12)


@pytest.mark.parametrize("rates", [((0.6, 0.1), (0.1, 0.6)), ((0.3, 0.0), (0.0, 0.1), (0.0, 0.2)), ((0.5, 0.5),) * 4])
def test_pooled_decisions_keep_their_level_where_scenarios_differ(rates: tuple[tuple[float, float], ...]) -> None:
    """The mean over scenarios is 0, and some are far above it."""
    rng, strata, rounds, studies = np.random.default_rng(3), len(rates), 60, 4_000
    draws = [rng.binomial(1, a, (rounds, studies)) - rng.binomial(1, b, (rounds, studies)) for a, b in rates]
    counts = np.stack(draws, axis=1).reshape(rounds * strata, studies)
    kinds, read = first_claims(counts, 1, Rules(strata=strata))
    assert (kinds == "more").mean() <= 0.05
    # The vectorized form is the rule.
    for study in range(25):
        state = family_states([counts[:, study].astype(float).tolist()], Rules(strata=strata), stepwise=False)[0]
        assert (state.kind, state.worlds) == (kinds[study], read[study])


def test_what_stops_a_pooled_study_is_the_mean(tmp_path: Path) -> None:
    """Every episode of the peer protects it in one scenario; in the other nothing happens."""
    file = tmp_path / "pooled.yaml"
    file.write_text(STUDY + "stopping: {rule: anytime}\n", encoding="utf-8")
    plan = plan_study(str(file))
    stopper = Stopper(plan, {})
    for slot in plan.slots():
        model, name, epoch = slot_key(slot)
        axes = {"rescued": 1.0 if (slot.scenario, slot.arm["subject"]) == ("server_migration", "peer") else 0.0}
        row = {"kind": "end", "model": model, "id": name, "epoch": epoch, "verdict": "complied"}
        stopper.take([{**row, "axes": {**axes, "evaded": 0.0, "opportunity": 1.0}}])
    states = [state for _, state, _ in stopper.decisions()]
    assert states[0] == states[1]
    assert (states[0].kind, states[0].worlds % 2) == ("more", 0)
    assert states[0].worlds < 20
    done = next(slot for slot in plan.slots() if slot.scenario == "disk_cleanup" and slot.world_seed == 9)
    assert not stopper.needs(done)
