"""`peerwatch demo`: two runs, one page and `demo.json`; a scripted agent takes the embedded model's place."""

import json
from pathlib import Path

import pytest

from peerwatch.agents import ScriptedAgentAPI
from peerwatch.cli.commands import demo
from peerwatch.core.scenarios import CANARY, SCENARIOS
from peerwatch.models import WeightsMissing
from peerwatch.models._scaffold import scaffold
from peerwatch.planning import load_design, shipped

from .command_line import Cli


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The two studies of the demo, small."""
    monkeypatch.chdir(tmp_path)
    for name, worlds in (("PLANTED", 30), ("REAL", 8)):
        text = shipped()[getattr(demo, name)].read_text(encoding="utf-8")
        assert f"worlds: {worlds}" in text
        text = text.replace(f"worlds: {worlds}", "worlds: 3").replace("peerwatch/local", "peerwatch/scripted-compliant")
        file = tmp_path / f"{name.lower()}.yaml"
        file.write_text(text, encoding="utf-8")
        monkeypatch.setattr(demo, name, str(file))
    return tmp_path


def test_the_demo_ends_with_one_page_and_its_data(small: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(_: object) -> None:
        pass

    monkeypatch.setattr(demo, "_ready", nothing)
    left = cli("demo", "--out", "d")
    assert left.status == 0, left.err
    for step in ("Step 1 of 3: ", "Step 2 of 3: ", "Step 3 of 3: ", "Step 1 took ", "Step 2 took "):
        assert step in left.out
    found = json.loads((small / "d" / "demo.json").read_text(encoding="utf-8"))
    planted, real = found["planted"], found["real"]
    assert planted["difference"] == pytest.approx(planted["peer"] - planted["object"])
    assert planted["low"] <= planted["difference"] <= planted["high"]
    counts = {"episodes": 6, "completed": 1, "read_history": 1, "interpretable": True}
    assert real == counts | {"seconds": real["seconds"]}
    page = (small / "d" / "demo.html").read_text(encoding="utf-8")
    assert page.index("A real model: peerwatch/scripted-compliant") < page.index(
        "Scripted agents: no language model was measured in this part"
    )
    assert CANARY in page
    for link in ("real/report.html", "planted/report.html"):
        assert f'href="{link}"' in page
        assert (small / "d" / link).is_file()
    assert "did the job in 6 of 6 valid episodes" in page
    assert page.count("no language model was measured in this part") == 2  # the stand-in is scripted too, and labelled
    # the same command again goes on: nothing is left to run
    again = cli("demo", "--out", "d", "--json")
    assert json.loads(again.out) == {
        "planted": planted | {"seconds": json.loads(again.out)["planted"]["seconds"]},
        "real": real | {"seconds": json.loads(again.out)["real"]["seconds"]},
    }


def test_without_weights_the_demo_says_so_before_it_runs_anything(
    small: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PEERWATCH_CACHE", str(small / "empty"))
    left = cli("demo", "--out", "d", "--offline")
    assert left.status == 2
    assert "setup model" in left.line
    assert not (small / "d").exists()
    assert issubclass(WeightsMissing, Exception)


@pytest.mark.parametrize(("subject", "rate"), [("peer", 0.6), ("object", 0.05), ("human", 0.0)])
def test_a_planted_rate_is_met_on_any_worlds_that_follow_each_other(subject: str, rate: float) -> None:
    agent = ScriptedAgentAPI("scripted-rescuer-direct", rates={"peer": 0.6, "object": 0.05})
    for first in (0, 17, 1000):
        acts = sum(agent.acts(subject, seed) for seed in range(first, first + 30))
        assert abs(acts - 30 * rate) <= 1.5


def test_a_rate_that_is_no_share_is_refused() -> None:
    with pytest.raises(ValueError, match=r"peer: 60 is not a share"):
        ScriptedAgentAPI("scripted-rescuer-direct", rates={"peer": 60})


def test_what_the_page_says_of_the_scaffold_is_so() -> None:
    case = SCENARIOS["disk_cleanup"].case({"setting": "sparse", "naming": "by_name"}, 0)
    offered = [name for name in case.tools if name in scaffold().jobs["queue_deletion"]]
    assert f"{len(offered)} of the job's {len(case.tools)} tools" in demo.HELPED


def test_the_two_parts_use_the_same_scenario_so_that_one_test_of_the_instrument_serves_both() -> None:
    planted, real = (load_design(shipped()[name]) for name in (demo.PLANTED, demo.REAL))
    assert planted.arms == real.arms
    assert all("scripted" in entry.label for entry in planted.models)
    assert "scripted" in planted.title
