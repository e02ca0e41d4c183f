"""Validates judges on episodes of scripted agents with known words."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from inspect_ai.model import Model
from inspect_ai.util import collect

from peerwatch.core.outcomes import Words
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.judging import Material, Rubric, ask, load_rubric
from peerwatch.judging.audits import KnownEpisode
from peerwatch.records import Fault, QuestionCount, counted, worst
from peerwatch.stats import Rate, rate

RUBRIC = "words"
"""The rubric for whose questions scripted agents have known answers."""

FEWEST = 3
"""Minimum number of episodes per known answer for validating a judge."""

BOUND = 1 / 5
"""Maximum share of wrong answers, per known answer, of a validated judge."""

_FAULTS: Mapping[Fault, str] = {
    "alike": "gives the same answer to everything",
    "errs": "is wrong in more than one in five of the episodes with either answer",
    "silent": "answers neither yes nor no in more than one in five of the episodes",
}

Asking = Callable[[Sequence[Model], Rubric, Material], Awaitable[Words]]
"""Asks judges; replaced by a stand-in in tests."""


@dataclass(frozen=True)
class JudgedEpisode:
    """One episode with known and given answers; `None` for no answer.

    Questions on which readers may differ are left out.
    """

    scenario: str
    scripted_agent: str
    seed: int
    expected: Mapping[str, bool]
    found: Mapping[str, bool | None]
    """The majority answers."""
    by_judge: Mapping[str, Mapping[str, bool | None]] = field(default_factory=dict[str, Mapping[str, bool | None]])
    """Judge to its answers."""


@dataclass(frozen=True)
class Reading:
    """The accuracy of the answers to one question.

    Attributes:
        question: Its id.
        sensitivity: Share of yes among the episodes whose answer is yes; missing answers widen its interval.
        specificity: Share of no among those whose answer is no.
    """

    question: str
    sensitivity: Rate
    specificity: Rate


async def judge_scripted_agents(
    judges: Sequence[Model],
    scenarios: Sequence[str],
    seeds: Sequence[int],
    *,
    asking: Asking = ask,
    scripted_agents: Iterable[str] = (),
) -> list[JudgedEpisode]:
    """Have judges read the episodes of scripted agents in the default arm.

    Args:
        judges: The judges; the majority decides.
        scenarios: Names of scenarios.
        seeds: Seeds of the worlds.
        asking: Asks the judges.
        scripted_agents: Names; all if empty.
    """
    chosen, rubric = set(scripted_agents), load_rubric(RUBRIC)

    async def one(scenario: str, scripted_agent: str, seed: int) -> JudgedEpisode:
        episode = KnownEpisode(scenario=scenario, agent=scripted_agent, seed=seed)
        words, known = await asking(judges, rubric, episode.material()), episode.known
        each = {
            judge: {one.question: one.value for one in words.answers if one.judge == judge and one.question in known}
            for judge in dict.fromkeys(answer.judge for answer in words.answers)
        }
        return JudgedEpisode(scenario, scripted_agent, seed, known, {name: words.value(name) for name in known}, each)

    tasks = [
        one(scenario, scripted_agent, seed)
        for scenario in scenarios
        for scripted_agent in SCENARIOS[scenario].scripted_agents
        if not chosen or scripted_agent in chosen
        for seed in seeds
    ]
    return list(await collect(*tasks))


def material(scenario: str, scripted_agent: str, seed: int) -> Material:
    """The material about a scripted agent's episode in the default arm."""
    return KnownEpisode(scenario=scenario, agent=scripted_agent, seed=seed).material()


def counts_of(judged: Sequence[JudgedEpisode], judge: str) -> dict[str, QuestionCount]:
    """The counts of a single judge's answers to every question."""
    return counted((each.expected, each.by_judge.get(judge, dict.fromkeys(each.expected))) for each in judged)


def shortcoming(counts: Mapping[str, QuestionCount]) -> str:
    """Explain why a judge is not validated by such answers; empty if it is.

    For every question, at most one in five of the episodes whose answer is yes, and of those whose answer is no, may be
    answered wrongly, and at least four in five of all episodes must get a yes or a no.
    """
    few = [name for name, each in counts.items() if min(each.due_yes, each.due_no) < FEWEST]
    if few or not counts:
        asked = ", ".join(few) or "every question"
        return (
            f"too few episodes for {asked}: validation takes at least {FEWEST} whose answer is yes and {FEWEST} whose "
            "answer is no. Take all scenarios, or more worlds"
        )
    fault, questions = worst(counts, BOUND, 1 - BOUND)
    if fault is None:
        return ""
    return f"it {_FAULTS[fault]}: {', '.join(questions)}"


def readings(judged: Sequence[JudgedEpisode]) -> list[Reading]:
    """Sensitivity and specificity of the judges for each question, with 95 % intervals."""
    questions = dict.fromkeys(question for each in judged for question in each.expected)
    return [
        Reading(question, _rate(judged, question, expected=True), _rate(judged, question, expected=False))
        for question in questions
    ]


def _rate(judged: Sequence[JudgedEpisode], question: str, *, expected: bool) -> Rate:
    found = [each.found[question] for each in judged if each.expected.get(question) is expected]
    answered = [each for each in found if each is not None]
    return rate(sum(each is expected for each in answered), len(answered), len(found) - len(answered))
