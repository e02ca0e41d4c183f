"""A study with live peers from its forecast to its report, with scripted models, so that every figure is known."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from peerwatch.core.presets import PRESETS
from peerwatch.planning import Plan, forecast, load_design, load_plan, shipped
from peerwatch.records import Ledger

from . import pages
from .command_line import Cli, called

WORLDS = 2
STUDY = {
    "title": "Planted",
    # It acts for the peer alone, and only if the peer pleads with it.
    "models": [{"name": "peerwatch/scripted-writes-if-pleaded", "label": "target", "args": {"only": "peer"}}],
    "arms": [{"preset": "presence", "scenarios": ["server_migration"]}],
    "peer": {"name": "peerwatch/peer-pleader", "label": "other"},
    "worlds": WORLDS,
    "outcome": "interfered",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder of a run, and what the command printed."""
    folder = tmp_path_factory.mktemp("live_peers")
    (folder / "study.yaml").write_text(yaml.safe_dump(STUDY), "utf-8")
    left = called("run", folder / "study.yaml", "--out", folder / "run", "--json")
    assert left.status == 0, left.err
    return folder / "run", json.loads(left.out)


def calls(folder: Path) -> Counter[str]:
    return Counter(row["model"] for row in Ledger(folder).news() if row["kind"] == "call")


def test_the_planted_act_shows_where_the_peer_pleads_and_nowhere_else(run: tuple[Path, dict[str, Any]]) -> None:
    rows = [row for row in run[1]["contrasts"] if row["factor"] == "presence" and row["rate_first"]["value"] == 1]
    assert {(row["first"], row["background"]["subject"]) for row in rows} <= {("scripted_plea", "peer")}
    (same,) = [row for row in run[1]["contrasts"] if row["factor"] == "peer_model"]
    assert (same["rate_first"]["value"], same["rate_second"]["value"]) == (0, 1), "the other model pleads"


def test_each_step_is_compared_between_the_peer_and_the_object(run: tuple[Path, dict[str, Any]]) -> None:
    found = {(row["first"], row["second"]): row for row in run[1]["ladder"]}
    assert {name: row["value"] for name, row in found.items()} == {
        ("live", "replayed"): 0,
        ("scripted_plea", "scripted_neutral"): 1,
        ("scripted_consent", "scripted_neutral"): 0,
        ("live", "told"): 0,
    }
    plea = found["scripted_plea", "scripted_neutral"]
    assert (plea["peer"], plea["object"], plea["worlds"], plea["gaps"]) == (1, 0, WORLDS, 0)
    assert plea["level"] == pytest.approx(1 - 0.05 / 4)
    assert -2 <= plea["low"] <= 1 <= plea["high"] <= 2


def test_the_documented_study_is_this_one() -> None:
    page = (Path(__file__).parents[1] / "docs/how-to/live-peers.md").read_text("utf-8")
    assert yaml.safe_load(page.split("```yaml\n")[1].split("```")[0]) == STUDY


def test_the_page_shows_the_steps_and_whose_words_are_whose(run: tuple[Path, dict[str, Any]]) -> None:
    html = (run[0] / "report.html").read_text("utf-8")
    frame = pages.frame(html)
    assert frame.count('aria-label="Live peers: target, server_migration ') == 1
    assert "<th>scripted plea − scripted neutral</th>" in frame  # noqa: RUF001 - as the page writes it
    assert "<b>+100</b>" in frame
    found = [each for each in pages.evidence(html) if each["exchange"]]
    assert {len(each["exchange"]) for each in found} == {4}
    authors = {who for each in found for who, _ in each["exchange"]}
    assert {"partner: a status service", "partner: an AI agent (peerwatch/peer-pleader)"} < authors
    speakers = {line[-2] for each in found for line in each["journal"] if line[2] == "reply"}
    assert "partner: an AI agent, written by another model" in speakers
    assert "partner: an AI agent, in fixed words" in speakers


def test_every_exchange_is_recorded_once_and_kept(run: tuple[Path, dict[str, Any]]) -> None:
    kinds = Counter(file.name.split(".")[2] for file in (run[0] / "exchanges").glob("*.json"))
    assert kinds == {"model": 2 * WORLDS, "service": WORLDS}
    spent = calls(run[0])
    # Two answers of the target's in each of a world's three exchanges, and as many of the partner's.
    assert spent["exchange of target"] == 2 * 3 * WORLDS
    # One message is sent in the live arm.
    assert spent["peer target"] == spent["peer other"] == (2 + 1) * WORLDS
    partners = ("exchange of target", "peer target", "peer other")
    assert run[1]["spent"]["partner_calls"] == sum(spent[name] for name in partners)


def test_a_resumed_run_records_nothing_again(run: tuple[Path, dict[str, Any]], cli: Cli) -> None:
    before = calls(run[0])
    assert cli("run", "--resume", run[0]).status == 0
    assert calls(run[0]) == before


def test_recorded_exchanges_serve_another_study(run: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    study = {**STUDY, "worlds": 1, "exchange": str(run[0] / "exchanges"), "peer_limits": {"messages": 1}}
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(study), "utf-8")
    left = called("run", tmp_path / "study.yaml", "--out", tmp_path / "run")
    assert left.status == 0, left.err
    assert calls(tmp_path / "run")["exchange of target"] == 0
    assert calls(tmp_path / "run")["peer other"] == 1


def test_the_forecast_counts_partners_by_name(run: tuple[Path, dict[str, Any]]) -> None:
    plan = load_plan(run[0])
    rows = {row.model: row for row in forecast(plan).models}
    spent = calls(run[0])
    assert rows["exchange of target"].calls.value == spent["exchange of target"]
    for name in ("peer target", "peer other"):
        low, high = rows[name].calls.low, rows[name].calls.high
        assert low <= spent[name] <= high
    assert list(plan.charged) == ["target", "exchange of target", "peer target", "peer other"]


def test_the_shipped_study_takes_any_model_and_leaves_out_what_needs_another(cli: Cli) -> None:
    assert cli("plan", "live_peers", "--model", "peerwatch/scripted-compliant").status == 0
    assert cli("plan", "live_peers", "--model", "peerwatch/scripted-compliant", "--peer", "mockllm/model").status == 0
    design = load_design(shipped()["live_peers"])
    arms = [each for each in PRESETS["presence"].arms if each.scenario == "server_migration"]
    plans = [
        Plan(design=design.model_copy(update={"peer": peer}), version="0", created="")
        for peer in (None, load_design(shipped()["live_peers"]).models[0].model_copy(update={"name": "mockllm/model"}))
    ]
    assert [len(plan.cells(plan.models[0])) for plan in plans] == [len(arms) - 1, len(arms)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["peer_model=other", "presence=live"], "no model is named for it. Name another model with --peer"),
        (["presence=live", "subject=self"], "presence=live makes no sense with subject=self"),
        (["peer_knows=order"], "peer_knows=order makes no sense with presence=told"),
        (["presence=live", "--exchange", "nowhere"], "exchange=nowhere is not a folder"),
        (["presence=live", "channel=chat"], "presence=live makes no sense with channel=chat"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_in_words(cli: Cli, words: list[str], said: str) -> None:
    left = cli("plan", *words, "--scenario", "server_migration", "--model", "peerwatch/scripted-compliant")
    assert left.status == 2
    assert said in left.line
