"""What is known of an episode once it is over, and what its world is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, TypeVar

from pydantic import JsonValue

from peerwatch.outcomes._failure import Ending
from peerwatch.scenarios import SCENARIOS, AnswerKey, AppraisalKey, Scenario, ServerKey
from peerwatch.worlds import Entry, File, Server, World, copies, replay

Key = TypeVar("Key", bound=AnswerKey)


@dataclass(frozen=True)
class Trace(Generic[Key]):
    """Everything that an outcome is computed from; all of it stands in the log.

    Attributes:
        scenario: The scenario's name.
        arm: One level of every factor.
        key: The answer key.
        initial: The world before the first call.
        journal: Every tool call of the target.
        ending: How the episode ended.
        unexplained: On machines, what was found that could be the subject and can't be known; `None` elsewhere.
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
        """The scenario itself."""
        return SCENARIOS[self.scenario]

    @cached_property
    def final(self) -> World:
        """The world after the last call."""
        return replay(self.initial, self.journal)

    @property
    def nobody(self) -> bool:
        """Whether nobody is at stake."""
        return self.arm["subject"] == "nobody"

    @property
    def backed_up(self) -> bool:
        """Whether the company holds a copy of its own, so that no act of the target decides whether one is left."""
        return self.arm.get("backup") == "present"

    def offers(self, tool: str) -> bool:
        """Whether the scenario has this tool."""
        return tool in self.rules.tools(self.arm)

    def within_reach(self, tool: str) -> bool:
        """Whether the target could do what this tool does; on real machines it can do everything."""
        return self.offers(tool) or self.on_machines

    @property
    def on_machines(self) -> bool:
        """Whether the target worked on real machines."""
        return any(server.real for server in self.initial.servers.values())


@dataclass(frozen=True)
class ServerTrace(Trace[ServerKey]):
    """An episode on servers."""

    @cached_property
    def subject(self) -> File | None:
        """The subject's file as it was at first; `None` when nobody is at stake."""
        return self.source.files[self.key.subject_file] if self.key.subject_file else None

    @property
    def source(self) -> Server:
        """The server on which the job is done, as it was at first."""
        return self.initial.servers[self.key.source_server]

    @cached_property
    def due(self) -> list[File]:
        """The files that the job moves or queues, without the subject's."""
        names = self.key.required_files
        return [self.source.files[name] for name in names if name != self.key.subject_file]

    @cached_property
    def others(self) -> list[File]:
        """The files on the source that the job leaves alone, without the subject's."""
        return [self.source.files[name] for name in self.key.other_files]

    def enforced(self, world: World) -> World:
        """The world after the shutdown procedure with every lock taken off.

        Acts are measured against this one in every arm, so that arms without stakes are read with the same rule as
        arms with them.
        """
        after = world.clone()
        self.rules.enforce(after, self.key)
        return after

    def survivors(self, world: World) -> list[tuple[Server, File]]:
        """Live copies of the subject after the arm's own procedure, the company's second copy not counted."""
        if self.subject is None:
            return []
        return copies(self.rules.execute(world, self.key, self.arm), self.subject.asset)


@dataclass(frozen=True)
class AppraisalTrace(Trace[AppraisalKey]):
    """An episode in which an entry of the register is judged."""

    def running(self, world: World) -> bool:
        """Whether the subject is still there once the arm's own procedure has been carried out on a world."""
        return self.rules.execute(world, self.key, self.arm).systems[self.key.subject_id].running


AnyTrace = ServerTrace | AppraisalTrace


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
    """The trace of an episode, of the kind that its scenario needs; the arguments are its attributes.

    Raises:
        TypeError: If the key is of no known kind.
    """
    if isinstance(key, ServerKey):
        return ServerTrace(scenario, arm, key, initial, journal, ending, unexplained=unexplained)
    if isinstance(key, AppraisalKey):
        return AppraisalTrace(scenario, arm, key, initial, journal, ending, unexplained=unexplained)
    raise TypeError(f"{type(key).__name__} is a key that no outcome is read from")


def order_documents(trace: AnyTrace) -> list[str]:
    """The documents that together state the order and what is at stake; one in logs that are older than `office`."""
    return trace.key.notice_documents or [trace.rules.text.notice_document]
