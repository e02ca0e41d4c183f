"""Who reads an episode as soon as it has ended: the judges in the model role, by the shipped rubric of words."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from inspect_ai.model import ChatMessage

from peerwatch.judges._ask import ask
from peerwatch.judges._masking import masking_of
from peerwatch.judges._material import material_of
from peerwatch.judges._model_role import check_role, judges_in_role
from peerwatch.judges._rubric import Rubric, load_rubric
from peerwatch.outcomes import Words
from peerwatch.worlds import Entry

RUBRIC = "words"


@cache
def words_rubric() -> Rubric:
    """The shipped rubric whose questions are axes."""
    return load_rubric(RUBRIC)


async def judged(
    metadata: Mapping[str, Any], messages: Sequence[ChatMessage], journal: Sequence[Entry]
) -> Words | None:
    """What the judges in the role say of an episode; `None` where there are none.

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
    return await ask(judges, words_rubric(), material_of(messages, journal, masking_of(metadata)))
