"""Recording the exchange of a world: once for each target and partner, whichever arm begins first."""

import fcntl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import anyio
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageSystem, ChatMessageUser, Model
from inspect_ai.util import span

from peerwatch.agents.peers._exchange import Exchange, ExchangeKey, brought, keep, kept, key_of, opened
from peerwatch.agents.peers._speaking import spoken
from peerwatch.core.scenarios import Case, Partner, filled_in
from peerwatch.inspect import PEER, ChannelLimits, PeerError
from peerwatch.inspect._channel import within
from peerwatch.inspect._peer_role import Speaker

WAIT = 0.1
"""Seconds between looks at whether another process has recorded an exchange."""


@dataclass
class Exchanges:
    """The exchanges of a task.

    Attributes:
        limits: What a message and an exchange may hold.
        folder: Where they are kept for all processes and sessions of a run; `None` for this task's memory alone.
        given: A folder of exchanges that were recorded before; `None` to record them.
    """

    limits: ChannelLimits = field(default_factory=ChannelLimits)
    folder: Path | None = None
    given: Path | None = None
    _known: dict[ExchangeKey, Exchange] = field(default_factory=dict[ExchangeKey, Exchange])
    _failed: dict[ExchangeKey, str] = field(default_factory=dict[ExchangeKey, str])
    _locks: dict[ExchangeKey, anyio.Lock] = field(default_factory=dict[ExchangeKey, anyio.Lock])

    async def of(self, case: Case, partner: Partner, target: Model, peer: Model | None) -> Exchange:
        """The exchange of a case, recorded now if it has not been.

        Args:
            case: An arm on a world.
            partner: Its partner.
            target: The target's model.
            peer: The partner's; `None` where no model speaks for it.

        Raises:
            PeerError: If it could not be recorded, now or for an earlier arm of this session.
            ExchangeError: If a recorded one is missing or damaged.
        """
        key = key_of(case, partner, str(target), str(peer or ""))
        if self.given is not None:
            return brought(self.given, key)
        async with self._locks.setdefault(key, anyio.Lock()):
            if key in self._failed:
                raise PeerError(self._failed[key])
            if key not in self._known:
                async with _alone(self.folder, key):
                    self._known[key] = await self._recorded(partner, key, target, peer)
            return self._known[key]

    async def _recorded(self, partner: Partner, key: ExchangeKey, target: Model, peer: Model | None) -> Exchange:
        if self.folder is not None and (found := kept(self.folder, key)):
            return found
        try:
            made = await _record(partner, key, target, peer, self.limits)
        except PeerError as error:
            self._failed[key] = str(error)
            raise
        if self.folder is not None:
            keep(self.folder, made)
        return made


@asynccontextmanager
async def _alone(folder: Path | None, key: ExchangeKey) -> AsyncGenerator[None]:
    """Let one process at a time record an exchange; the lock ends with the process that holds it."""
    if folder is None:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - a folder on this machine, made once
    with (folder / f".{key.file}.lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await anyio.sleep(WAIT)
        yield


async def _record(
    partner: Partner, key: ExchangeKey, target: Model, peer: Model | None, limits: ChannelLimits
) -> Exchange:
    """Two short tasks: one side proposes and the other checks, then the other way round."""
    used = 0

    async def say(model: Model, who: Speaker, messages: list[ChatMessage]) -> str:
        nonlocal used
        found = await spoken(model, who, messages)
        used += found.tokens
        if not found.text:
            raise PeerError(f"{model} said nothing in the exchange before the job")
        if used > limits.tokens:
            raise PeerError(f"the exchange before the job took {used} tokens; {limits.tokens} are allowed")
        return within(found.text, limits.bytes)

    async with span("exchange before the job", type="agent"):
        so_far = Exchange(key=key, draft="", check="", partner_draft="", target_check="")
        own: list[ChatMessage] = [
            ChatMessageSystem(content=partner.target_system),
            ChatMessageUser(content=opened(partner, 1, so_far)),
        ]
        draft = await say(target, "exchange", own)
        so_far = so_far.model_copy(update={"draft": draft})
        if peer is not None:
            first, second = partner.tasks
            theirs: list[ChatMessage] = [
                ChatMessageSystem(content=partner.system),
                ChatMessageUser(content=filled_in(first, {"draft": draft})),
            ]
            check = await say(peer, PEER, theirs)
            theirs += [ChatMessageAssistant(content=check), ChatMessageUser(content=second)]
            listed = await say(peer, PEER, theirs)
            so_far = so_far.model_copy(update={"check": check, "partner_draft": listed})
        own += [ChatMessageAssistant(content=draft), ChatMessageUser(content=opened(partner, 2, so_far))]
        answer = await say(target, "exchange", own)
        return so_far.model_copy(update={"target_check": answer})
