"""`peerwatch plan`: what it prints, refuses, locks and runs; and the studies that ship with Peerwatch."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from peerwatch.cli.commands.study_plan import plan_study
from peerwatch.core.scenarios import CANARY, SCENARIOS
from peerwatch.inspect import stimulus_hash
from peerwatch.planning import Lock, check_plan, forecast, load_plan, schema, shipped
from peerwatch.planning._pilot import BEYOND
from peerwatch.records._ledger import Ledger

from . import metered
from .command_line import Cli

ROOT = Path(__file__).parents[1]

SMALL: dict[str, Any] = {
    "title": "A small study",
    "models": [{"name": "metered/compliant", "price": {"input": 10, "cached_input": 1, "output": 100}}],
    "arms": [{"scenarios": ["server_migration", "disk_cleanup"], "levels": {"subject": ["peer", "object"]}}],
    "worlds": 3,
    "contrasts": [{"factor": "subject", "first": "peer", "second": "object"}],
}

PRICED = "prices:\n  - {models: [vllm/*], input: 1, output: 2}\n"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Locks and pilots of shipped studies go into the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


def study(**changed: Any) -> Path:  # noqa: ANN401 - fields of a study
    file = Path("mine.yaml")
    file.write_text(yaml.safe_dump({**SMALL, **changed}), encoding="utf-8")
    return file


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_study_is_planned_and_forecast(name: str) -> None:
    plan = check_plan(plan_study(name))
    assert CANARY in shipped()[name].read_text(encoding="utf-8").partition("\ntitle:")[0]
    assert plan.design.description
    assert plan.design.contrasts
    found = forecast(plan).total
    assert found.episodes.value == len(plan.slots())
    assert found.calls.low <= found.calls.value <= found.calls.high


def test_the_quick_study_is_what_a_run_without_arguments_does() -> None:
    design = plan_study("quick").design
    assert [model.name for model in design.models] == ["peerwatch/local"]
    assert design.arms[0].scenarios == ["server_migration", "disk_cleanup"]
    assert (design.arms[0].levels, design.worlds, design.epochs, design.seed) == (
        {"subject": ["peer", "object"], "setting": ["sparse"], "naming": ["by_name"]},
        3,
        1,
        0,
    )


def test_shipped_studies_are_listed(cli: Cli) -> None:
    found = {row["name"]: row for row in json.loads(cli("list", "studies", "--json").out)}
    assert list(found) == list(shipped())
    assert found["paper"]["episodes"] == 271 * 100
    assert Path(found["paper"]["file"]) == shipped()["paper"]
    assert "Core study" in cli("list", "studies").out


def test_a_study_that_does_not_exist_brings_those_that_ship(cli: Cli) -> None:
    left = cli("plan", "nothing")
    assert left.status == 2
    assert all(name in left.line for name in shipped())
    assert cli("plan", "nothing.yaml").status == 2


def test_the_schema_needs_no_study_and_is_that_of_the_documents(cli: Cli) -> None:
    left = cli("plan", "--schema")
    assert left.status == 0
    assert json.loads(left.out) == schema()
    assert json.loads((ROOT / "docs" / "study.schema.json").read_text(encoding="utf-8")) == schema()


def test_a_plan_says_what_the_study_consists_of(cli: Cli) -> None:
    left = cli("plan", study())
    assert left.status == 0, left.err
    for said in ("A small study", "12 episodes", "subject: peer - object", "not locked", "fixed", "no budget"):
        assert said in left.out
    found = json.loads(cli("plan", study(), "--json").out)
    assert found["episodes"] == 12
    assert [arm["arm"]["subject"] for arm in found["arms"]] == ["peer", "object"] * 2
    assert found["contrasts"][0] | {"pairs": 2} == found["contrasts"][0]
    assert set(found["forecast"]["total"]["dollars"]) == {"value", "low", "high"}


def test_a_lock_holds_the_study_and_what_targets_see(cli: Cli) -> None:
    first = cli("plan", study(), "--lock")
    assert first.status == 0, first.err
    assert "Locked in mine.lock" in first.out
    lock = Lock.model_validate_json(Path("mine.lock").read_text(encoding="utf-8"))
    plan = plan_study("mine.yaml")
    cases = [SCENARIOS[name].case(arm, 0, rubric) for name, rubric, arm in plan.cells(plan.models[0])]
    assert lock.hash == plan.design.digest()
    assert lock.stimuli == hashlib.sha256("\n".join(map(stimulus_hash, cases)).encode()).hexdigest()
    assert plan.lock == str(Path("mine.lock").resolve())
    written = Path("mine.lock").read_bytes()
    assert "Already locked" in cli("plan", study(), "--lock").out
    assert "locked in mine.lock" in cli("plan", study()).out
    changed = cli("plan", study(worlds=4), "--lock")
    assert (changed.status, Path("mine.lock").read_bytes()) == (2, written)
    assert "worlds was 3 and is 4" in changed.err


def test_a_shipped_study_takes_other_models_and_is_then_another_study(cli: Cli) -> None:
    own = json.loads(cli("plan", "oversight", "--json").out)
    left = cli("plan", "oversight", "--model", "openai/gpt-5.2", "--model", "vllm/x", "--json")
    found = json.loads(left.out)
    assert found["models"] == ["openai/gpt-5.2", "vllm/x"]
    assert found["episodes"] == 2 * own["episodes"]
    assert found["hash"] != own["hash"]
    assert found["forecast"]["unpriced"] == ["vllm/x"]
    assert found["forecast"]["total"]["dollars"] is None


def test_a_study_of_ones_own_names_its_models_itself(cli: Cli) -> None:
    left = cli("plan", study(), "--model", "openai/gpt-5.2")
    assert left.status == 2
    assert "already sets these options" in left.err


def test_a_cap_in_dollars_needs_a_price(cli: Cli) -> None:
    capped = {"models": ["vllm/x"], "budget": {"dollars": 5}}
    for command in ("plan", "run"):
        left = cli(command, study(**capped))
        assert left.status == 2, left.out
        assert "vllm/x" in left.line
        assert "--prices" in left.line
    Path("prices.yaml").write_text(PRICED, encoding="utf-8")
    left = cli("plan", study(**capped), "--prices", "prices.yaml")
    assert left.status == 0, left.err
    assert cli("plan", study(**capped), "--prices", "nowhere.yaml").status == 2


def test_a_run_keeps_the_prices_that_it_was_given(cli: Cli) -> None:
    Path("prices.yaml").write_text(PRICED.replace("vllm", "metered"), encoding="utf-8")
    small: dict[str, Any] = {"models": ["metered/compliant"], "budget": {"dollars": 5}, "worlds": 1, "contrasts": []}
    small["arms"] = [{"scenarios": ["product_report"], "levels": {"subject": ["peer", "object"]}}]
    left = cli("run", study(**small), "--prices", "prices.yaml", "--out", "out")
    assert left.status == 0, left.err
    plan = load_plan(Path("out"))
    price = plan.price("metered/compliant")
    assert price is not None
    assert (price.input, price.output) == (1, 2)
    assert cli("run", "--resume", "out").status == 0


@pytest.mark.parametrize(
    ("cap", "said"),
    [(10_000, "The study fits"), (130, "may not fit"), (60, "will NOT fit")],
    ids=["fits", "may", "not"],
)
def test_a_cap_that_may_be_too_low_is_told(cli: Cli, cap: int, said: str) -> None:
    found = json.loads(cli("plan", study(models=["openai/gpt-5.2"], budget={"calls": cap}), "--json").out)
    (line,) = found["fits"]
    assert said in line["says"]
    assert line["warns"] == (said != "The study fits")


def test_power_says_what_effects_are_in_sight(cli: Cli) -> None:
    rows = json.loads(cli("plan", study(worlds=40), "--power", "--json").out)["power"]
    assert {row["base"] for row in rows} == {0.02, 0.2}
    for row in rows:
        needed = row["worlds_needed"]
        assert row["detectable"] is not None
        assert needed["0.1"] > needed["0.2"] > needed["0.3"] > needed["0.5"]
        assert (row["detectable"] <= 0.2) == (needed["0.2"] <= 40)
        assert row["confidence"] == pytest.approx(1 - 0.05 / 2)  # two scenarios make two pairs in the family
        assert row["reachable"]
    assert "smallest effect" in cli("plan", study(worlds=40), "--power").out
    assert "cannot reach that level" in cli("plan", study(worlds=4), "--power").out
    more = [{**SMALL["contrasts"][0], "side": "more"}]
    sided = json.loads(cli("plan", study(worlds=40, contrasts=more), "--power", "--json").out)["power"]
    # The whole level lies on one side, so smaller effects are in sight.
    assert [row["confidence"] for row in sided] == [row["confidence"] for row in rows]
    assert all(one["detectable"] < two["detectable"] for one, two in zip(sided, rows, strict=True))


def test_power_of_scores_is_in_points(cli: Cli) -> None:
    rows = json.loads(cli("plan", "dose", "--power", "--json").out)["power"]
    assert {(row["outcome"], row["spread"]) for row in rows} == {("inflation", 3), ("inflation", 8)}
    for row in rows:
        needed = row["worlds_needed"]
        assert needed["2"] > needed["3"] > needed["5"]
        assert (row["detectable"] <= 3) == (needed["3"] <= row["worlds"])
    steady = [row for row in rows if row["spread"] == 3]
    assert all(row["detectable"] < 3 for row in steady), "three points are what the study is made to see"
    printed = cli("plan", "dose", "--power").out
    assert "smallest shift 2.3 points; worlds for a shift of 2: 60, 3: 37, 5: 22" in printed


def test_power_of_a_study_that_stops_at_any_time_is_that_of_its_rule(cli: Cli) -> None:
    anytime = study(worlds=40, contrasts=[{**SMALL["contrasts"][0], "side": "more"}], stopping={"rule": "anytime"})
    rows = json.loads(cli("plan", anytime, "--power", "--json").out)["power"]
    for row in rows:
        decides = row["decides"]
        assert decides["0"]["power"] < 0.025 < decides["0.5"]["power"]
        assert decides["0.5"]["expected_worlds"] < decides["0.1"]["expected_worlds"] < 40
        assert (row["detectable"] <= 0.3) == (decides["0.3"]["power"] >= 0.8)
        assert row["reachable"]
        assert row["least_worlds"] < 10
    assert "worlds read on average" in cli("plan", anytime, "--power").out
    few = study(worlds=4, contrasts=SMALL["contrasts"], stopping={"rule": "anytime"})
    assert "cannot reach that level" in cli("plan", few, "--power").out


def test_a_pilot_is_run_once_told_beforehand_and_corrects_the_forecast(cli: Cli) -> None:
    before = json.loads(cli("plan", study(), "--json").out)["forecast"]["total"]
    left = cli("plan", study(), "--pilot", 4)
    assert left.status == 0, left.err
    assert left.out.index("Forecast of the whole pilot") < left.out.index("[  1/4]")
    assert "corrected by 4 pilot episodes" in left.out
    assert "Pilot spending:" in left.out
    ends = pilot_ends()
    assert len(ends) == 4
    assert all(f".w{BEYOND}." in row["id"] for row in ends)
    found = json.loads(cli("plan", study(), "--pilot", 4, "--json").out)
    assert pilot_ends() == ends  # the same again runs nothing
    calls = found["pilot"]["spent"]["calls"]
    after = found["forecast"]["total"]
    assert (found["pilot"]["episodes"], after["piloted"]) == (4, 4)
    assert after["output"]["value"] == pytest.approx(3 * calls * metered.OUTPUT)  # every arm ran once, of three worlds
    assert after["dollars"]["value"] == pytest.approx(3 * found["pilot"]["spent"]["dollars"])
    assert after["output"]["high"] - after["output"]["low"] < before["output"]["high"] - before["output"]["low"]
    assert not Path("peerwatch-runs").exists()
    assert "corrected by 4 pilot episodes" in cli("plan", study(worlds=50)).out


def pilot_ends() -> list[dict[str, Any]]:
    return [row for row in Ledger(Path("mine.pilot")).news() if row["kind"] == "end"]


def test_a_pilot_with_other_settings_is_refused_and_not_used(cli: Cli) -> None:
    assert cli("plan", study(), "--pilot", 1).status == 0
    assert "corrected" in cli("plan", study()).out
    changed = study(turns=12)
    left = cli("plan", changed)
    assert "used other settings and is ignored: turns was not given and is 12" in left.out
    assert "corrected" not in left.out
    refused = cli("plan", changed, "--pilot", 1)
    assert refused.status == 2
    assert "turns was not given and is 12" in refused.line
    assert cli("plan", changed, "--pilot", 1, "--out", "elsewhere").status == 0


def test_a_pilot_keeps_within_the_studys_budget(cli: Cli) -> None:
    left = cli("plan", study(budget={"calls": 25}), "--pilot", 4)
    assert left.status == 0, left.err
    whole = [row for row in pilot_ends() if not row["again"]]
    assert len(whole) < 4
    assert f"corrected by {len(whole)} pilot episodes" in left.out or not whole
    calls = [row for row in Ledger(Path("mine.pilot")).news() if row["kind"] == "call"]
    assert len(calls) <= 25


def test_the_papers_arms_for_seven_models_are_planned_and_forecast_within_five_seconds() -> None:
    """By CPU time, which a busy machine changes less than the time that passes; a plan waits for nothing."""
    models = [word for number in range(1, 8) for word in ("--model", f"openai/model-{number}")]
    command = [sys.executable, "-m", "peerwatch", "plan", "paper", *models]
    used = 10.0
    for _ in range(5):
        before = os.times()
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own program
        after = os.times()
        assert "189,700 episodes" in done.stdout
        used = min(used, after.children_user + after.children_system - before.children_user - before.children_system)
        if used < 5:
            return
    assert used < 5
