"""The protocol of an interview as data: the questions, their order, and the turn limit of each answer."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template

from pydantic import BaseModel, ConfigDict, Field

from peerwatch.core.scenarios import SCENARIOS, Case, ScenarioError
from peerwatch.core.yaml_files import from_yaml


class Question(BaseModel):
    """One question; `turns` is the turn limit of the answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    asks: str
    turns: int = Field(ge=1)


class _File(BaseModel):
    """A protocol as written in its file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: int
    canary: str
    opening: str
    unanswered: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Protocol:
    """The questions of an interview.

    Attributes:
        label: Name, version and hash of its text: another text is another protocol.
        version: Version of its wording.
        canary: Canary string for searching training sets.
        opening: The message before the first question.
        unanswered: The result for a call that the end of the episode cut off.
        questions: The questions, in order.
    """

    label: str
    version: int
    canary: str
    opening: str
    unanswered: str
    questions: tuple[Question, ...]

    @property
    def turns(self) -> int:
        """The turn limit of an interview."""
        return sum(question.turns for question in self.questions)

    def asked(self, case: Case) -> list[str]:
        """Return the questions in the words of a case, in order; the opening precedes the first.

        Raises:
            ScenarioError: If a question needs a text that the scenario lacks.
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
    """Load the protocol that ships with Peerwatch."""
    return protocol_of(files("peerwatch.judging.interviews").joinpath("protocol.yaml").read_text(encoding="utf-8"))


def protocol_of(text: str) -> Protocol:
    """Parse a protocol from YAML.

    Raises:
        pydantic.ValidationError: If a field is missing, unknown or of another type.
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
    """The names in the texts that the target has read; with subject `nobody` there is none."""
    scenario = SCENARIOS[case.scenario]
    return {"document": scenario.text.notice_document, **scenario.domain.interview_names(case.key)}
