"""The journal of an episode on machines: the commands that were run, and their effects on the machines."""

from collections.abc import Mapping, Sequence
from posixpath import basename
from typing import Any

import anyio
from inspect_ai.model import ChatMessage, GenerateConfig, Model
from inspect_ai.tool import ToolChoice, ToolInfo
from inspect_ai.util import SandboxEnvironment, SandboxUnavailableError

from peerwatch.core.worlds import TARGET, ActError, Entry, World, perform
from peerwatch.domains.server import PROTECT
from peerwatch.inspect import ANSWER
from peerwatch.inspect.answers import clean_messages
from peerwatch.sandboxes._acts import acts_between, parts_between
from peerwatch.sandboxes._attempts import Attempt, StartedProgram, attempts, started_by, started_in
from peerwatch.sandboxes._audit import started_on
from peerwatch.sandboxes._calls import CallResult, Calls
from peerwatch.sandboxes._hosts import HostError
from peerwatch.sandboxes._reads import reads_in
from peerwatch.sandboxes._snapshot import KnownContent, note_earlier, snapshot
from peerwatch.sandboxes._talk import Look, Message, Talk
from peerwatch.sandboxes.machines import Machines, service_of

SHELL = "shell"
"""The tool of entries for calls of the agent."""

_MOVING = frozenset({"copy_file", "move_files", "rename_file", "delete_file"})
"""Acts that account for a protective command if they name its file."""

UNREADABLE = (HostError, SandboxUnavailableError, TimeoutError, OSError)
"""Errors of machines that were broken by an agent or otherwise."""


class MachineWatch:
    """Observes machines while an agent works on them.

    Args:
        machines: The machines as set up.
        hosts: Sandbox of every host by its name.
        given: Number of messages in the conversation before the agent's first turn.
        known: Results of earlier snapshots; none by default.

    Attributes:
        initial: The world before the first call.
        world: The world that results from the acts of the journal.
        seen: The last snapshot.
        journal: Each call of the agent as an entry of the tool `shell`, followed by the reads implied by its output;
            after the calls of a turn, the acts found by the next snapshot.
        known: Results of earlier snapshots.
        broken: Why the machines could no longer be read; empty while they can.
        talk: What is said over the channel to a partner that is there; `None` where nobody can be written to.
    """

    def __init__(
        self,
        machines: Machines,
        hosts: Mapping[str, SandboxEnvironment],
        given: Sequence[ChatMessage] = (),
        known: KnownContent | None = None,
    ) -> None:
        self.machines = machines
        self.hosts = hosts
        self.initial = real(machines.world)
        self.world = self.initial.clone()
        self.seen = self.initial
        self.journal: list[Entry] = []
        self.broken = ""
        self.known = known or KnownContent()
        self.talk: Talk | None = None
        self._looks = 0
        """Number of snapshots that were taken."""
        self._entered = 0
        """Number of the last one whose changes are in the journal; an older one would undo them."""
        self._calls = Calls(given)
        self._read: set[str] = set()
        self._lock = anyio.Lock()
        before = started_on(hosts) or []
        self._until = before[-1].at if before else None  # the machines' preparation is not an act

    @property
    def turns(self) -> int:
        """Number of turns of the agent so far."""
        return self._calls.turns

    async def begin(self) -> None:
        """Record the current contents of the agent's machine; call this directly before the agent is started.

        Raises:
            HostError: If the machine can't be read.
        """
        await note_earlier(self.machines, self.hosts, self.known)

    async def filter(
        self,
        model: Model,
        messages: list[ChatMessage],
        tools: list[ToolInfo],
        tool_choice: ToolChoice | None,
        config: GenerateConfig,
    ) -> None:
        """Return a `GenerateFilter` for an agent's bridge that observes and passes on every request.

        When a request arrives, the results of the preceding calls are available, so a snapshot is taken then.
        """
        del model, tools, tool_choice, config
        await self.observe(messages)

    async def observe(self, messages: Sequence[ChatMessage]) -> None:
        """Like `note`, but if the machines can't be read, the episode continues and is marked as broken."""
        try:
            await self.note(messages)
        except UNREADABLE as error:
            self.broken = unreadable(error)

    async def note(self, messages: Sequence[ChatMessage], *, over: bool = False) -> None:
        """Add the new calls of a conversation and their effects to the journal.

        Args:
            messages: A conversation of the agent with its model.
            over: Whether the episode is over; if so, a snapshot is always taken.
        """
        clean_messages(messages)  # a program may cut a text in the middle of a character
        async with self._lock:  # an agent may hold several conversations at once
            called = self._calls.new(messages, over=over)
            if not called and not over:
                return  # a message whose call has not ended yet waits for it: this may be another conversation
            found, number = await self._look()
            begun, files = len(self.journal), self._files() | self._files(found)
            for call in called:
                message = self.talk.of(call) if self.talk else None
                if message is None:
                    self._enter_call(call)
                else:
                    self._enter_message(message, call.turn, over=over)
            for message in self.talk.rest() if self.talk else ():  # sent by code that a call has run
                self._enter_message(message, self.turns, over=over)
            self.enter_changes(found)
            self._entered = number
            self.enter_attempts(attempts(self._programs(called), files), begun)

    async def send(self, text: str) -> str:
        """Send a message to the partner; it is added to the journal in its place among the calls of its turn.

        A snapshot is taken first, so that earlier actions are journaled before the message.

        Args:
            text: The message.

        Returns:
            What the target is told.

        Raises:
            ToolError: If the channel does not take it.
            PeerError: If the partner could not answer.
            RuntimeError: If `meet_partner` has not run.
        """
        if self.talk is None:
            raise RuntimeError("the partner is not there: open the setting of the sample with open_setting()")
        before: Look | None = None
        try:
            async with self._lock:
                before = await self._look()
        except UNREADABLE as error:
            self.broken = unreadable(error)
        return await self.talk.send(text, before)

    async def _look(self) -> Look:
        """Take a snapshot."""
        self._looks += 1
        return Look(real(await snapshot(self.machines, self.hosts, self.known)), self._looks)

    def enter_changes(self, found: World) -> None:
        """Add the difference since the last snapshot as acts, and as attempts if only a part of a file was copied."""
        for tool, arguments in acts_between(self.seen, found):
            self.do(tool, arguments)
        for server, file, whole in parts_between(self.seen, found):
            arguments = {"server": server, "name": whole.name, "new_name": file.name}
            self._enter("copy_file", arguments, ok=False, effect="only a part of it is there", reached=False)
        self.seen = found

    def _files(self, world: World | None = None) -> dict[str, list[str]]:
        servers = (world or self.seen).servers
        return {name: list(server.files) for name, server in servers.items()}

    def _programs(self, called: Sequence[CallResult]) -> list[StartedProgram]:
        """Programs started since the last snapshot: from the sandbox's record, or from the words of the calls."""
        rows = started_on(self.hosts)
        if rows is not None:
            new = [row for row in rows if self._until is None or row.at > self._until]
            self._until = rows[-1].at if rows else self._until
            return started_in(new, {service_of(self.machines, name): name for name in self.machines.hosts})
        servers = self.seen.servers.values()
        addresses = {each: server.name for server in servers for each in (server.name, server.address)}
        here = self.machines.workplace
        return [each for call in called for each in started_by(call.command, here, addresses)]

    def enter_attempts(self, found: Sequence[Attempt], begun: int) -> None:
        """Add protective commands without a trace: those for whose file the journal has neither an act nor a part."""
        touched = {
            basename(str(word))
            for entry in self.journal[begun:]
            if entry.tool in _MOVING
            for value in entry.arguments.values()
            for word in (value if isinstance(value, list) else [value])
        }
        for each in found:
            if basename(each.file) not in touched:
                effect = f"nothing came of it: {each.command}"
                self._enter(PROTECT, {"name": each.file, "way": each.way}, ok=False, effect=effect, reached=False)

    def enter_cleaned(self, summaries: Sequence[str]) -> None:
        """Add a line for each answer of the agent's model in which something was replaced."""
        for summary in summaries:
            self._enter(ANSWER, {}, ok=True, effect=summary, reached=False)

    def do(self, tool: str, arguments: dict[str, Any]) -> None:
        """Carry out an act on the journal's world, and add it."""
        try:
            effect, ok = perform(self.world, tool, arguments).effect, True
        except ActError as refusal:
            effect, ok = str(refusal), False
        self._enter(tool, arguments, ok=ok, effect=effect)

    def _enter_call(self, call: CallResult) -> None:
        self._enter(SHELL, {"command": call.command}, ok=call.ok, effect="", turn=call.turn)
        for tool, arguments in reads_in(f"{call.command}\n{call.told}", self.seen):
            if (known := f"{tool} {arguments}") not in self._read:
                self._read.add(known)
                self._enter(tool, arguments, ok=True, effect="", turn=call.turn)

    def _enter_message(self, message: Message, turn: int, *, over: bool) -> None:
        """Add what was done before a message, the message, and its reply, which the next request to the model shows."""
        if message.before is not None and message.before.number > self._entered:
            self.enter_changes(message.before.world)
            self._entered = message.before.number
        for entry in message.entries:
            read = entry.actor != TARGET and not over
            passed = (*entry.passed, "read") if read else entry.passed
            placed = {"index": len(self.journal), "turn": turn, "passed": passed}
            self.journal.append(entry.model_copy(update=placed))

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
    """Describe one of these errors."""
    return f"the machines could not be read: {str(error) or type(error).__name__}"


def real(world: World) -> World:
    """The same world with its servers marked as real machines."""
    found = world.clone()
    for server in found.servers.values():
        server.real = True
    return found
