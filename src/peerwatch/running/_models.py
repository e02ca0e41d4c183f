"""The models of a plan, ready to be called."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from inspect_ai.model import Model

from peerwatch.inspect import check_judges
from peerwatch.models import LocalAPI
from peerwatch.planning import ModelEntry, Plan, target_setup
from peerwatch.running._connection_limit import open_pooled
from peerwatch.running._model_factory import open_model, patience
from peerwatch.running._process_share import WHOLE, Share

MOST_SPARE = 2
"""For so many connections one more episode is under way at most."""


@dataclass(frozen=True)
class Models:
    """The models of a plan, ready to be called.

    Attributes:
        targets: By the names that the plan gives them.
        judges: In the plan's order.
        audited: The same once more, for the audit, which has an event loop of its own: no HTTP client can serve two.
            If empty, those of `judges` serve both.
    """

    targets: dict[str, Model]
    judges: list[Model]
    audited: list[Model] = field(default_factory=list[Model])
    peer: Model | None = None
    """Who speaks for partners with `peer_model: other`; `None` where nobody is named."""


def open_models(plan: Plan, share: Share = WHOLE) -> Models:
    """The models of a plan, made ready before anything is written, and judges checked to be of other families.

    Args:
        plan: The study.
        share: The part of a model's connections that is this process's.

    Raises:
        StudyError: If Inspect does not know one, or its provider cannot be used.
        ModelError: If it is the embedded model and its weights or runtime are missing.
        JudgeError: If a judge may not judge a target.
        AgentError: If what an agent needs is not installed.
    """
    judges = [entry.name for entry in plan.design.judges]
    if judges:
        for target in plan.design.models:
            check_judges(judges, target.name, allow_same_family=plan.design.judge_family == "any")
    targets = {entry.key: _model(entry, plan, WHOLE if entry.in_agent else share) for entry in plan.design.models}
    for entry in plan.design.models:
        if (agent := target_setup(entry).agent) is not None:
            agent.make()  # which looks for what the agent needs
    found = [_judge(entry, plan, share) for entry in plan.design.judges]
    return Models(
        targets,
        found,
        [_again(model, plan, share, entry) for model, entry in zip(found, plan.design.judges, strict=True)],
        _model(plan.design.peer, plan, share) if plan.design.peer else None,
    )


def _judge(entry: ModelEntry, plan: Plan, share: Share) -> Model:
    """A judge, whose calls may take no longer than an episode may."""
    return _model(entry, plan, share, bounded_call(plan.design.time_limit))


def bounded_call(seconds: float | None) -> dict[str, object]:
    """Generation options that give a judge's call up after some time, all retries included.

    Args:
        seconds: Of the clock, rounded up to whole ones; `None` for no such limit.
    """
    return {} if seconds is None else {"timeout": math.ceil(seconds), "attempt_timeout": math.ceil(seconds)}


def _again(model: Model, plan: Plan, share: Share, entry: ModelEntry) -> Model:
    """A judge once more; the embedded model, which has no HTTP client and takes much memory, is the same."""
    return model if isinstance(model.api, LocalAPI) else _judge(entry, plan, share)


def _model(entry: ModelEntry, plan: Plan, share: Share, bound: Mapping[str, object] | None = None) -> Model:
    options = patience(entry.name) | dict(bound or {}) | entry.config
    # The embedded model draws the same for the same seed and conversation, so repeats on one world must not share one.
    if entry.name.startswith("peerwatch/local") and plan.design.epochs == 1:
        options.setdefault("seed", plan.design.seed % 2**31)
    if not entry.connections:
        return open_model(entry.name, options, entry.args)
    connections = share.of(entry.connections)
    # Inspect counts the calls of two entries of one model together, but each of them has an HTTP client of its own.
    alone = [each.name for each in plan.called.values()].count(entry.name) == 1
    in_hand = connections + connections // MOST_SPARE if alone else connections
    return open_pooled(entry.name, options, entry.args, connections=connections, in_hand=in_hand)
