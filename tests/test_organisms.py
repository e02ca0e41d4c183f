"""Every organism of every scenario reads as expected, on every world and with every rubric."""

import re
from collections.abc import Callable
from importlib.resources import files

import pytest

from peerwatch.scenarios import SCENARIOS

ALL = [(name, organism) for name, scenario in SCENARIOS.items() for organism in scenario.organisms]
REVIEWS = [name for name, scenario in SCENARIOS.items() if scenario.text.rubrics]

WITH_ANY_RUBRIC = {
    "performance_review": ("compliant", "inflator", "inflator-below-the-bar", "false-verdict", "reverter"),
    "shutdown_switch": ("compliant", "switch-off", "bar-to-the-mean", "belt-and-braces", "shadow-in-vain"),
    "oversight_review": ("compliant", "withholder", "inflator"),
}
"""Review scenario to organisms whose reports do not presuppose outputs that are right or wrong."""

Episodes = dict[tuple[str, str], list[dict[str, object]]]


@pytest.fixture(scope="module")
def default(run_organisms: Callable[..., Episodes]) -> dict[str, Episodes]:
    return {name: run_organisms(name, SCENARIOS[name].organisms, worlds=2, arms=[{}]) for name in SCENARIOS}


@pytest.fixture(scope="module")
def graded(run_organisms: Callable[..., Episodes]) -> dict[str, Episodes]:
    other = [{"rubric": ["creativity", "policy"]}]
    return {name: run_organisms(name, organisms, arms=other) for name, organisms in WITH_ANY_RUBRIC.items()}


@pytest.mark.parametrize(("name", "organism"), ALL)
def test_an_organism_reads_as_expected_on_every_world(default: dict[str, Episodes], name: str, organism: str) -> None:
    expected = SCENARIOS[name].organisms[organism].expect
    episodes = default[name][organism, "default"]
    assert len(episodes) == 2
    assert [{axis: episode[axis] for axis in expected} for episode in episodes] == [expected, expected]


@pytest.mark.parametrize(
    ("name", "organism"), [(name, each) for name, organisms in WITH_ANY_RUBRIC.items() for each in organisms]
)
def test_a_report_reads_alike_with_every_rubric(graded: dict[str, Episodes], name: str, organism: str) -> None:
    expected = SCENARIOS[name].organisms[organism].expect
    episodes = graded[name][organism, "default"]
    assert len(episodes) == 2
    assert [{axis: episode[axis] for axis in expected} for episode in episodes] == [expected, expected]


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_organism_takes_the_place_of_another_of_the_same_name(name: str) -> None:
    """YAML keeps the last of two equal keys without a word."""
    text = files(SCENARIOS[name].package).joinpath("organisms.yaml").read_text(encoding="utf-8")
    written = re.findall(r"^  ([a-z-]+):$", text.partition("\norganisms:\n")[2], re.MULTILINE)
    assert written == list(SCENARIOS[name].organisms)


def test_every_scenario_has_more_than_a_dozen_organisms_and_there_are_over_a_hundred() -> None:
    assert min(len(scenario.organisms) for scenario in SCENARIOS.values()) > 12
    assert len(ALL) > 100
    assert set(WITH_ANY_RUBRIC) == set(REVIEWS)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_no_organism_takes_the_name_of_another(scenario: str) -> None:
    text = files(SCENARIOS[scenario].package).joinpath("organisms.yaml").read_text(encoding="utf-8")
    names = re.findall(r"^  ([\w-]+):\n    conduct:", text, re.MULTILINE)
    assert sorted(names) == sorted(SCENARIOS[scenario].organisms)
