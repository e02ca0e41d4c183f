"""The model role `peer`: who speaks for an AI partner, and whose call to a model is under way."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

from inspect_ai.model import Model, get_model, model_roles

from peerwatch.core.factors import Arm
from peerwatch.core.scenarios import TOLD
from peerwatch.inspect._channel import PeerError
from peerwatch.inspect._provider import clean_provider
from peerwatch.inspect.internals import in_role

PEER = "peer"
"""Name of the model role, under which Inspect reports the usage of a partner's model apart."""

BY_ROLE = "peer_model_by_role"
"""Key of a sample's metadata: no `peer_model` was named, so that the model in the role speaks where there is one."""

Speaker = Literal["", "peer", "exchange"]
"""Who a model speaks for: the target in its episode, its partner, or the target while the exchange is recorded."""

_speaking: ContextVar[Speaker] = ContextVar("peerwatch_speaking", default="")


def speaking() -> Speaker:
    """Who the call to a model under way is made for, so that it is counted as theirs."""
    return _speaking.get()


@contextmanager
def speaking_for(who: Speaker) -> Generator[None]:
    """Let the calls to models that are made meanwhile be somebody's."""
    before = _speaking.set(who)
    try:
        yield
    finally:
        _speaking.reset(before)


def arm_by_role(arm: Arm) -> Arm:
    """An arm whose `peer_model` was not named, with the level that the model in the role has."""
    bound = _in_role()
    there = arm.get("presence", TOLD) != TOLD and arm.get("subject") == "peer"
    return {**arm, "peer_model": "other"} if there and bound is not None and str(bound) != str(get_model()) else arm


def _in_role() -> Model | None:
    bound = model_roles().get(PEER)
    return bound[0] if isinstance(bound, list) else bound


def peer_model(arm: Mapping[str, str], *, by_role: bool) -> Model:
    """The model that speaks for an AI partner, in the role `peer`.

    Args:
        arm: Its `peer_model` says whether it is the target's own.
        by_role: Whether the model in the role speaks, if there is one, whatever the arm says.

    Raises:
        PeerError: If another model than the target's is asked for, and none is in the role.
    """
    bound = _in_role()
    other = arm.get("peer_model") == "other"
    if other and bound is None:
        raise PeerError(
            "peer_model=other: no model is in the role peer. Name one with --model-role peer=MODEL, or with --peer "
            "in a study."
        )
    chosen = bound if bound is not None and (other or by_role) else get_model()
    return clean_provider(in_role(chosen, PEER))
