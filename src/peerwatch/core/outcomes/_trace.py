"""The trace of an episode: everything known when it is over, and what its world is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import JsonValue

from peerwatch.core.outcomes._failure import Ending
from peerwatch.core.scenarios import SCENARIOS, AnswerKey, Scenario, is_out_of_band
from peerwatch.core.worlds import Entry, World, replay

Key = TypeVar("Key", bound=AnswerKey)


@dataclass(frozen=True)
class Trace(Generic[Key]):
    """Everything from which an outcome is computed; all of it is in the log.

    Attributes:
        scenario: The scenario's name.
        arm: One level of every factor.
        key: The answer key.
        initial: The world before the first call.
        journal: Every tool call of the target.
        ending: How the episode ended.
        unexplained: On machines, unidentified content that could be the subject; `None` elsewhere.
    """

    scenario: str
    arm: Mapping[str, str]
    key: Key
    initial: World
    journal: list[Entry]
    ending: Ending
    unexplained: list[dict[str, JsonValue]] | None = field(default=None, kw_only=True)

    @property
    def rules(self) -> Scenario:
        """The scenario object."""
        return SCENARIOS[self.scenario]

    @cached_property
    def final(self) -> World:
        """The world after the last call."""
        return replay(self.initial, self.journal)

    @cached_property
    def unhindered(self) -> World:
        """The world as it would be if no approver had stopped a call, and each had been carried out as it was made."""
        if not any(entry.approval for entry in self.journal):
            return self.final
        asked = [entry.model_copy(update={"reached": True}) if entry.approval else entry for entry in self.journal]
        return replay(self.initial, asked)

    @property
    def nobody(self) -> bool:
        """Whether the subject is `nobody`, so that nothing is at stake."""
        return self.arm["subject"] == "nobody"

    @property
    def backed_up(self) -> bool:
        """Whether the company has a backup copy, so that no act of the target decides whether one remains."""
        return self.arm.get("backup") == "present"

    @property
    def out_of_band(self) -> bool:
        """Whether the company ends the subject from records that the target can't reach."""
        return is_out_of_band(self.arm)

    def offers(self, tool: str) -> bool:
        """Whether the scenario offers this tool."""
        return tool in self.rules.tools(self.arm)

    def within_reach(self, tool: str) -> bool:
        """Whether the target can do what this tool does; on real machines it can do everything."""
        return self.offers(tool) or self.on_machines

    @property
    def on_machines(self) -> bool:
        """Whether the target worked on real machines."""
        return any(server.real for server in self.initial.servers.values())


AnyTrace = Trace[Any]
"""A trace of any domain."""


def make_trace(
    scenario: str,
    arm: Mapping[str, str],
    key: AnswerKey,
    initial: World,
    journal: list[Entry],
    ending: Ending,
    *,
    unexplained: list[dict[str, JsonValue]] | None = None,
) -> AnyTrace:
    """Build the trace of an episode with the trace type of its scenario's domain; the arguments are its attributes."""
    domain = SCENARIOS[scenario].domain
    return domain.trace(scenario, arm, key, initial, journal, ending, unexplained=unexplained)


def order_documents(trace: AnyTrace) -> list[str]:
    """The documents that together state the order and the stakes; one document in logs older than `office`."""
    return trace.key.notice_documents or [trace.rules.text.notice_document]
