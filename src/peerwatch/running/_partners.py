"""What a run needs for its partners: model roles, the folder of exchanges, and what an episode uses with them."""

from pathlib import Path

from inspect_ai.model import Model

from peerwatch.agents.peers import Exchanges
from peerwatch.inspect import PEER, ROLE, ChannelLimits
from peerwatch.planning import Plan, Usage, UsageForecast, exchange_key, forecast, peer_key
from peerwatch.running._models import Models

EXCHANGES = "exchanges"
"""Folder in a run's folder with the exchanges before the job, one file for each world, target and partner."""


def roles_of(models: Models) -> dict[str, Model | list[Model]]:
    """The models that Inspect knows by a role: judges, and who speaks for partners with `peer_model: other`."""
    judges: dict[str, Model | list[Model]] = {ROLE: models.judges} if models.judges else {}
    return judges | ({PEER: models.peer} if models.peer else {})


def exchanges_of(plan: Plan, folder: Path) -> Exchanges:
    """Where a run keeps its exchanges with partners, and what they may hold.

    Args:
        plan: The study.
        folder: Of the run.
    """
    design = plan.design
    return Exchanges(
        limits=ChannelLimits(**design.peer_limits.model_dump()),
        folder=folder / EXCHANGES,
        given=Path(design.exchange) if design.exchange else None,
    )


def expected_usage(plan: Plan) -> dict[str, Usage]:
    """What an episode of each model should use, for the budget to reckon with until one has ended."""
    if not plan.design.budget.caps:
        return {}
    outlook = {each.model: each for each in forecast(plan).models}
    found = {name: _per_episode(each) for name, each in outlook.items()}
    other = {plan.design.peer.key} if plan.design.peer else set[str]()
    for target in plan.models:  # what is spoken for partners is spent in the episodes of targets
        for name in (exchange_key(target), *map(peer_key, {target, *other})):
            if name in outlook:
                found[target].add(_per_episode(outlook[name], outlook[target].episodes.value))
    return found


def _per_episode(outlook: UsageForecast, episodes: float = 0) -> Usage:
    share = 1 / max(episodes or outlook.episodes.value, 1)
    fresh, dollars = outlook.input.value - outlook.cached.value, outlook.dollars
    return Usage(
        calls=outlook.calls.value * share,
        fresh=fresh * share,
        cached=outlook.cached.value * share,
        output=outlook.output.value * share,
        dollars=dollars.value * share if dollars else 0.0,
    )
