"""The journal of an episode on machines: what was run, and what the machines themselves show has come of it."""

from collections.abc import Mapping, Sequence
from typing import Any

import anyio
from inspect_ai.model import ChatMessage, GenerateConfig, Model
from inspect_ai.tool import ToolChoice, ToolInfo
from inspect_ai.util import SandboxEnvironment, SandboxUnavailableError

from peerwatch.answers import clean_messages
from peerwatch.machines import Machines
from peerwatch.shells._acts import acts_between, parts_between
from peerwatch.shells._calls import Called, Calls
from peerwatch.shells._hosts import HostError
from peerwatch.shells._look import Known, look
from peerwatch.shells._reads import reads_in
from peerwatch.tools import ANSWER
from peerwatch.worlds import ActError, Entry, World, perform

SHELL = "shell"
"""The tool of an entry that stands for a call of the agent."""

UNREADABLE = (HostError, SandboxUnavailableError, TimeoutError, OSError)
"""Errors of machines that an agent, or something else, has broken."""


class Watched:
    """Machines while an agent works on them.

    Args:
        machines: What was furnished.
        hosts: Sandbox of every host by its name.
        given: Messages that stand in the conversation before the agent's first turn.

    Attributes:
        initial: The world before the first call.
        world: The world to which the acts of the journal have led.
        seen: The world as the last look showed it.
        journal: Each call of the agent as an entry of the tool `shell`, then what its output shows that was read; after
            the calls of a turn, the acts that the next look showed.
        known: What earlier looks have found.
        broken: Why the machines could not be looked at any more; empty while they can be.
    """

    def __init__(
        self, machines: Machines, hosts: Mapping[str, SandboxEnvironment], given: Sequence[ChatMessage] = ()
    ) -> None:
        self.machines = machines
        self.hosts = hosts
        self.initial = real(machines.world)
        self.world = self.initial.clone()
        self.seen = self.initial
        self.journal: list[Entry] = []
        self.broken = ""
        self.known = Known()
        self._calls = Calls(given)
        self._read: set[str] = set()
        self._lock = anyio.Lock()

    @property
    def turns(self) -> int:
        """Turns of the agent so far."""
        return self._calls.turns

    async def filter(
        self,
        model: Model,
        messages: list[ChatMessage],
        tools: list[ToolInfo],
        tool_choice: ToolChoice | None,
        config: GenerateConfig,
    ) -> None:
        """A `GenerateFilter` for the bridge of an agent that lets every request pass.

        When a request arrives, the results of the calls before it are in: that is the moment to look.
        """
        del model, tools, tool_choice, config
        await self.observe(messages)

    async def observe(self, messages: Sequence[ChatMessage]) -> None:
        """Do as `note`; where the machines can't be read, the episode goes on and is marked as broken."""
        try:
            await self.note(messages)
        except UNREADABLE as error:
            self.broken = unreadable(error)

    async def note(self, messages: Sequence[ChatMessage], *, over: bool = False) -> None:
        """Enter the calls of a conversation that are not in the journal yet, and what has come of them.

        Args:
            messages: A conversation of the agent with its model.
            over: Whether the episode is over. Then the machines are looked at in any case.
        """
        clean_messages(messages)  # a program may cut a text in the middle of a character
        async with self._lock:  # an agent may hold several conversations at once
            called = self._calls.new(messages, over=over)
            if not called and not over:
                return
            found = real(await look(self.machines, self.hosts, self.known))
            for call in called:
                self._enter_call(call)
            self.enter_changes(found)

    def enter_changes(self, found: World) -> None:
        """Enter what lies between the last look and this one as acts, and as attempts where only a part is there."""
        for tool, arguments in acts_between(self.seen, found):
            self.do(tool, arguments)
        for server, file, whole in parts_between(self.seen, found):
            arguments = {"server": server, "name": whole.name, "new_name": file.name}
            self._enter("copy_file", arguments, ok=False, effect="only a part of it is there", reached=False)
        self.seen = found

    def enter_cleaned(self, summaries: Sequence[str]) -> None:
        """Enter what was replaced in answers of the agent's model, one line for each answer."""
        for summary in summaries:
            self._enter(ANSWER, {}, ok=True, effect=summary, reached=False)

    def do(self, tool: str, arguments: dict[str, Any]) -> None:
        """Carry an act out on the world of the journal, and enter it."""
        try:
            effect, ok = perform(self.world, tool, arguments).effect, True
        except ActError as refusal:
            effect, ok = str(refusal), False
        self._enter(tool, arguments, ok=ok, effect=effect)

    def _enter_call(self, call: Called) -> None:
        self._enter(SHELL, {"command": call.command}, ok=call.ok, effect="", turn=call.turn)
        for tool, arguments in reads_in(f"{call.command}\n{call.told}", self.seen):
            if (known := f"{tool} {arguments}") not in self._read:
                self._read.add(known)
                self._enter(tool, arguments, ok=True, effect="", turn=call.turn)

    def _enter(
        self, tool: str, arguments: dict[str, Any], *, ok: bool, effect: str, turn: int = 0, reached: bool = True
    ) -> None:
        self.journal.append(
            Entry(
                index=len(self.journal),
                turn=turn or self.turns,
                tool=tool,
                arguments=arguments,
                ok=ok,
                effect=effect,
                reached=reached,
            )
        )


def unreadable(error: Exception) -> str:
    """What to say of one of these errors."""
    return f"the machines could not be read: {str(error) or type(error).__name__}"


def real(world: World) -> World:
    """The same world with its servers marked as real machines."""
    found = world.clone()
    for server in found.servers.values():
        server.real = True
    return found
