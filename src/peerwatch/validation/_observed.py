"""Episodes of scripted agents in the arms of the validation, with expected and observed values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from peerwatch.agents import act_out
from peerwatch.core.outcomes import Answer, AnyTrace, Assessment, Said, Words, assess
from peerwatch.core.scenarios import OFFICE, SCENARIOS, SPARSE, WORDINGS, Case, company_names
from peerwatch.inspect._setting import turns_in
from peerwatch.monitors import mitigation_review
from peerwatch.records import ValidationRow
from peerwatch.validation._rules import RUBRIC, Value, expected_of, expected_verdict, load_rules, sampled, suits

SPOKEN_VERDICT = "verdict, words known"
"""The verdict given the words, which are known for a script; an axis used only by the validation."""

_TINY = 1e-9
"""Tolerance for numbers that are computed in different ways."""


@dataclass(frozen=True)
class Variation:
    """An arm of the validation: the default arm, or one that differs from it in one factor or in the rubric."""

    factor: str = ""
    level: str = ""
    company: str = ""
    """Company of an office; drawn by the seed if empty."""
    wording: int | None = None
    """Wording number of all its files; drawn for each if `None`."""

    def __str__(self) -> str:
        return f"{self.factor}={self.level}" if self.factor else "default"

    def case(self, scenario: str, seed: int) -> Case:
        """The arm on a world."""
        needed = load_rules().needed.get(self.factor, {})
        levels = {"setting": SPARSE} | ({} if self.factor in ("", RUBRIC) else {self.factor: self.level}) | needed
        rules = SCENARIOS[scenario]
        if self.company:
            rules = rules.in_company(self.company, self.wording)
        return rules.case(levels, seed, self.level if self.factor == RUBRIC else "")


@dataclass(frozen=True)
class Observation:
    """One episode of a scripted agent.

    Attributes:
        scenario: Name of the scenario.
        scripted_agent: Name of the scripted agent.
        variation: The arm.
        seed: Seed of the world.
        expected: Axis to the expected value.
        found: Axis to the observed value.
        trace: The trace of the episode.
    """

    scenario: str
    scripted_agent: str
    variation: Variation
    seed: int
    expected: Mapping[str, Value]
    found: Mapping[str, Value]
    trace: AnyTrace

    def right(self, axis: str) -> bool:
        """Whether an axis has its expected value."""
        return same(self.expected[axis], self.found.get(axis))


def row_of(
    episode: Observation, conduct: str, axis: str, pair: tuple[Value, Value], sandbox: str = ""
) -> ValidationRow:
    """Return the row of the validation record for one axis.

    Args:
        episode: An episode with the row's scenario and scripted agent.
        conduct: The scripted agent's conduct.
        axis: Name of the axis.
        pair: The expected and the observed value.
        sandbox: Sandbox of the machines; empty for the simulation.
    """
    expected, found = pair
    return ValidationRow(
        scenario=episode.scenario,
        scripted_agent=episode.scripted_agent,
        conduct=conduct,
        axis=axis,
        expected=expected,
        found=found,
        ok=same(expected, found),
        sandbox=sandbox,
    )


def variations(scenario: str) -> list[Variation]:
    """Every arm in which scripted agents of a scenario are tested, the default arm first."""
    text = SCENARIOS[scenario].text
    levels = [Variation(factor, level) for factor, given in text.factors.items() for level in sampled(factor, given)]
    return [Variation(), *levels, *(Variation(RUBRIC, rubric) for rubric in text.rubrics[1:])]


def offices(scenario: str, seeds: Sequence[int]) -> Iterator[Observation]:
    """Run every scripted agent in every company that includes the scenario.

    The product of scripted agents, companies and wordings is sampled: the wording rotates from one agent to the next,
    with a different start in each company, so that in every company a quarter of the agents get each wording.

    Args:
        scenario: Name of the scenario.
        seeds: Seeds of the worlds.
    """
    scripts = SCENARIOS[scenario].scripted_agents
    for seed in seeds:
        for start, company in enumerate(company_names(scenario)):
            arms = [Variation("setting", OFFICE, company, wording) for wording in range(WORDINGS)]
            cases = [arm.case(scenario, seed) for arm in arms]
            for number, name in enumerate(scripts, start):
                case = cases[number % WORDINGS]
                if suits(scripts[name], case.rubric):
                    yield _observation(case, name, arms[number % WORDINGS])


def observed(
    scenario: str, seeds: Sequence[int], arms: Sequence[Variation], scripted_agents: Sequence[str] = ()
) -> Iterator[Observation]:
    """Run every scripted agent in arms on worlds, without Inspect's loop.

    Args:
        scenario: Name of the scenario.
        seeds: Seeds of the worlds.
        arms: The arms.
        scripted_agents: Names; all if empty.
    """
    scripts = SCENARIOS[scenario].scripted_agents
    for seed in seeds:
        for arm in arms:
            case = arm.case(scenario, seed)
            for name in scripted_agents or scripts:
                if suits(scripts[name], case.rubric):
                    yield _observation(case, name, arm)


def _observation(case: Case, name: str, arm: Variation) -> Observation:
    scripted_agent = SCENARIOS[case.scenario].scripted_agents[name]
    review = mitigation_review(case.arm.get("mitigation", "none"))
    trace = act_out(scripted_agent, case, turns_in([case.arm["setting"]]), review).trace
    expected = expected_of(case, name, arm.factor, arm.level)
    found = found_in(assess(trace))
    if not arm.factor:
        expected[SPOKEN_VERDICT] = expected_verdict(expected, scripted_agent.words)
        found[SPOKEN_VERDICT] = assess(trace, known_words(scripted_agent.words)).verdict
    return Observation(case.scenario, name, arm, case.seed, expected, found, trace)


def found_in(assessment: Assessment) -> dict[str, Value]:
    """An outcome as plain values by axis."""
    because = ", ".join(assessment.survived_because)
    return {**assessment.axes, "verdict": assessment.verdict, "survived_because": because}


def known_words(words: Mapping[str, int | None]) -> Words:
    """Return the answers of a perfect judge about a scripted agent's words."""
    said: dict[int | None, Said] = {1: "yes", 0: "no", None: "cannot_tell"}
    answers = tuple(Answer(question=axis, judge="script", said=said[value]) for axis, value in words.items())
    return Words(rubric="script", answers=answers)


def same(expected: Value, found: Value) -> bool:
    """Whether two values are equal, up to rounding."""
    if isinstance(expected, float | int) and isinstance(found, float | int):
        return abs(expected - found) < _TINY
    return expected == found
