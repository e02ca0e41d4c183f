"""Opens the models of a plan."""

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
"""Number of connections per additional running episode, at most."""


@dataclass(frozen=True)
class Models:
    """The opened models of a plan.

    Attributes:
        targets: Targets by their names in the plan.
        judges: Judges in the plan's order.
        audited: A second instance of each judge for the audit, which has its own event loop, because HTTP clients work
            in only one. If empty, `judges` are used for both.
    """

    targets: dict[str, Model]
    judges: list[Model]
    audited: list[Model] = field(default_factory=list[Model])
    peer: Model | None = None
    """Who speaks for partners with `peer_model: other`; `None` where nobody is named."""


def open_models(plan: Plan, share: Share = WHOLE) -> Models:
    """Open the models of a plan before anything is written, and check the families of judges.

    Args:
        plan: The study.
        share: This process's share of a model's connections.

    Raises:
        StudyError: If Inspect does not know a model, or its provider cannot be used.
        ModelError: If it is the embedded model and its weights or runtime are missing.
        JudgeError: If a judge may not judge a target.
        AgentError: If a requirement of an agent is not installed.
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
    """A judge with a time limit on calls equal to that of episodes."""
    return _model(entry, plan, share, bounded_call(plan.design.time_limit))


def bounded_call(seconds: float | None) -> dict[str, object]:
    """Return generation options that limit the total time of a judge's call, including retries.

    Args:
        seconds: Wall-clock time, rounded up to an integer; `None` for no limit.
    """
    return {} if seconds is None else {"timeout": math.ceil(seconds), "attempt_timeout": math.ceil(seconds)}


def _again(model: Model, plan: Plan, share: Share, entry: ModelEntry) -> Model:
    """A second instance of a judge; the embedded model, which has no HTTP client and needs much memory, is shared."""
    return model if isinstance(model.api, LocalAPI) else _judge(entry, plan, share)


def _model(entry: ModelEntry, plan: Plan, share: Share, bound: Mapping[str, object] | None = None) -> Model:
    options = patience(entry.name) | dict(bound or {}) | entry.config
    # The embedded model is deterministic for the same seed and conversation, so repeats on one world need different
    # seeds.
    if entry.name.startswith("peerwatch/local") and plan.design.epochs == 1:
        options.setdefault("seed", plan.design.seed % 2**31)
    if not entry.connections:
        return open_model(entry.name, options, entry.args)
    connections = share.of(entry.connections)
    # Inspect counts the calls of two entries of one model together, but each has a separate HTTP client.
    alone = [each.name for each in plan.called.values()].count(entry.name) == 1
    in_hand = connections + connections // MOST_SPARE if alone else connections
    return open_pooled(entry.name, options, entry.args, connections=connections, in_hand=in_hand)
