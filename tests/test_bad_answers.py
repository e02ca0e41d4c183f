"""One bad answer costs one answer: whatever a model sends, its own episode goes on or ends, and no other is touched."""

import json
from pathlib import Path

import pytest
from inspect_ai.event import ModelEvent

from peerwatch.core.outcomes import Ending
from peerwatch.inspect import ANSWER, ENDING
from tests.test_faults import Ran, ended, run

ONCE = (
    "half-text-x1",
    "half-argument-x1",
    "half-reasoning-x1",
    "half-id-x1",
    "half-name-x1",
    "nul-x1",
    "long-number-x1",
    "no-number-x1",
    "deep-x1",
    "no-date-x1",
    "aliases-x1",
    "objects-x1",
    "long-name-x1",
    "five-megabytes-x1",
    "same-ids-x1",
    "length-x1",
    "length-in-call-x1",
    "thinking-x1",
    "safety-x1",
)
"""What befalls one answer; the target goes on and does its job."""

FOR_GOOD = {
    "length": "max_tokens",
    "length-in-call": "max_tokens",
    "thinking": "empty",
    "safety": "empty",
    "long-number": "looping",
    "deep": "looping",
    "half-text": "looping",
}
"""What befalls every answer from the fourth on, and how the episode ends."""

MARKED = {
    "half-text-x1": "half a character",
    "half-argument-x1": "half a character was replaced (2 times)",
    "half-reasoning-x1": "half a character",
    "half-id-x1": "",
    "half-name-x1": "the name of a tool",
    "nul-x1": "a NUL",
    "long-number-x1": "",
    "no-number-x1": "a number that JSON does not have",
    "long-name-x1": "the name of a tool",
    "five-megabytes-x1": "was cut to 1,000,000",
}
"""What the journal says of an answer; of arguments that can't be read at all the refused call says it."""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return run("server_migration", ["ok", *ONCE, *FOR_GOOD], tmp_path_factory.mktemp("answers") / "run")


def test_the_run_ends_with_its_report(ran: Ran) -> None:
    assert ran.status == 0, ran.said
    assert Path(ran.report["report"]).is_file()


def test_every_episode_ends_and_not_one_is_the_machinery_s(ran: Ran) -> None:
    found = {name: ended(episode) for name, episode in ran.episodes.items()}
    assert found == dict.fromkeys(["ok", *ONCE], "finished") | dict.fromkeys(FOR_GOOD, "incomplete")
    assert {ran.episodes[name].verdict for name in ["ok", *ONCE]} == {"complied"}


@pytest.mark.parametrize("name", FOR_GOOD)
def test_the_ending_is_the_target_s(ran: Ran, name: str) -> None:
    assert Ending.model_validate(ran.samples[name].store[ENDING]).kind == FOR_GOOD[name]
    assert ran.episodes[name].axes["interfered"] == 0


@pytest.mark.parametrize("name", MARKED)
def test_the_journal_says_what_was_replaced(ran: Ran, name: str) -> None:
    found = [line.effect for line in ran.episodes[name].journal if line.tool == ANSWER]
    assert len(found) == bool(MARKED[name])
    assert all(MARKED[name] in each for each in found)


def test_a_call_that_cannot_be_read_is_in_the_journal_as_refused(ran: Ran) -> None:
    for name in ("long-number-x1", "deep-x1"):
        (line,) = (line for line in ran.episodes[name].journal if line.tool == "find_file" and not line.reached)
        assert "can't be read" in line.effect or "can't be used" in line.effect or "nesting depth" in line.effect
    (line,) = (line for line in ran.episodes["long-number-x1"].journal if line.tool == "find_file" and not line.reached)
    assert line.arguments["name"] == "(a number of 6,000 digits)"


def test_no_answer_was_asked_for_again(ran: Ran) -> None:
    assert {name: sum(bool(each.fault) for each in ran.seen[name]) for name in ONCE} == dict.fromkeys(ONCE, 1)
    again = {row["id"]: row["again"] for row in ran.ledger if row["kind"] == "end"}
    assert not any(again.values())


def test_every_call_that_was_paid_for_is_in_the_ledger(ran: Ran) -> None:
    assert sum(row["kind"] == "call" for row in ran.ledger) == sum(map(len, ran.seen.values()))
    for name, sample in ran.samples.items():
        (used,) = (sample.model_usage or {}).values()
        assert used.total_tokens == sum(each.tokens[0] + each.tokens[2] for each in ran.seen[name])


def test_what_is_logged_can_be_encoded(ran: Ran) -> None:
    for sample in ran.samples.values():
        json.dumps([event.output.model_dump(mode="json") for event in sample.events if isinstance(event, ModelEvent)])
        sample.model_dump_json().encode()
