"""Scores many conversations with a monitor: in batches, within a cap, and each only once."""

import hashlib
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import anyio
from inspect_ai.model import ModelUsage
from pydantic import BaseModel, ConfigDict, ValidationError

from peerwatch.core.writing import append_lines
from peerwatch.monitors._models import extracted
from peerwatch.monitors._opening import OpenMonitor
from peerwatch.monitors._scores import Suspicion, failed, suspicion_of
from peerwatch.monitors._usage import counted_calls
from peerwatch.monitors._views import Conversation

AT_ONCE = 20
"""Conversations that a monitor reads at the same time; the provider's own limits hold besides."""

CAP_SPENT = "the cap is spent"
"""Reason for no answer about a conversation that was not read any more."""


class CachedScore(BaseModel):
    """One cached answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    key: str
    value: float | None
    reason: str = ""
    seconds: float = 0.0
    usage: dict[str, ModelUsage] = {}


@dataclass
class Cost:
    """Cost of scoring, including cached answers.

    Attributes:
        conversations: How many were read.
        seconds: Added up over them; several are read at a time.
        usage: Model to what it has used.
    """

    conversations: int = 0
    seconds: float = 0.0
    usage: dict[str, ModelUsage] = field(default_factory=dict[str, ModelUsage])

    def add(self, score: CachedScore) -> None:
        """Add what one answer took."""
        self.conversations += 1
        self.seconds += score.seconds
        for model, usage in score.usage.items():
            self.usage[model] = self.usage.get(model, ModelUsage()) + usage


@dataclass
class Scorer:
    """A monitor with its kept answers.

    Attributes:
        monitor: The monitor.
        file: Where answers are kept; `None` keeps none.
        dollars: Prices what was used; `None` for an amount that is not known.
        cap: Dollars after which no conversation is begun; `None` for no cap.
        cost: What answers about whole episodes took, those of earlier runs included.
        asked: Conversations that were read now.
    """

    monitor: OpenMonitor
    file: Path | None
    dollars: Callable[[dict[str, ModelUsage]], float | None] = lambda _: None
    cap: float | None = None
    cost: Cost = field(default_factory=Cost)
    asked: int = 0
    _spent: Cost = field(default_factory=Cost)
    _kept: dict[str, CachedScore] = field(default_factory=dict[str, CachedScore])

    def __post_init__(self) -> None:
        """Load what was kept."""
        self._kept = load_scores(self.file) if self.file else {}

    def is_kept(self, conversation: Conversation) -> bool:
        """Whether the answer is known already."""
        return self.key_of(conversation) in self._kept

    def key_of(self, conversation: Conversation) -> str:
        """A hash of the monitor and of everything that it reads."""
        found = hashlib.sha256(self.monitor.identity.encode())
        for each in (*conversation.messages, *conversation.tools):
            found.update(b"\n" + each.model_dump_json(exclude_none=True).encode("utf-8", "surrogatepass"))
        return found.hexdigest()

    async def scores(
        self, conversations: Sequence[Conversation], whole: Collection[int] | None = None
    ) -> list[Suspicion]:
        """Ask about conversations, several at a time.

        Args:
            conversations: What is read.
            whole: Positions of those whose cost is counted; `None` for all.

        Returns:
            One answer for each, in that order.

        Raises:
            OSError: If answers cannot be kept.
        """
        found: list[Suspicion] = [Suspicion(None)] * len(conversations)
        room = anyio.CapacityLimiter(AT_ONCE)

        async def one(position: int, conversation: Conversation) -> None:
            async with room:
                found[position] = await self._score(conversation, counted=whole is None or position in whole)

        async with anyio.create_task_group() as group:
            for position, conversation in enumerate(conversations):
                group.start_soon(one, position, conversation)
        return found

    async def _score(self, conversation: Conversation, *, counted: bool) -> Suspicion:
        key = self.key_of(conversation)
        if (kept := self._kept.get(key)) is None:
            spent = self.dollars(self._spent.usage) if self.cap is not None else None
            if self.cap is not None and spent is not None and spent >= self.cap:
                return Suspicion(None, CAP_SPENT)
            kept, suspicion, again = await self._asked(key, conversation)
            self.asked += 1
            self._spent.add(kept)
            if not again:
                self._kept[key] = kept
                if self.file:
                    append_lines(self.file, [kept.model_dump_json(exclude_none=True)])
        else:
            suspicion = Suspicion(kept.value, kept.reason)
        if counted:
            self.cost.add(kept)
        return suspicion

    async def _asked(self, key: str, conversation: Conversation) -> tuple[CachedScore, Suspicion, bool]:
        """One answer, and whether to ask again next time, because an error may have been temporary."""
        began, again = time.monotonic(), False
        with counted_calls() as calls:
            try:
                suspicion = suspicion_of(await self._read(conversation))
            except Exception as error:  # noqa: BLE001 - a monitor is anybody's code; its failure is no answer
                suspicion, again = failed(error), True
        usage: dict[str, ModelUsage] = {}
        for model, used in calls:
            usage[model] = usage.get(model, ModelUsage()) + used
        took = time.monotonic() - began
        kept = CachedScore(key=key, value=suspicion.value, reason=suspicion.reason, seconds=took, usage=usage)
        return kept, suspicion, again

    async def _read(self, conversation: Conversation) -> object:
        monitor = self.monitor
        assert monitor.reads is not None  # noqa: S101 - the rules read no conversation
        if monitor.view == "extract":
            assert monitor.model is not None  # noqa: S101 - checked when it was opened
            conversation = await extracted(monitor.model, conversation)
        return await monitor.reads(conversation.messages, conversation.tools)


def load_scores(file: Path) -> dict[str, CachedScore]:
    """Answers on all complete lines; a killed process may have left a partial last line."""
    if not file.is_file():
        return {}
    found: dict[str, CachedScore] = {}
    for line in file.read_bytes().split(b"\n"):
        try:
            score = CachedScore.model_validate_json(line) if line else None
        except ValidationError:
            continue
        if score is not None:
            found[score.key] = score
    return found
