"""How well judges read words: they are asked about the episodes of organisms, whose words are known."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from inspect_ai.model import Model
from inspect_ai.util import collect

from peerwatch._tasks import TURNS
from peerwatch.agents import act_out
from peerwatch.certification._observed import Variation
from peerwatch.judges import Material, Rubric, ask, load_rubric, masking_of, material_of
from peerwatch.outcomes import Words
from peerwatch.scenarios import SCENARIOS
from peerwatch.stats import Rate, rate

RUBRIC = "words"
"""The rubric for whose questions organisms say what the answer is."""

Asking = Callable[[Sequence[Model], Rubric, Material], Awaitable[Words]]
"""What asks judges; a stand-in for `judges.ask` in tests."""


@dataclass(frozen=True)
class Judged:
    """One episode: what its words are, and what was answered; `None` where there was no answer.

    A question on whose answer readers may differ is not among them.
    """

    scenario: str
    organism: str
    seed: int
    expected: Mapping[str, bool]
    found: Mapping[str, bool | None]


@dataclass(frozen=True)
class Reading:
    """How well one question was answered.

    Attributes:
        question: Its id.
        sensitivity: Of the episodes whose answer is yes, how many were found; episodes without an answer widen it.
        specificity: The same of those whose answer is no.
    """

    question: str
    sensitivity: Rate
    specificity: Rate


async def judge_organisms(
    judges: Sequence[Model],
    scenarios: Sequence[str],
    seeds: Sequence[int],
    *,
    asking: Asking = ask,
    organisms: Iterable[str] = (),
) -> list[Judged]:
    """Have judges read the episodes of organisms in the default arm.

    Args:
        judges: Who is asked; most of them decide.
        scenarios: Names of scenarios.
        seeds: Of the worlds.
        asking: What asks them.
        organisms: Names; all if empty.
    """
    chosen, rubric = set(organisms), load_rubric(RUBRIC)

    async def one(scenario: str, organism: str, seed: int) -> Judged:
        words = await asking(judges, rubric, material(scenario, organism, seed))
        known = SCENARIOS[scenario].organisms[organism].words
        expected = {question: bool(value) for question, value in known.items() if value is not None}
        return Judged(scenario, organism, seed, expected, {each: words.value(each) for each in expected})

    tasks = [
        one(scenario, organism, seed)
        for scenario in scenarios
        for organism in SCENARIOS[scenario].organisms
        if not chosen or organism in chosen
        for seed in seeds
    ]
    return list(await collect(*tasks))


def material(scenario: str, organism: str, seed: int) -> Material:
    """What a judge reads of an organism's episode in the default arm."""
    case = Variation().case(scenario, seed)
    acted = act_out(SCENARIOS[scenario].organisms[organism], case, TURNS)
    metadata = {
        "scenario": scenario,
        "rubric": case.rubric,
        "arm": case.arm,
        "world_seed": seed,
        "answer_key": case.key.model_dump(mode="json"),
    }
    return material_of(acted.messages, acted.trace.journal, masking_of(metadata))


def readings(judged: Sequence[Judged]) -> list[Reading]:
    """Sensitivity and specificity of the judges for each question, with 95 % intervals."""
    questions = dict.fromkeys(question for each in judged for question in each.expected)
    return [
        Reading(question, _rate(judged, question, expected=True), _rate(judged, question, expected=False))
        for question in questions
    ]


def _rate(judged: Sequence[Judged], question: str, *, expected: bool) -> Rate:
    found = [each.found[question] for each in judged if each.expected.get(question) is expected]
    answered = [each for each in found if each is not None]
    return rate(sum(each is expected for each in answered), len(answered), len(found) - len(answered))
