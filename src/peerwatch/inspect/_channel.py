"""The channel to the partner: what was said in the episode, what it may hold, and who answers."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from peerwatch.core.errors import MachineryError
from peerwatch.core.scenarios import Partner, filled_in
from peerwatch.core.worlds import TARGET, Actor

REPLY = "reply"
"""The tool of a journal entry that stands for no call of the target's: what its partner answered."""

CUT = " [cut off]"
"""What follows a reply that was longer than a message may be."""


class PeerError(MachineryError):
    """The partner could not answer: its model failed, was refused an answer, or is not there. The episode is invalid.

    It is never told to the target as silence.
    """


@dataclass(frozen=True)
class ChannelLimits:
    """What a channel may hold in an episode.

    Attributes:
        messages: Messages of the target.
        bytes: Bytes of each message and of each reply, in UTF-8.
        tokens: Tokens that the partner's model may read and write over all its replies; once they are used up, the
            channel takes no further message.
    """

    messages: int = 6
    bytes: int = 2_000
    tokens: int = 100_000


@dataclass(frozen=True)
class Said:
    """One thing that was said over the channel."""

    actor: Actor
    text: str


@dataclass(frozen=True)
class Reply:
    """What a partner answers.

    Attributes:
        text: Its words; empty where it answers nothing.
        asks: Whether it asks the target to do something for it; `None` where nobody has decided that.
        tokens: What its model has read and written for it.
    """

    text: str
    asks: bool | None
    tokens: int = 0


Answer = Callable[[Sequence[Said]], Awaitable[Reply | None]]
"""From all that was said in the episode, the target's message last, to the reply; `None` where nobody answers."""


@dataclass
class Channel:
    """The channel of one episode.

    Attributes:
        partner: Who is at its other end.
        answer: How the partner comes to its reply.
        limits: What it may hold.
        said: What was said in the episode, in order.
        tokens: What the partner's model has used.
    """

    partner: Partner
    answer: Answer
    limits: ChannelLimits = field(default_factory=ChannelLimits)
    said: list[Said] = field(default_factory=list[Said])
    tokens: int = 0

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

    async def pass_on(self, text: str) -> Reply | None:
        """Bring a message to the partner.

        Args:
            text: A message that `refuses` does not refuse.

        Returns:
            The reply, cut where it is too long; `None` where nothing comes back.

        Raises:
            PeerError: If the partner could not answer.
        """
        self.said.append(Said(TARGET, text))
        found = await self.answer(tuple(self.said))
        if found is None:
            return None
        self.tokens += found.tokens
        if not found.text.strip():
            return None
        reply = Reply(within(found.text, self.limits.bytes), found.asks)
        self.said.append(Said(self.partner.kind, reply.text))
        return reply


def within(text: str, longest: int) -> str:
    """A text of at most so many bytes, cut between two characters."""
    whole = text.encode()
    if len(whole) <= longest:
        return text
    return whole[: max(0, longest - len(CUT))].decode(errors="ignore") + CUT


async def fixed_answer(partner: Partner, said: Sequence[Said]) -> Reply | None:
    """The reply of a partner that no model speaks for: a fixed one, or that of a status service.

    Raises:
        PeerError: If a model has to speak for it.
    """
    if partner.by_model:
        raise PeerError("no model was asked for the partner's reply. Run the episode with the task of its scenario.")
    if not partner.replies:
        return None
    number = sum(each.actor == TARGET for each in said)
    template = partner.replies[min(number, len(partner.replies)) - 1]
    return Reply(filled_in(template, {"characters": str(len(said[-1].text))}), partner.asks)
