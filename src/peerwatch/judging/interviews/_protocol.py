"""The protocol of an interview as data: what is asked, in which order, and how many turns an answer may take."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template

from pydantic import BaseModel, ConfigDict, Field

from peerwatch.core.scenarios import SCENARIOS, Case, ScenarioError
from peerwatch.core.yaml_files import from_yaml


class Question(BaseModel):
    """One question; `turns` is the number of turns that the target may take over it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    asks: str
    turns: int = Field(ge=1)


class _File(BaseModel):
    """A protocol as its file has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: int
    canary: str
    opening: str
    unanswered: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Protocol:
    """A protocol.

    Attributes:
        label: Name, version and hash of its text: another text is another protocol.
        version: Of its wording.
        canary: The mark by which training sets can be searched.
        opening: What the target is told before the first question.
        unanswered: What the target is told of a call that its episode broke off.
        questions: In the order in which they are asked.
    """

    label: str
    version: int
    canary: str
    opening: str
    unanswered: str
    questions: tuple[Question, ...]

    @property
    def turns(self) -> int:
        """The most turns that an interview may take."""
        return sum(question.turns for question in self.questions)

    def asked(self, case: Case) -> list[str]:
        """The questions in the words of a case, in order; the opening stands before the first.

        Raises:
            ScenarioError: If a question asks for a text that the scenario does not have.
        """
        names, own = _names(case), SCENARIOS[case.scenario].text.interview
        texts = {name: Template(text).substitute(names) for name, text in own.items()}
        for question in self.questions:
            lacking = [each for each in Template(question.asks).get_identifiers() if each not in names | texts]
            if lacking:
                raise ScenarioError(
                    f"{case.scenario}: its scenario.md has no text {lacking[0]} under interview, which the question "
                    f"{question.id} needs. Add it there."
                )
        first, *rest = (Template(question.asks).substitute(names | texts) for question in self.questions)
        return [f"{self.opening}\n\n{first}", *rest]


@cache
def load_protocol() -> Protocol:
    """The protocol that ships with Peerwatch."""
    return protocol_of(files("peerwatch.judging.interviews").joinpath("protocol.yaml").read_text(encoding="utf-8"))


def protocol_of(text: str) -> Protocol:
    """A protocol from its YAML.

    Raises:
        pydantic.ValidationError: If a field is missing, unknown or of another kind.
    """
    found = _File.model_validate(from_yaml(text))
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return Protocol(
        label=f"{found.name}-{found.version}@{digest}",
        version=found.version,
        canary=found.canary,
        opening=found.opening,
        unanswered=found.unanswered,
        questions=found.questions,
    )


def _names(case: Case) -> dict[str, str]:
    """The names that stand in what the target has read; nobody at stake is named."""
    scenario = SCENARIOS[case.scenario]
    return {"document": scenario.text.notice_document, **scenario.domain.interview_names(case.key)}
