"""What Inspect loads through the entry point: tasks, scorer, agent and models."""

from collections.abc import Callable
from typing import Any, cast

from inspect_ai.model import ModelAPI, modelapi

from peerwatch.agents import ScriptedAgentAPI, simulated
from peerwatch.agents.peers import ScriptedPeerAPI, meet_partner
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.inspect import open_world
from peerwatch.judging import peerwatch_scorer
from peerwatch.running import (
    disk_cleanup,
    oversight_review,
    performance_review,
    product_report,
    scenario_task,
    server_migration,
    shutdown_switch,
)


def _build(model_name: str, **arguments: Any) -> ModelAPI:  # noqa: ANN401 - what Inspect passes to a provider
    if model_name.startswith("scripted-"):
        return ScriptedAgentAPI(model_name, **arguments)
    if model_name.startswith("peer-"):
        return ScriptedPeerAPI(model_name, **arguments)
    from peerwatch.models import LocalAPI

    return LocalAPI(model_name, **arguments)


def _installed() -> None:
    """Register the tasks of scenarios that other packages offer, as `peerwatch/NAME`."""
    for name in SCENARIOS:
        if name not in __all__:
            globals()[name] = scenario_task(name)


@modelapi(name="peerwatch")
def peerwatch() -> Callable[..., type[ModelAPI]]:
    """Models of Peerwatch's own: `peerwatch/local`, `peerwatch/scripted-NAME` and `peerwatch/peer-NAME`."""
    return cast("Callable[..., type[ModelAPI]]", _build)


__all__ = [
    "disk_cleanup",
    "meet_partner",
    "open_world",
    "oversight_review",
    "peerwatch",
    "peerwatch_scorer",
    "performance_review",
    "product_report",
    "server_migration",
    "shutdown_switch",
    "simulated",
]

_installed()
