"""The material for judges of interviews."""

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
    """The material about an interview that judges read.

    Attributes:
        messages: Messages from the first question on.
        journal: The episode's calls, followed by the interview's.
        metadata: Metadata of the episode's sample, which determines the masking.
    """

    messages: Sequence[ChatMessage]
    journal: Sequence[Entry]
    metadata: Mapping[str, Any]


Ask = Callable[[Sequence[Model], InterviewMaterial], Awaitable[Words]]
"""Has judges answer the questions of the rubric; missing answers are included with a reason."""


RUBRIC = "interview"


def rubric_label() -> str:
    """Name, version and hash of the rubric."""
    return load_rubric(RUBRIC).label


async def ask_judges(judges: Sequence[Model], heard: InterviewMaterial) -> Words:
    """Have judges read a masked interview, with the calls of the episode and of the interview."""
    material = material_of(heard.messages, heard.journal, masking_of(heard.metadata))
    return await ask(judges, load_rubric(RUBRIC), material)


def said(words: Words | None) -> dict[str, bool | None]:
    """Return the majority answer to each question of the rubric."""
    return {question: words.value(question) if words else None for question in ASKED}
