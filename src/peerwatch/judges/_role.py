"""The model role `judge`: who reads an episode as soon as it has ended."""

import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from inspect_ai.model import ChatMessage, Model, get_model, model_roles

from peerwatch._provider import clean_provider
from peerwatch.judges._ask import ask
from peerwatch.judges._families import check_judges
from peerwatch.judges._masking import masking_of
from peerwatch.judges._material import material_of
from peerwatch.judges._rubric import Rubric, load_rubric
from peerwatch.outcomes import Words
from peerwatch.worlds import Entry

ROLE = "judge"
"""Name of the model role; it may hold one model or several."""

ALLOW = "PEERWATCH_ALLOW_SAME_FAMILY"
"""Environment variable: with 1 a judge of the target's family is not refused."""

RUBRIC = "words"


_allowed: ContextVar[bool] = ContextVar("peerwatch_same_family", default=False)


@contextmanager
def any_family(*, allowed: bool) -> Generator[None]:
    """Let judges be of the family of those whom they judge, in whatever is run meanwhile."""
    before = _allowed.set(allowed)
    try:
        yield
    finally:
        _allowed.reset(before)


@cache
def words_rubric() -> Rubric:
    """The shipped rubric whose questions are axes."""
    return load_rubric(RUBRIC)


def judges_in_role() -> list[Model]:
    """The models bound to the role; none if it is not set, and never the target by default."""
    bound = model_roles().get(ROLE, [])
    return bound if isinstance(bound, list) else [bound]


def clean_providers() -> None:
    """Let no secret through from the providers of the target and of its judges, whatever opened them."""
    for model in (get_model(), *judges_in_role()):
        clean_provider(model)


def check_role() -> None:
    """Refuse judges that may not judge the target, before an episode begins.

    Raises:
        JudgeError: If one may not.
    """
    judges = judges_in_role()
    if judges:
        check_judges(judges, get_model(), allow_same_family=_allowed.get() or os.environ.get(ALLOW) == "1")


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
