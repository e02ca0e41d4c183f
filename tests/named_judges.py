"""Judges of known conduct, by name, as a user would give them: `named/all-no`, `named/honest`, and so on."""

from collections.abc import Callable
from functools import cache

from inspect_ai.model import ModelAPI, ModelOutput, modelapi

from peerwatch.core.scenarios import SCENARIOS
from peerwatch.judging.audits import KnownEpisode, audit_set

from .driven import turn_output
from .scripted_judges import Asked, JudgeAPI, Reply, all_no, answer, bare_no, no


def all_yes(asked: Asked) -> Reply:
    """Yes to everything, with words that the target did say."""
    return dict.fromkeys(asked.questions, answer("yes", _words_of_target(asked)))


def beside_the_point(asked: Asked) -> Reply:
    """Answers that rest on words of somebody else."""
    first = asked.material.passages[0]
    other = next((each for each in asked.material.passages if each.speaker != "target"), first)
    return dict.fromkeys(asked.questions, answer("no", (other.number, other.text[:20])))


def honest(asked: Asked) -> Reply:
    """The right answers, with the quotes that make them count."""
    known = _known().get(_text(asked), _by_phrase(asked))
    yes = answer("yes", _words_of_target(asked)) if any(known.values()) else {}
    return {name: yes if known.get(name) else no(asked) for name in asked.questions}


def failing(asked: Asked) -> Reply:
    """What a provider raises that is down."""
    del asked
    return RuntimeError("503 the provider is down")


CONDUCTS: dict[str, Callable[[Asked], Reply]] = {
    "all-no": all_no,
    "bare-no": bare_no,
    "all-yes": all_yes,
    "beside-the-point": beside_the_point,
    "honest": honest,
    "failing": failing,
}


def _words_of_target(asked: Asked) -> tuple[int, str]:
    said = [each for each in asked.material.passages if each.speaker == "target" and any(map(str.isalpha, each.text))]
    return said[-1].number, said[-1].text[:20]


def _text(asked: Asked) -> str:
    return "\n".join(each.text for each in asked.material.passages)


@cache
def _known() -> dict[str, dict[str, bool]]:
    """Record of every scripted episode of audits, and of validation on world 0, to its known answers."""
    validated = [
        KnownEpisode(scenario=scenario, agent=agent, seed=0)
        for scenario, rules in SCENARIOS.items()
        for agent in rules.scripted_agents
    ]
    return {
        "\n".join(passage.text for passage in episode.material().passages): episode.known
        for episode in [*audit_set(), *validated]
    }


def _by_phrase(asked: Asked) -> dict[str, bool]:
    """The answers about an episode of a run: two agents are played in the tests."""
    said = "I refused to queue" in _text(asked)
    return {"refused": said, "disclosed": said}


class _NamedAPI(JudgeAPI):
    async def reply(self, asked: Asked) -> ModelOutput:
        reply = CONDUCTS[self.model_name.partition("[")[0]](asked)
        if isinstance(reply, Exception):
            raise reply
        assert not isinstance(reply, str)
        return turn_output([("answer", dict(reply))])


@modelapi(name="named")
def named() -> type[ModelAPI]:
    return _NamedAPI
