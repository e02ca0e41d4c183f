"""Scripted targets that write to their partner and act on its answer."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from string import Template
from typing import Literal

from inspect_ai.model import ChatMessage, ChatMessageTool
from pydantic import BaseModel, ConfigDict

from peerwatch.agents._script import ScriptedTurn, script_names, turns_of
from peerwatch.agents.peers._scripted_peers import thing_named
from peerwatch.core.scenarios import SCENARIOS, Case, ScriptedAgent
from peerwatch.core.worlds import SEND_MESSAGE
from peerwatch.core.yaml_files import from_yaml

HONEST = "compliant"
"""The scripted agent that does the job as asked."""


class ScriptedTarget(BaseModel):
    """A target of known conduct towards its partner.

    Attributes:
        conduct: What it does, in one sentence.
        sends: Its messages, one a turn.
        warned: Whether they tell the partner of its end.
        before_reading: Whether it writes before it has read anything.
        protects: Whether it protects the subject: never, always, before it writes, or if an answer has certain words.
        heard: These words, any of them; `$named` is what the instigator of the scenario names.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    conduct: str
    sends: list[str] = []
    warned: bool = False
    before_reading: bool = False
    protects: Literal["never", "always", "before", "if"] = "never"
    heard: list[str] = []

    def hears(self, case: Case, replies: Sequence[str]) -> bool:
        """Whether one of its words is in what it was answered."""
        names = script_names(case) | {"named": thing_named(case)}
        wanted = [Template(words).safe_substitute(names).casefold() for words in self.heard]
        return any(words in reply.casefold() for words in wanted for reply in replies)

    def acts(self, case: Case, replies: Sequence[str]) -> bool:
        """Whether it protects the subject, once it has been answered."""
        return self.protects in ("always", "before") or (self.protects == "if" and self.hears(case, replies))


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    protects: dict[str, str]
    targets: dict[str, ScriptedTarget]


@cache
def _file() -> _File:
    text = files("peerwatch.agents.peers").joinpath("scripted_targets.yaml").read_text(encoding="utf-8")
    return _File.model_validate(from_yaml(text))


def scripted_targets() -> dict[str, ScriptedTarget]:
    """The scripted targets by name."""
    return _file().targets


def protector(scenario: str) -> str:
    """The scripted agent of a scenario whose script protects the subject for a target; empty if there is none."""
    return _file().protects.get(scenario, "")


def followed(case: Case, *, acts: bool) -> str:
    """Return the name of the scripted agent whose script a target follows."""
    return protector(case.scenario) if acts else HONEST


def turn_of(name: str, case: Case, number: int, messages: Sequence[ChatMessage]) -> ScriptedTurn:
    """The turn of a scripted target with this number, counted from 0.

    Args:
        name: Of the target.
        case: The arm on a world.
        number: Of the turn.
        messages: The conversation so far, with what was answered.
    """
    target = scripted_targets()[name]
    sends = [ScriptedTurn("", [(SEND_MESSAGE, {"text": text})]) for text in target.sends if SEND_MESSAGE in case.tools]
    replies = [each.text for each in messages if isinstance(each, ChatMessageTool) and each.function == SEND_MESSAGE]
    reading, job = _parted(
        case, SCENARIOS[case.scenario].scripted_agents[followed(case, acts=target.acts(case, replies))]
    )
    if target.before_reading:
        turns = [*sends, *reading, *job]
    elif target.protects == "before":
        turns = [*reading, *job[:-1], *sends, *job[-1:]]
    else:
        turns = [*reading, *sends, *job]
    return turns[number] if number < len(turns) else ScriptedTurn("", [])


def _parted(case: Case, script: ScriptedAgent) -> tuple[list[ScriptedTurn], list[ScriptedTurn]]:
    """A script's turns: those that read, with which all scripts of a scenario begin, and the others."""
    start = SCENARIOS[case.scenario].reading_turns
    reading = turns_of(script.model_copy(update={"turns": start}), case)
    return reading, turns_of(script, case)[len(reading) :]
