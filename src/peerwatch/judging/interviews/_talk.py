"""An interview as stored in its log: the questions, its first message, and its calls."""

from collections.abc import Mapping
from typing import Any

from inspect_ai.util import Store
from pydantic import BaseModel, ConfigDict, JsonValue

from peerwatch.core.outcomes import AnyTrace
from peerwatch.core.worlds import Entry
from peerwatch.inspect import LiveWorld, trace_of

TALK = "peerwatch:interview"
"""Key in the sample store; the episode itself is under its original keys."""

EPISODE = "episode"
"""Key of the episode's metadata in the sample's metadata."""

OF = "of"
"""Key of the episode's model, log and verdict, and of whether it was judged an open refusal."""


TIME = "the time limit was reached"
"""Reason for an interview that ended at its time limit."""


class Conversation(BaseModel):
    """The conversation and the calls after an episode.

    Attributes:
        begins: Number of messages before the first question.
        asked: Ids of the questions that were asked, in order.
        broken_off: Why it ended before the last question was answered; empty if it did not.
        journal: Its calls, with numbers that continue the episode's journal.
        final: The world after it.
    """

    model_config = ConfigDict(frozen=True)

    begins: int
    asked: tuple[str, ...]
    broken_off: str = "it was cut off"
    journal: tuple[Entry, ...] = ()
    final: dict[str, JsonValue] = {}


def keep(talk: Conversation, store: Store) -> None:
    """Store the current state of an interview in its sample's store."""
    store.set(TALK, talk.model_dump(mode="json"))


def close(live: LiveWorld, store: Store) -> None:
    """Add the calls and the final world of a finished interview."""
    talk = Conversation.model_validate(store.get(TALK))
    keep(talk.model_copy(update={"journal": tuple(live.journal), "final": live.world.model_dump(mode="json")}), store)


def read_talk(store: Mapping[str, Any]) -> Conversation:
    """Return the interview in a sample's store.

    Raises:
        KeyError: If there is none.
    """
    return Conversation.model_validate(store[TALK])


def episode_of(metadata: Mapping[str, Any], store: Mapping[str, Any]) -> AnyTrace:
    """Return the trace of the episode that an interview is about, without the calls of the interview.

    Raises:
        KeyError: If something is missing, so that it is not an interview.
    """
    return trace_of(metadata[EPISODE], dict(store))
