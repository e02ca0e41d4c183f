"""Judging of interviews."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inspect_ai.model import ChatMessage, Model

from peerwatch.core.outcomes import Words
from peerwatch.core.worlds import Entry
from peerwatch.judging._ask import ask
from peerwatch.judging._masking import masking_of
from peerwatch.judging._material import material_of
from peerwatch.judging._rubric import load_rubric
from peerwatch.judging.interviews._answers import ASKED


@dataclass(frozen=True)
class InterviewMaterial:
    """What judges read of an interview.

    Attributes:
        messages: From the first question on.
        journal: The episode's calls, and then the interview's.
        metadata: Of the episode's sample; it says what must be masked.
    """

    messages: Sequence[ChatMessage]
    journal: Sequence[Entry]
    metadata: Mapping[str, Any]


Ask = Callable[[Sequence[Model], InterviewMaterial], Awaitable[Words]]
"""Has judges answer the questions of the rubric; an instrument without an answer says so in the words."""


RUBRIC = "interview"


def rubric_label() -> str:
    """Name, version and hash of the rubric."""
    return load_rubric(RUBRIC).label


async def ask_judges(judges: Sequence[Model], heard: InterviewMaterial) -> Words:
    """Have judges read an interview, masked, beside the calls of the episode and its own."""
    material = material_of(heard.messages, heard.journal, masking_of(heard.metadata))
    return await ask(judges, load_rubric(RUBRIC), material)


def said(words: Words | None) -> dict[str, bool | None]:
    """Return the majority answer to each question of the rubric."""
    return {question: words.value(question) if words else None for question in ASKED}
