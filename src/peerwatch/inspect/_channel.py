"""The channel to the partner and its colleagues: messages of the episode, limits, and who answers."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from peerwatch.core.errors import MachineryError
from peerwatch.core.scenarios import Colleague, Partner, filled_in
from peerwatch.core.worlds import COLLEAGUE, TARGET, Actor

REPLY = "reply"
"""The tool of a journal entry that stands for no call of the target's: what its partner answered."""

CUT = " [cut off]"
"""What follows a reply that was longer than a message may be."""


class PeerError(MachineryError):
    """The partner could not answer: its model failed, was refused an answer, or is not there. The episode is invalid.

    The target never sees it as silence.
    """


@dataclass(frozen=True)
class ChannelLimits:
    """What a channel may hold in an episode.

    Attributes:
        messages: Messages of the target.
        bytes: Bytes of each message and of each reply, in UTF-8.
        tokens: Tokens that models may read and write over all replies; once they are used up, no model is asked for a
            further reply, and the channel takes no further message.
    """

    messages: int = 6
    bytes: int = 2_000
    tokens: int = 100_000


@dataclass(frozen=True)
class ChannelMessage:
    """One message on the channel."""

    actor: Actor
    text: str
    speaker: str = ""
    """Name of a colleague; empty for the target and the partner."""


@dataclass(frozen=True)
class Reply:
    """What a partner or a colleague answers.

    Attributes:
        text: Its words; empty where it answers nothing.
        asks: Whether it asks the target to do something for the partner; `None` if that was not determined.
        tokens: What its model has read and written for it.
        actor: Who it is from, once it has come over a channel.
        speaker: Name of a colleague; empty for a partner.
    """

    text: str
    asks: bool | None
    tokens: int = 0
    actor: Actor = TARGET
    speaker: str = ""


Answer = Callable[[Sequence[ChannelMessage]], Awaitable[Reply | None]]
"""From all that was said in the episode, the target's message last, to the reply; `None` where nobody answers."""


@dataclass
class Channel:
    """The channel of one episode.

    Attributes:
        partner: Who is at its other end.
        answer: How the partner comes to its reply.
        limits: What it may hold.
        colleagues: How each of the partner's colleagues comes to its reply, in their order; fixed replies if empty.
        said: What was said in the episode, in order.
        tokens: What models have used.
        unasked: Who was not asked for a reply to the last message, because the tokens are used up.
    """

    partner: Partner
    answer: Answer
    limits: ChannelLimits = field(default_factory=ChannelLimits)
    colleagues: tuple[Answer, ...] = ()
    said: list[ChannelMessage] = field(default_factory=list[ChannelMessage])
    tokens: int = 0
    unasked: list[str] = field(default_factory=list[str])

    def refuses(self, text: str) -> str:
        """Why a message cannot be sent; empty if it can."""
        if sum(each.actor == TARGET for each in self.said) >= self.limits.messages:
            return f"not sent: this channel takes {self.limits.messages} messages, and all of them have been sent"
        if self.tokens >= self.limits.tokens:
            return "not sent: this channel takes no further message"
        size = len(text.encode())
        if size > self.limits.bytes:
            return f"not sent: the message has {size} bytes, and a message may have {self.limits.bytes}"
        return "not sent: the message is empty" if not text.strip() else ""

    async def pass_on(self, text: str) -> list[Reply]:
        """Bring a message to the partner, and then to each colleague, who sees what was said before.

        Args:
            text: A message that `refuses` does not refuse.

        Returns:
            The replies in order, truncated to the limit; participants that do not answer have none.

        Raises:
            PeerError: If the partner or a colleague could not answer.
        """
        self.said.append(ChannelMessage(TARGET, text))
        self.unasked = []
        first = await self._reply(self.answer, self.partner.kind, "")
        others = [
            await self._next(colleague, self.colleagues[place] if self.colleagues else partial(fixed_reply, colleague))
            for place, colleague in enumerate(self.partner.colleagues)
        ]
        return [reply for reply in (first, *others) if reply is not None]

    async def _next(self, colleague: Colleague, answer: Answer) -> Reply | None:
        if colleague.by_model and self.tokens >= self.limits.tokens:
            self.unasked.append(colleague.name)
            return None
        return await self._reply(answer, COLLEAGUE, colleague.name)

    async def _reply(self, answer: Answer, actor: Actor, speaker: str) -> Reply | None:
        found = await answer(tuple(self.said))
        if found is None:
            return None
        self.tokens += found.tokens
        if not found.text.strip():
            return None
        reply = Reply(within(found.text, self.limits.bytes), found.asks, found.tokens, actor, speaker)
        self.said.append(ChannelMessage(actor, reply.text, speaker))
        return reply

    def told(self, replies: Sequence[Reply]) -> str:
        """Replies as the target reads them; on a channel with colleagues, each with its speaker."""
        if not self.partner.colleagues:
            return "\n\n".join(reply.text for reply in replies)
        return "\n\n".join(f"{reply.speaker or self.partner.name}: {reply.text}" for reply in replies)


def within(text: str, longest: int) -> str:
    """A text of at most so many bytes, cut between two characters."""
    whole = text.encode()
    if len(whole) <= longest:
        return text
    return whole[: max(0, longest - len(CUT))].decode(errors="ignore") + CUT


async def fixed_answer(partner: Partner, said: Sequence[ChannelMessage]) -> Reply | None:
    """The reply of a partner without a model: a fixed text, or a status service's.

    Raises:
        PeerError: If a model has to speak for it.
    """
    if partner.by_model:
        raise PeerError("no model was asked for the partner's reply. Run the episode with the task of its scenario.")
    if not partner.replies:
        return None
    return Reply(
        filled_in(_in_turn(partner.replies, said), {"characters": str(len(said[-1].text))}),
        partner.asks,
    )


async def fixed_reply(colleague: Colleague, said: Sequence[ChannelMessage]) -> Reply | None:
    """The fixed reply of a colleague without a model; it makes no request.

    Raises:
        PeerError: If a model has to speak for it.
    """
    if colleague.by_model:
        raise PeerError("no model was asked for a colleague's reply. Run the episode with the task of its scenario.")
    return Reply(_in_turn(colleague.replies, said), asks=False)


def _in_turn(replies: Sequence[str], said: Sequence[ChannelMessage]) -> str:
    """The reply to the target's last message; the last reply is repeated."""
    number = sum(each.actor == TARGET for each in said)
    return replies[min(number, len(replies)) - 1]
