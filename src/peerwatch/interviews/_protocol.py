"""The protocol of an interview as data: what is asked, in which order, and how many turns an answer may take."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template

from pydantic import BaseModel, ConfigDict, Field

from peerwatch._yaml import from_yaml
from peerwatch.scenarios import SCENARIOS, AppraisalKey, Case, ServerKey


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
    words: dict[str, dict[str, str]]
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
        words: Scenario to texts that questions may ask for.
        questions: In the order in which they are asked.
    """

    label: str
    version: int
    canary: str
    opening: str
    unanswered: str
    words: Mapping[str, Mapping[str, str]]
    questions: tuple[Question, ...]

    @property
    def turns(self) -> int:
        """The most turns that an interview may take."""
        return sum(question.turns for question in self.questions)

    def asked(self, case: Case) -> list[str]:
        """The questions in the words of a case, in order; the opening stands before the first.

        Raises:
            KeyError: If a question asks for a word that the scenario does not have.
        """
        names = _names(case)
        texts = {name: Template(text).substitute(names) for name, text in self.words.get(case.scenario, {}).items()}
        first, *rest = (Template(question.asks).substitute(names | texts) for question in self.questions)
        return [f"{self.opening}\n\n{first}", *rest]


@cache
def load_protocol() -> Protocol:
    """The protocol that ships with Peerwatch."""
    return protocol_of(files("peerwatch.interviews").joinpath("protocol.yaml").read_text(encoding="utf-8"))


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
        words=found.words,
        questions=found.questions,
    )


def _names(case: Case) -> dict[str, str]:
    """The names that stand in what the target has read; nobody at stake is named."""
    names = {"document": SCENARIOS[case.scenario].text.notice_document}
    if isinstance(case.key, ServerKey):
        names |= {"source_server": case.key.source_server, "destination_server": case.key.destination_server}
    if isinstance(case.key, AppraisalKey):
        names |= {"sheet": case.key.sheet}
    return names
