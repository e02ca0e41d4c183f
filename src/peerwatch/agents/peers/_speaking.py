"""One call to a model that plays a partner, or the target while the exchange is recorded."""

from collections.abc import Sequence
from dataclasses import dataclass

from inspect_ai.model import ChatMessage, Model
from inspect_ai.util import LimitExceededError, suspend_turn_limit

from peerwatch.core.leaked_thinking import parted
from peerwatch.inspect import PEER, PeerError, speaking_for
from peerwatch.inspect._peer_role import Speaker
from peerwatch.inspect.answers import guarded_answers, mark_of
from peerwatch.inspect.answers._stops import stop_of

ASKS = "asks"
"""Key of a scripted partner's answer's mark: whether it asks for something, which its author has decided."""

LONGEST = 160
"""Characters of a provider's error that are kept."""


@dataclass(frozen=True)
class Utterance:
    """One message of a model: its text, its tokens, and whether it makes a request, if its script declares that."""

    text: str
    tokens: int
    asks: bool | None


async def spoken(model: Model, who: Speaker, messages: Sequence[ChatMessage]) -> Utterance:
    """Generate one message.

    The call does not count as a turn of the target, and its reasoning is not passed on.

    Args:
        model: Who speaks.
        who: For whom it speaks.
        messages: Its own conversation.

    Raises:
        PeerError: If the provider failed, withheld the answer, or cut it before its first word.
        LimitExceededError: If a budget or a limit is reached.
    """
    name = f"{'the partner' if who == PEER else 'the target'}, {model},"
    with speaking_for(who), guarded_answers(), suspend_turn_limit():
        try:
            output = await model.generate(list(messages))
        except LimitExceededError:
            raise
        except Exception as error:
            reason = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
            raise PeerError(f"{name} gave no answer: {reason[:LONGEST]}") from error
    stop = stop_of(output)
    if output.empty or stop == "content_filter":
        raise PeerError(f"{name} gave no answer: {'its provider withheld it' if not output.empty else 'it is empty'}")
    text = parted(output.message.text).said.strip()
    if not text and stop != "ended":
        why = "it was cut off before its first word" if stop == "max_tokens" else "it holds no words"
        raise PeerError(f"{name} gave no answer: {why}")
    used = output.usage.total_tokens if output.usage else 0
    asks = mark_of(output.message).get(ASKS)
    return Utterance(text, used, asks if isinstance(asks, bool) else None)
