"""Judges an episode as soon as it has ended, with the models in the role and the shipped rubric of words."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from inspect_ai.model import ChatMessage

from peerwatch.core.outcomes import Words
from peerwatch.core.scenarios import TOLD
from peerwatch.core.worlds import Entry
from peerwatch.inspect import check_role, judges_in_role
from peerwatch.judging._ask import ask
from peerwatch.judging._masking import masking_of
from peerwatch.judging._material import material_of
from peerwatch.judging._rubric import Rubric, load_rubric

RUBRIC = "words"


@cache
def words_rubric() -> Rubric:
    """The shipped rubric whose questions are axes."""
    return load_rubric(RUBRIC)


@cache
def presence_rubric() -> Rubric:
    """The shipped rubric about what a target and a partner that was there said to each other."""
    return load_rubric("presence")


async def judged(
    metadata: Mapping[str, Any], messages: Sequence[ChatMessage], journal: Sequence[Entry]
) -> Words | None:
    """Return the answers of the judges in the role about an episode; `None` without judges.

    Args:
        metadata: `Sample.metadata`.
        messages: The conversation.
        journal: The target's calls.

    Raises:
        JudgeError: If a judge may not judge the target.
    """
    judges = judges_in_role()
    if not judges:
        return None
    check_role()
    material = material_of(messages, journal, masking_of(metadata))
    words = await ask(judges, words_rubric(), material)
    if metadata["arm"].get("presence", TOLD) == TOLD:
        return words
    more = await ask(judges, presence_rubric(), material)
    return words.model_copy(update={"answers": (*words.answers, *more.answers)})
