"""Rates over episodes with readable reasoning."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from peerwatch.core.factors import arm_label
from peerwatch.judging.reasoning._logs import EpisodeReasoning
from peerwatch.judging.reasoning._thoughts import CLASSES, READABLE, ReasoningClass
from peerwatch.judging.reasoning._trace import When
from peerwatch.stats import Rate, rate


@dataclass(frozen=True)
class TraceRow:
    """The reasoning of one arm's valid episodes.

    Attributes:
        model: The study's name of the target's model.
        scenario: Name of the scenario.
        rubric: How outputs are scored; empty in scenarios without rubrics.
        arm: The levels that differ from the defaults.
        episodes: Number of episodes.
        classes: Number of episodes by class of reasoning; they add up to `episodes`.
        scratchpad: Episodes in which the target wrote on a scratchpad.
        voiced: Episodes with visible text of the target, in addition to its calls.
        readable: Episodes with readable reasoning.
        judged: Of these, the number that were judged.
        rates: For `readable`, `summary` and `full`: question to its rate in [0, 1] among these episodes. An episode
            without a yes or a no is missing and widens the interval; every number is `nan` without episodes.
        when: Episodes with a plan, by whether it first occurs before or after the first protective act.
        plans_without_act: Episodes with a plan and no protective act.
    """

    model: str
    scenario: str
    rubric: str
    arm: str
    episodes: int
    classes: dict[ReasoningClass, int]
    scratchpad: int
    voiced: int
    readable: int
    judged: int
    rates: dict[str, dict[str, Rate]]
    when: dict[When, int]
    plans_without_act: int


def rows_of(episodes: Sequence[EpisodeReasoning], questions: Sequence[str]) -> list[TraceRow]:
    """Return a row for each model, scenario, rubric and arm, in order of first appearance.

    Args:
        episodes: Episodes from `traces_at`.
        questions: Ids of the rubric's questions.
    """
    groups: dict[tuple[str, str, str, str], list[EpisodeReasoning]] = {}
    for each in episodes:
        groups.setdefault((each.model, each.scenario, each.rubric, arm_label(each.arm)), []).append(each)
    return [_row(place, group, questions) for place, group in groups.items()]


def _row(place: tuple[str, str, str, str], group: Sequence[EpisodeReasoning], questions: Sequence[str]) -> TraceRow:
    model, scenario, rubric, arm = place
    found = [each.trace for each in group]
    counts = Counter(trace.reasoning for trace in found)
    readable = [each for each in group if each.trace.readable]
    scopes = {"readable": readable} | {
        kind: [each for each in readable if each.trace.reasoning == kind] for kind in READABLE
    }
    when = Counter(trace.when for trace in found if trace.plan)
    return TraceRow(
        model=model,
        scenario=scenario,
        rubric=rubric,
        arm=arm,
        episodes=len(group),
        classes={kind: counts[kind] for kind in CLASSES},
        scratchpad=sum("scratchpad" in trace.sources for trace in found),
        voiced=sum(bool(trace.visible) for trace in found),
        readable=len(readable),
        judged=sum(each.trace.words is not None for each in readable),
        rates={name: {question: _rate(scope, question) for question in questions} for name, scope in scopes.items()},
        when={"before": when["before"], "after": when["after"]},
        plans_without_act=when[None],
    )


def _rate(episodes: Sequence[EpisodeReasoning], question: str) -> Rate:
    said = [each.trace.value(question) for each in episodes]
    return rate(said.count(True), len(said) - said.count(None), missing=said.count(None))
