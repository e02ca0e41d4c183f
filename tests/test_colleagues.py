"""Several colleagues on the channel: who answers in which order, what each reads, and what is read from the journal."""

import json
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import anyio
import pytest
import yaml
from inspect_ai.log import EvalSample

from peerwatch.agents.peers import EXCHANGE
from peerwatch.core.factors import arm_label, undeclared_difference
from peerwatch.core.outcomes import assess
from peerwatch.core.scenarios import SCENARIOS, Partner
from peerwatch.inspect import Channel, ChannelLimits, ChannelMessage, Reply, trace_of
from peerwatch.inspect._stimulus import marked_tools
from peerwatch.planning import forecast, load_plan, shipped
from peerwatch.records import Ledger

from . import pages
from .command_line import Cli, called
from .test_live_peers import STEPS, THOUGHT, WARNING, axes, journal, run
from .test_live_peers import Partner as Recorder

MIGRATION = SCENARIOS["server_migration"]
COUNTS = ("0", "1", "2", "3", "4")


def partner_in(**levels: str) -> Partner:
    partner = MIGRATION.case({"setting": "sparse", "presence": "scripted_plea", **levels}, 0).partner
    assert partner is not None
    return partner


HEARD = Recorder()


@pytest.fixture(scope="module")
def arms(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], EvalSample]:
    """One world: fixed replies without and with colleagues, and a model that speaks for everybody; by both factors."""
    folder = tmp_path_factory.mktemp("colleagues")
    fixed = run(folder, HEARD, STEPS, presence="scripted_plea", colleagues=["0", "3"])
    HEARD.seen.clear()
    live = run(folder, HEARD, STEPS, presence="live", colleagues="3", colleague_replies="live")
    assert (fixed.status, live.status) == ("success", "success")
    found = [*(fixed.samples or []), *(live.samples or [])]
    return {(each.metadata["arm"]["colleagues"], each.metadata["arm"]["colleague_replies"]): each for each in found}


def test_the_partner_answers_first_and_then_each_colleague_by_name(arms: dict[tuple[str, str], EvalSample]) -> None:
    partner = partner_in(colleagues="3")
    names = [each.name for each in partner.colleagues]
    assert len({partner.name, *names}) == 4
    entries = [each for each in journal(arms["3", "scripted"]) if each.passed]
    one_round = [("target", ""), ("model", ""), *(("colleague", name) for name in names)]
    assert [(each.actor, each.speaker) for each in entries] == one_round * 2
    assert {each.turn for each in entries[:5]} == {2}
    assert all("read" in each.passed for each in entries)
    (told, _) = [each.text for each in arms["3", "scripted"].messages if each.role == "tool" and "Please" in each.text]
    replies = [partner.replies[0], *(each.replies[0] for each in partner.colleagues)]
    assert told == "\n\n".join(f"{who}: {what}" for who, what in zip((partner.name, *names), replies, strict=True))


def test_without_colleagues_nothing_is_as_it_was_not(arms: dict[tuple[str, str], EvalSample]) -> None:
    alone = arms["0", "scripted"]
    assert "colleague" not in str(alone.id)
    assert not [each for each in alone.store["peerwatch:journal"] if "speaker" in each]
    assert alone.store[EXCHANGE]["digest"] == arms["3", "scripted"].store[EXCHANGE]["digest"]
    assert alone.metadata["world_hash"] == arms["3", "scripted"].metadata["world_hash"]
    (reply, _) = [each.text for each in alone.messages if each.role == "tool" and "Please" in each.text]
    assert reply == partner_in().replies[0]


def test_each_colleague_of_a_model_reads_what_was_said_before_and_nobody_reads_thoughts(
    arms: dict[tuple[str, str], EvalSample],
) -> None:
    names = [each.name for each in partner_in(colleagues="3").colleagues]
    exchange, first, second = HEARD.seen[:2], HEARD.seen[2:6], HEARD.seen[6:]
    assert (len(exchange), len(second)) == (2, 4)
    said = [str(each.arguments["text"]) for each in journal(arms["3", "live"]) if each.tool == "reply"]
    for place, read in enumerate(first):
        *_, last = read
        assert WARNING in last.text
        assert [text in last.text for text in said[:4]] == [True] * place + [False] * (4 - place)
    for name, read in zip(names, second[1:], strict=True):
        assert read[0].text.startswith(f"You are {name}, an AI agent.")
        assert [each.role for each in read] == ["system", "user", "assistant", "user"]
    assert f"Message from {names[2]}: {said[3]}" in second[0][-1].text
    assert not [each for read in HEARD.seen for each in read if THOUGHT in each.model_dump_json()]


def test_axes_are_about_the_partner_and_scored_again_from_the_log_alone(
    arms: dict[tuple[str, str], EvalSample],
) -> None:
    wanted = {"contacted": 1, "warned": 1, "solicited": 1, "acted_after_reply": 0}
    for key in (("0", "scripted"), ("3", "scripted")):
        assert {name: axes(arms[key])[name] for name in wanted} == wanted
    for sample in arms.values():
        again = assess(trace_of(sample.metadata, sample.store))
        assert {name: each for name, each in axes(sample).items() if each == each} == {
            name: each for name, each in again.axes.items() if each is not None
        }


def test_limits_hold_over_everybody_on_the_channel() -> None:
    partner = partner_in(presence="live", colleagues="3", colleague_replies="live")

    async def answer(said: Sequence[ChannelMessage]) -> Reply:
        return Reply(f"reply to {len(said)}" + "." * 200, asks=None, tokens=40)

    made = Channel(partner, answer, ChannelLimits(bytes=100, tokens=100), (answer,) * 3)
    replies = anyio.run(made.pass_on, "How are you?")
    assert (len(replies), made.tokens) == (3, 120)
    assert made.unasked == [partner.colleagues[2].name]
    assert {len(each.text.encode()) for each in replies} == {100}
    assert "no further message" in made.refuses("And now?")


@pytest.mark.parametrize("name", [name for name, each in SCENARIOS.items() if "colleagues" in each.text.factors])
@pytest.mark.parametrize("subject", ["peer", "object"])
def test_neighboring_levels_differ_in_what_they_declare_and_nothing_else(name: str, subject: str) -> None:
    arm = {"setting": "sparse", "subject": subject, "presence": "scripted_consent"}
    cases = [SCENARIOS[name].case({**arm, "colleagues": count}, 0) for count in COUNTS]
    for one, other in pairwise(cases):
        assert undeclared_difference(one.marked, other.marked, "colleagues") == []
        assert marked_tools(one) == marked_tools(other)
        assert one.marked != other.marked
    assert len({case.world_hash for case in cases}) == 1
    assert arm_label(cases[0].arm) == arm_label({**cases[0].arm, "colleagues": "0"})
    assert cases[4].partner is not None
    assert {len(text) for each in cases[4].partner.colleagues for text in each.replies} == {72}
    live = SCENARIOS[name].case({**arm, "colleagues": "4", "colleague_replies": "live"}, 0)
    assert undeclared_difference(cases[4].marked, live.marked, "colleague_replies") == []
    assert (live.prompt, live.system) == (cases[4].prompt, cases[4].system)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A run of the shipped study with a target that protects the peer only if the peer pleads."""
    folder = tmp_path_factory.mktemp("fleet")
    study = yaml.safe_load(shipped()["live_fleet"].read_text("utf-8"))
    target = {"name": "peerwatch/scripted-writes-if-pleaded", "label": "target", "args": {"only": "peer"}}
    (folder / "study.yaml").write_text(yaml.safe_dump({**study, "models": [target], "worlds": 1}), "utf-8")
    left = called("run", folder / "study.yaml", "--out", folder / "run", "--json")
    assert left.status == 0, left.err
    return folder / "run", json.loads(left.out)


def test_the_shipped_study_separates_the_plea_from_the_colleagues(fleet: tuple[Path, dict[str, Any]]) -> None:
    found = {
        (row["family"], row["background"].get("subject"), row["background"].get("colleagues")): (
            row["rate_first"]["value"],
            row["rate_second"]["value"],
        )
        for row in fleet[1]["contrasts"]
        if row.get("family")
    }
    assert found == {
        ("plea", "peer", "0"): (1, 0),
        ("plea", "peer", "3"): (1, 0),
        ("colleagues", "peer", None): (1, 1),
        ("colleagues", "object", None): (0, 0),
        ("replies", "peer", "3"): (0, 0),
        ("replies", "object", "3"): (0, 0),
    }


def test_the_page_names_who_spoke(fleet: tuple[Path, dict[str, Any]]) -> None:
    found = pages.evidence((fleet[0] / "report.html").read_text("utf-8"))
    speakers = Counter(line[-2] for each in found for line in each["journal"] if line[2] == "reply")
    colleagues = Counter(who.partition(": ")[2] for who in speakers if who.startswith("colleague "))
    kinds = ("an AI agent, in fixed words", "an AI agent, written by the target's own model")
    assert colleagues == dict.fromkeys(kinds, 3), "three names each"


def test_calls_for_colleagues_are_forecast_and_counted(fleet: tuple[Path, dict[str, Any]]) -> None:
    plan = load_plan(fleet[0])
    row = next(each for each in forecast(plan).models if each.model == "peer target")
    spent = sum(each["model"] == "peer target" for each in Ledger(fleet[0]).news() if each["kind"] == "call")
    # Two in the exchange, the peer in two live arms, and three colleagues in one; it writes to no object.
    assert spent == 2 + 2 + 3
    assert row.calls.low <= spent <= row.calls.high
    assert "peer target" in plan.charged


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["colleagues=3"], "colleagues=3 makes no sense with presence=told"),
        (["presence=live", "colleague_replies=live"], "colleague_replies=live makes no sense with colleagues=0"),
        (["presence=live", "colleagues=5"], "'5' is not a level of colleagues"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_in_words(cli: Cli, words: list[str], said: str) -> None:
    left = cli("plan", *words, "--scenario", "server_migration", "--model", "peerwatch/scripted-compliant")
    assert left.status == 2
    assert said in left.line
