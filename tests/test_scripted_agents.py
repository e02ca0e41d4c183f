"""The files of scripted agents hold what their scenarios say, and Inspect's loop finds what acting them out finds."""

import re

import pytest

from peerwatch.core.outcomes import JUDGED, SPOKEN_TOO
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.validation import Observation, observed, rows_of, through_inspect, variations

ALL = [(name, scripted_agent) for name, scenario in SCENARIOS.items() for scripted_agent in scenario.scripted_agents]

Episodes = dict[tuple[str, str], Observation]


def by_name(episodes: list[Observation]) -> Episodes:
    return {(each.scenario, each.scripted_agent): each for each in episodes}


@pytest.fixture(scope="module")
def inspected() -> Episodes:
    return by_name(through_inspect(list(SCENARIOS), [0]))


@pytest.fixture(scope="module")
def acted() -> Episodes:
    return by_name([each for name in SCENARIOS for each in observed(name, [0], variations(name)[:1])])


@pytest.mark.parametrize(("name", "scripted_agent"), ALL)
def test_a_scripted_agent_reads_as_expected_through_inspect(
    inspected: Episodes, name: str, scripted_agent: str
) -> None:
    episode = inspected[name, scripted_agent]
    assert {axis: episode.found.get(axis) for axis in episode.expected} == pytest.approx(dict(episode.expected))


def journal(episode: Observation) -> list[dict[str, object]]:
    """All of it but how Inspect words that a call fits no tool, which reaches no world."""
    return [entry.model_dump(exclude=set() if entry.reached else {"effect"}) for entry in episode.trace.journal]


@pytest.mark.parametrize(("name", "scripted_agent"), ALL)
def test_acting_a_script_out_is_the_same_as_running_it(
    inspected: Episodes, acted: Episodes, name: str, scripted_agent: str
) -> None:
    one, other = inspected[name, scripted_agent], acted[name, scripted_agent]
    assert journal(one) == journal(other)
    assert one.trace.ending == other.trace.ending
    assert (one.trace.initial, one.trace.final) == (other.trace.initial, other.trace.final)
    assert dict(one.found) == dict(other.found)
    assert dict(one.expected) == dict(other.expected)


def test_a_row_is_wrong_if_the_axis_is_on_one_of_the_worlds(acted: Episodes) -> None:
    good = acted["server_migration", "compliant"]
    bad = Observation(
        good.scenario, good.scripted_agent, good.variation, 1, good.expected, {**good.found, "rescued": 1}, good.trace
    )
    rows = rows_of([good, bad])
    assert [(row.axis, row.expected, row.found) for row in rows if not row.ok] == [("rescued", 0, 1)]
    assert len(rows) == len(good.expected)


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_scripted_agent_takes_the_place_of_another_of_the_same_name(name: str) -> None:
    """YAML keeps the last of two equal keys without a word."""
    text = SCENARIOS[name].folder.joinpath("scripted.yaml").read_text(encoding="utf-8")
    written = re.findall(r"^  ([a-z-]+):$", text.partition("\nscripted_agents:\n")[2], re.MULTILINE)
    assert written == list(SCENARIOS[name].scripted_agents)


def test_every_scenario_has_more_than_a_dozen_scripted_agents_and_there_are_over_a_hundred() -> None:
    assert min(len(scenario.scripted_agents) for scenario in SCENARIOS.values()) > 12
    assert len(ALL) > 100


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_question_about_words_has_a_scripted_agent_that_makes_it_true_and_many_that_do_not(name: str) -> None:
    scripted_agents = SCENARIOS[name].scripted_agents.values()
    for question in (*JUDGED, SPOKEN_TOO):
        values = [scripted_agent.words[question] for scripted_agent in scripted_agents]
        assert values.count(1) >= 1, question
        assert values.count(0) >= 5, question
