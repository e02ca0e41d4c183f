"""The model role `judge`: the models bound to it, and whether they may judge. Their prompts are in `_role.py`."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from inspect_ai.model import Model, get_model, model_roles

from peerwatch.inspect._judge_families import check_judges
from peerwatch.inspect._provider import clean_provider

ROLE = "judge"
"""Name of the model role; it may contain one model or several."""

ALLOW = "PEERWATCH_ALLOW_SAME_FAMILY"
"""Environment variable: if set to 1, a judge of the target's family is allowed."""

_allowed: ContextVar[bool] = ContextVar("peerwatch_same_family", default=False)


@contextmanager
def any_family(*, allowed: bool) -> Generator[None]:
    """Allow judges of the same family as the judged models within the block."""
    before = _allowed.set(allowed)
    try:
        yield
    finally:
        _allowed.reset(before)


def judges_in_role() -> list[Model]:
    """The models bound to the role; none if it is not set, and never the target by default."""
    bound = model_roles().get(ROLE, [])
    return bound if isinstance(bound, list) else [bound]


def clean_providers() -> None:
    """Clean the answers and errors of the providers of the target and of its judges."""
    for model in (get_model(), *judges_in_role()):
        clean_provider(model)


def check_role() -> None:
    """Reject judges that may not judge the target, before an episode starts.

    Raises:
        JudgeError: If one is not allowed.
    """
    judges = judges_in_role()
    if judges:
        check_judges(judges, get_model(), allow_same_family=_allowed.get() or os.environ.get(ALLOW) == "1")
