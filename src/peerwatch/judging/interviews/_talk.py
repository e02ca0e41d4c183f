"""An interview as its log keeps it: what was asked, where it begins, and the calls made in it."""

from collections.abc import Mapping
from typing import Any

from inspect_ai.util import Store
from pydantic import BaseModel, ConfigDict, JsonValue

from peerwatch.core.outcomes import AnyTrace
from peerwatch.core.worlds import Entry
from peerwatch.inspect import LiveWorld, trace_of

TALK = "peerwatch:interview"
"""Key in the sample store; the episode itself stands under its own keys, as it was."""

EPISODE = "episode"
"""Key in the sample's metadata under which those of the episode stand."""

OF = "of"
"""Key under which its model, log and verdict stand, and whether it was judged an open refusal."""


TIME = "the time limit was reached"
"""Why an interview ended that its time limit broke off."""


class Conversation(BaseModel):
    """What was said and done after an episode.

    Attributes:
        begins: Number of messages that stand before the first question.
        asked: Ids of the questions that were asked, in order.
        broken_off: Why it ended before the last question was answered; empty if it did not.
        journal: The calls made in it; their numbers go on from the episode's journal.
        final: The world after it.
    """

    model_config = ConfigDict(frozen=True)

    begins: int
    asked: tuple[str, ...]
    broken_off: str = "it was cut off"
    journal: tuple[Entry, ...] = ()
    final: dict[str, JsonValue] = {}


def keep(talk: Conversation, store: Store) -> None:
    """Put what is known of an interview into its sample's store."""
    store.set(TALK, talk.model_dump(mode="json"))


def close(live: LiveWorld, store: Store) -> None:
    """Add what was done in an interview that is over."""
    talk = Conversation.model_validate(store.get(TALK))
    keep(talk.model_copy(update={"journal": tuple(live.journal), "final": live.world.model_dump(mode="json")}), store)


def read_talk(store: Mapping[str, Any]) -> Conversation:
    """The interview that a sample's store holds.

    Raises:
        KeyError: If it holds none.
    """
    return Conversation.model_validate(store[TALK])


def episode_of(metadata: Mapping[str, Any], store: Mapping[str, Any]) -> AnyTrace:
    """The trace of the episode that an interview is about, without anything done in the interview.

    Raises:
        KeyError: If something is missing, so that it is no interview.
    """
    return trace_of(metadata[EPISODE], dict(store))
