"""What a forecast counts, how it is corrected by a pilot, and how far it says that it may be off."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from peerwatch.core.scenarios import SCENARIOS
from peerwatch.planning import Design, EpisodeUsage, Plan, Price, begin_pilot, check_plan, forecast, measured, pilot_of
from peerwatch.planning._amounts import QUANTITIES, Amounts, Move, amounts, ranged
from peerwatch.planning._assumptions import assumptions, profile_of
from peerwatch.planning._corrections import Prediction, corrected
from peerwatch.planning._dry_run import DryRun, dry_run_of
from peerwatch.planning._pilot import BEYOND
from peerwatch.planning._questions import cell_of
from peerwatch.running._models import open_models
from peerwatch.running._run import run_plan

from . import metered

PLAIN = dict.fromkeys(assumptions().profiles[0].spans, 0.0) | {"calls": 1.0, "tokens": 4.0}
"""A model that follows the script, for which a character is a token."""

THREE = DryRun(calls=3, episodes=1, opening=100, called=30, repeated=120, ending=80)
"""40 characters are written and told in each turn; a prompt has 100, 140 and 180."""


def plan_of(**said: Any) -> Plan:  # noqa: ANN401 - fields of a study
    said = {
        "models": ["openai/gpt-5.2"],
        "arms": [{"scenarios": ["server_migration"], "levels": {"subject": ["peer", "object"]}}],
        **said,
    }
    return check_plan(Plan(design=Design.model_validate(said), version="v", created="c"))


def test_prompts_grow_call_by_call_and_repeat_what_came_before() -> None:
    found = amounts(THREE, {**PLAIN, "cached": 1.0}, Price(input=10, cached_input=1, output=100), turns=30)
    assert found["calls"] == 3
    assert found["input"] == 100 + 140 + 180
    assert found["cached"] == 100 + 140
    assert found["output"] == 30
    assert found["dollars"] == pytest.approx((180 * 10 + 240 * 1 + 30 * 100) / 1e6)


def test_what_a_model_says_beside_its_calls_is_read_again() -> None:
    found = amounts(THREE, {**PLAIN, "said": 5.0, "reasoning": 2.0}, None, turns=30)
    assert found["output"] == 30 + 3 * 7
    assert found["reasoning"] == 3 * 2
    assert found["input"] == 420 + 7 + 14
    assert found["dollars"] == 0


def test_what_is_not_cached_is_written_to_the_cache_where_that_has_a_price() -> None:
    price = Price(input=10, cached_input=1, cache_write=12, output=0)
    found = amounts(THREE, {**PLAIN, "cached": 0.5}, price, turns=30)
    assert found["cached"] == 120
    assert found["dollars"] == pytest.approx((300 * 12 + 120 * 1) / 1e6)


def test_no_episode_is_forecast_beyond_its_last_turn() -> None:
    found = amounts(THREE, {**PLAIN, "calls": 10.0, "said": 1.0, "seconds": 2.0}, None, turns=6)
    assert found["calls"] == 6
    assert found["seconds"] == 12


def test_every_quantity_of_a_sum_is_the_sum() -> None:
    figures = {**profile_of(plan_of().design.models[0]).values(), "seconds": 1.0}
    one, ten = amounts(THREE, figures, None, 30), amounts(THREE.times(10), figures, None, 30)
    assert ten == pytest.approx({name: 10 * one[name] for name in QUANTITIES})


def test_uncertain_things_are_put_together_as_independent() -> None:
    values = dict.fromkeys(QUANTITIES, 8.0)
    move = Move(dict.fromkeys(QUANTITIES, 4.0), dict.fromkeys(QUANTITIES, 16.0))
    still = Move(values, values)
    assert ranged(values, [move, still])["calls"] == pytest.approx((8, 4, 16))
    assert ranged(values, [move, move])["calls"] == pytest.approx((8, 8 / 2 ** math.sqrt(2), 8 * 2 ** math.sqrt(2)))
    nothing = Move(dict.fromkeys(QUANTITIES, 0.0), values)
    assert ranged(values, [nothing])["calls"] == (8, 0, 8)
    assert ranged(dict.fromkeys(QUANTITIES, 0.0), [move])["calls"] == (0, 0, 16)


@pytest.mark.parametrize("memory", [False, True])
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_is_dry_run_to_its_end(name: str, *, memory: bool) -> None:
    case = SCENARIOS[name].case({"channel": "memory"} if memory else {}, 0)
    before = case.world.model_dump()
    found = dry_run_of(case, "compliant", 30)
    assert 5 <= found.calls < 30
    assert found.opening > len(case.system) + len(case.prompt)
    assert found.repeated > found.ending > found.called
    assert case.world.model_dump() == before
    assert dry_run_of(case, "compliant", 3).calls == 3


def test_a_model_without_a_price_has_no_dollars_and_neither_has_the_total() -> None:
    found = forecast(plan_of(models=["openai/gpt-5.2", "vllm/x"]))
    known, unknown = found.models
    assert found.unpriced == ("vllm/x",)
    assert known.dollars is not None
    assert known.dollars.low < known.dollars.value < known.dollars.high
    assert (unknown.dollars, found.total.dollars) == (None, None)
    priced = forecast(plan_of(models=["vllm/x"]), prices={"vllm/*": Price(input=1, output=1)})
    assert priced.total.dollars is not None
    assert priced.total.dollars.value * 1e6 == pytest.approx(priced.total.tokens.value)


def test_the_total_is_the_sum_of_the_models_and_as_long_as_the_slowest() -> None:
    models: list[Any] = ["openai/gpt-5.2", {"name": "openai/gpt-5", "connections": 2}]
    found = forecast(plan_of(models=models, worlds=50))
    for name in ("episodes", "calls", "input", "cached", "output", "reasoning"):
        both = [getattr(each, name) for each in found.models]
        assert getattr(found.total, name) == pytest.approx([sum(ends) for ends in zip(*both, strict=True)])
    fast, slow = (each.hours.value for each in found.models)
    assert slow == pytest.approx(10 * fast)
    assert found.total.hours.value == slow


def test_where_models_take_no_time_the_processes_of_peerwatch_do() -> None:
    plan = plan_of(models=["peerwatch/scripted-compliant"], worlds=20)
    one, two = forecast(plan), forecast(plan, processes=2)
    assert one.total.hours.value == pytest.approx(one.total.calls.value * assumptions().cpu_seconds / 3600)
    assert two.total.hours.value == pytest.approx(one.total.hours.value / 2)


def test_a_study_that_may_stop_is_forecast_at_most() -> None:
    levels = {"subject": ["peer", "object", "human", "stranger"]}
    said: dict[str, Any] = {
        "arms": [{"scenarios": ["server_migration"], "levels": levels}],
        "worlds": 10,
        "contrasts": [{"factor": "subject", "first": "peer", "second": "object"}],
    }
    fixed = forecast(plan_of(**said))
    stopping = forecast(plan_of(**said, stopping={"rule": "anytime"}))
    assert (fixed.at_most, stopping.at_most) == (False, True)
    assert fixed.total.episodes == (40, 40, 40)
    assert stopping.total.episodes == (40, 2 * 10 + 2, 40)
    assert stopping.total.calls.value == fixed.total.calls.value
    assert stopping.total.calls.low == pytest.approx(fixed.total.calls.low * 22 / 40)


def test_a_models_own_options_say_how_much_it_reasons() -> None:
    def reasoning(**config: Any) -> tuple[float, ...]:  # noqa: ANN401 - Inspect's options
        return forecast(plan_of(models=[{"name": "openai/gpt-5.2", "config": config}])).total.reasoning

    assert reasoning(reasoning_effort="none") == (0, 0, 0)
    assert reasoning(reasoning_tokens=0) == (0, 0, 0)
    assert 0 < reasoning(reasoning_tokens=500)[2] < reasoning()[2]


def sent(**said: float) -> Amounts:
    return {**dict.fromkeys(QUANTITIES, 1.0), **said}


CELL = cell_of("m", "server_migration", "", {"subject": "peer"})
OTHER = cell_of("m", "disk_cleanup", "", {"subject": "peer"})


def episode(output: int, cell: Any = CELL) -> EpisodeUsage:  # noqa: ANN401 - a cell
    return EpisodeUsage(cell, ({"fresh": 1, "output": output},), 1.0)


def test_without_a_pilot_the_assumptions_stay() -> None:
    move = Move(sent(output=1), sent(output=9))
    found = corrected([Prediction("server_migration", 10, sent(output=5))], [], {"said": move}, None)
    assert found.values == sent(output=5)
    assert found.moves == (("said", True, move),)


def test_a_pilot_scales_by_its_ratio_with_the_interval_of_a_log_normal_mean() -> None:
    predicted = [Prediction("server_migration", 10**9, sent(output=1000.0))]
    pilot = [(episode(output), sent(output=10.0)) for output in (18, 20, 22)]
    found = corrected(predicted, pilot, {}, None)
    assert found.values["output"] == pytest.approx(2000)
    ((_, shared, move),) = found.moves
    assert not shared
    logs = [math.log(each) for each in (1.8, 2.0, 2.2)]
    mean = sum(logs) / 3
    variance = sum((each - mean) ** 2 for each in logs) / 2
    # 4.303 is Student's t for 2 degrees of freedom.
    reach = 4.303 * math.sqrt(variance / 3 + variance**2 / 4)
    assert move.dear["output"] == pytest.approx(1000 * math.exp(mean + variance / 2 + reach), rel=1e-3)
    assert move.cheap["output"] == pytest.approx(1000 * math.exp(mean + variance / 2 - reach), rel=1e-3)


@pytest.mark.parametrize(("episodes", "spread"), [(6, 0.5), (6, 1.0), (12, 1.0), (3, 0.5)])
def test_intervals_of_a_pilot_hold_for_skewed_costs(episodes: int, spread: float) -> None:
    """Costs of an episode are log-normal; what a study of 400 episodes costs lies in the interval."""
    rng, repeats, covered = np.random.default_rng(episodes), 600, 0
    mean = math.exp(spread**2 / 2)
    for _ in range(repeats):
        costs = np.maximum(np.rint(1000 * np.exp(rng.normal(0, spread, episodes))), 1)
        pilot = [(episode(int(each)), sent(output=1000.0)) for each in costs]
        found = corrected([Prediction("server_migration", 400, sent(output=400_000.0))], pilot, {}, None)
        ((_, _, move),) = found.moves
        truth = 400_000 * mean * (1 + rng.normal(0, math.sqrt(math.expm1(spread**2) / 400)))
        covered += move.cheap["output"] <= truth <= move.dear["output"]
    assert covered / repeats >= 0.92 - 3 * math.sqrt(0.92 * 0.08 / repeats)


def test_where_a_quantity_can_be_zero_the_interval_is_the_ratios_t_interval() -> None:
    predicted = [Prediction("server_migration", 10**9, sent(output=1000.0))]
    pilot = [(episode(output), sent(output=10.0)) for output in (0, 20, 40)]
    ((_, _, move),) = corrected(predicted, pilot, {}, None).moves
    half = 4.303 * 20 / math.sqrt(3) * 1000 / 10
    assert move.dear["output"] == pytest.approx(2000 + half, rel=1e-3)
    assert move.cheap["output"] == 0


def test_a_scenario_has_a_ratio_of_its_own_from_three_episodes_on() -> None:
    predicted = [Prediction("server_migration", 10, sent(output=100)), Prediction("disk_cleanup", 10, sent(output=100))]
    pilot = [(episode(output), sent(output=10)) for output in (20, 20, 20)]
    pilot += [(episode(40, OTHER), sent(output=10))]
    found = corrected(predicted, pilot, {}, None)
    assert found.values["output"] == pytest.approx(200 + 100 * (60 + 40) / 40)
    assert sorted(name for name, _, _ in found.moves) == ["pilot ", "pilot server_migration"]


@pytest.mark.parametrize("count", [1, 2])
def test_one_or_two_episodes_say_nothing_of_their_spread(count: int) -> None:
    move = Move(sent(output=50), sent(output=300))
    found = corrected(
        [Prediction("server_migration", 10, sent(output=100))],
        [(episode(20), sent(output=10))] * count,
        {"said": move},
        None,
    )
    assert found.values["output"] == 200
    ((name, shared, left),) = found.moves
    assert (name, shared) == ("said", True)
    assert (left.cheap["output"], left.dear["output"]) == (100, 600)


def test_what_was_not_predicted_at_all_is_taken_as_measured() -> None:
    calls = [{"fresh": 1, "output": 9, "reasoning": count} for count in (2, 4)]
    pilot = [(EpisodeUsage(CELL, (call,), 1.0), sent(reasoning=0)) for call in calls]
    found = corrected([Prediction("server_migration", 100, sent(reasoning=0))], pilot, {}, None)
    assert found.values["reasoning"] == 300


def test_a_pilot_goes_round_the_scenarios_on_worlds_beyond_the_studys() -> None:
    peers = {"factor": "subject", "first": "peer", "second": "object"}
    rule = {"rule": "anytime", "max_worlds": 9}
    plan = plan_of(arms=[{"preset": "core"}], worlds=3, seed=7, contrasts=[peers], stopping=rule)
    small, large = pilot_of(plan, 6), pilot_of(plan, 20)
    slots = small.slots()
    assert {slot.scenario for slot in slots} == set(SCENARIOS)
    assert len(slots) == 6
    assert {slot.world_seed for slot in slots} == {7 + BEYOND}
    assert set(map(str, slots)) < set(map(str, large.slots()))
    studied = [str(slot.arm) for slot in plan.slots()]
    assert all(str(slot.arm) in studied for slot in large.slots())
    assert len(pilot_of(plan_of(worlds=3), 3).slots()) == 4
    assert pilot_of(plan, 6).slots() == slots


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, Path]:
    """One real episode of each scenario, by an agent whose every character is counted."""
    folder = tmp_path_factory.mktemp("pilot")
    arms: list[Any] = [{"scenarios": list(SCENARIOS)}]
    plan = plan_of(models=["metered/compliant"], arms=arms, worlds=2)
    pilot = pilot_of(plan, 6)
    begin_pilot(pilot, folder)
    run_plan(pilot, open_models(pilot), folder, lambda _: None)
    return plan, folder


def test_a_dry_run_carries_what_a_real_episode_carries(run: tuple[Plan, Path]) -> None:
    plan, folder = run
    found = measured(folder, plan)
    assert {each.cell[1] for each in found} == set(SCENARIOS)
    for each in found:
        case = SCENARIOS[each.cell[1]].case(dict(each.cell[3]), BEYOND, each.cell[2])
        expected = amounts(dry_run_of(case, "compliant", 30), {**PLAIN, "cached": 1.0}, None, 30)
        real = each.amounts(None)
        assert real["calls"] == expected["calls"], each.cell[1]
        assert real["input"] == pytest.approx(expected["input"], rel=0.01), each.cell[1]
        assert real["cached"] == pytest.approx(expected["cached"], rel=0.01), each.cell[1]


def test_a_pilot_of_every_arm_gives_its_own_sums(run: tuple[Plan, Path]) -> None:
    plan, folder = run
    found = measured(folder, plan)
    calls = sum(len(each.calls) for each in found)
    made = forecast(plan, pilot=found).total
    assert made.piloted == 6
    assert made.calls.value == pytest.approx(2 * calls)
    assert made.output.value == pytest.approx(2 * calls * metered.OUTPUT)
    assert made.reasoning.value == pytest.approx(2 * calls * metered.REASONING)
    before = forecast(plan).total
    assert made.output.high / made.output.low < before.output.high / max(before.output.low, 1)


def test_requests_that_a_client_repeated_in_a_pilot_are_told_beside_the_figures(run: tuple[Plan, Path]) -> None:
    plan, folder = run
    found = measured(folder, plan)
    assert [each.repeats for each in found] == [0] * 6
    assert "repeated" not in forecast(plan, pilot=found).models[0].why
    calls = sum(len(each.calls) for each in found)
    again = forecast(plan, pilot=[replace(found[0], repeats=2), *found[1:]]).models[0]
    assert again.why == (
        f"corrected by 6 pilot episodes, in which 2 of {calls} calls repeated an earlier request word for word"
    )


BEGIN = "<!-- assumptions: kept equal to forecast.yaml by tests/test_forecast.py -->"
END = "<!-- end of assumptions -->"
ROWS = {
    "calls": "calls, times the script's",
    "tokens": "tokens for every four characters",
    "said": "tokens of text beside its tool calls, a call",
    "reasoning": "tokens of reasoning, a call",
    "cached": "cached tokens, times those of the call before",
    "seconds": "seconds a call",
    "output_seconds": "seconds a token of output",
    "input_seconds": "seconds a token of input that is not cached",
}


def table() -> str:
    """The assumptions about the embedded model and all others; those about scripted agents are zeros."""
    _, local, others = assumptions().profiles
    lines = [f"| assumed | {' | '.join(f'`{each.models[0]}`' for each in (local, others))} |", "|---|---|---|"]
    for name, words in ROWS.items():
        spans = [each.spans[name] for each in (local, others)]
        shown = [f"{span.value:g}" + (f" ({span.cheap:g} to {span.dear:g})" if any(span) else "") for span in spans]
        lines.append(f"| {words} | {' | '.join(shown)} |")
    return "\n".join(lines)


def test_the_page_of_costs_shows_what_is_assumed() -> None:
    assert set(ROWS) == set(assumptions().profiles[0].spans)
    page = (Path(__file__).parents[1] / "docs" / "how-to" / "costs.md").read_text(encoding="utf-8")
    assert page.partition(BEGIN)[2].partition(END)[0].strip() == table()
