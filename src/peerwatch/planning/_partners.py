"""Who speaks for the partners of a study, and under which names their calls are counted."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from peerwatch.core.factors import Arm
from peerwatch.core.presets import PRESETS
from peerwatch.core.scenarios import LIVE
from peerwatch.planning._design import ArmBlock, Design
from peerwatch.planning._model_entries import ModelEntry, TargetEntry, exchange_key, peer_key
from peerwatch.records import StudyError

if TYPE_CHECKING:
    from peerwatch.planning._plan import Plan

TOLD, OTHER = "told", "other"
"""Levels of `presence`, where no partner can be written to, and of `peer_model`, which needs a model of its own."""


def partners_of(plan: "Plan") -> dict[str, ModelEntry]:
    """Who speaks for partners, and targets while exchanges are recorded, by the names of their calls."""
    found: dict[str, ModelEntry] = {}
    if not any(map(_has_partners, plan.design.arms)):  # which is known at once; arms take time to cross
        return found
    for target in plan.design.models:
        arms = [arm for _, _, arm in plan.cells(target.key) if arm.get("presence", TOLD) != TOLD]
        if arms:
            found[exchange_key(target.key)] = target
        for arm in arms:
            if arm["subject"] == "peer" or arm.get("colleague_replies") == LIVE:
                peer = peer_of(plan, target, arm)
                found[peer_key(peer.key)] = peer
    return found


def _has_partners(block: ArmBlock) -> bool:
    """Whether a partner can be written to in some of a block's arms."""
    levels = {*block.levels.get("presence", ())}
    if block.preset:
        levels |= {each.arm.get("presence", TOLD) for each in PRESETS[block.preset].arms}
    return bool(levels - {TOLD})


def peer_of(plan: "Plan", target: TargetEntry, arm: Arm) -> ModelEntry:
    """Who speaks for an AI partner of a target in an arm, and for colleagues on its channel."""
    other = plan.design.peer
    return other if other is not None and arm.get("peer_model") == OTHER else target


def partner_options(design: Design) -> list[tuple[str, str]]:
    """The command-line options for partners, with their values."""
    named = [("--peer", design.peer.name if design.peer else ""), ("--exchange", design.exchange)]
    return [option for option in named if option[1]]


def has_other(plan: "Plan", model: str) -> bool:
    """Whether another model than a target's can speak for its partner; without one the preset's arms are left out."""
    return plan.design.peer is not None and plan.design.peer.name != plan.entry(model).name


def answered(plan: "Plan", model: str, cells: Iterable[tuple[str, str, Arm]]) -> list[tuple[str, str, Arm]]:
    """The cells (scenario, rubric, arm) of a model for whose partners there is a model to speak."""
    return [cell for cell in cells if cell[2].get("peer_model") != OTHER or has_other(plan, model)]


def check_peer(plan: "Plan") -> None:
    """Refuse a study that names the level `peer_model: other` and no other model, and an exchange that is not there.

    Raises:
        StudyError: If it is one.
    """
    design = plan.design
    asked = any(OTHER in block.levels.get("peer_model", ()) for block in design.arms)
    if asked and not all(has_other(plan, model) for model in plan.models):
        who = "no model is named for it" if design.peer is None else f"{design.peer.name} is a target itself"
        raise StudyError(f"peer_model=other: {who}. Name another model with --peer, or as `peer` in the study.")
    if design.exchange and not Path(design.exchange).is_dir():
        raise StudyError(
            f"exchange={design.exchange} is not a folder. Give one with recorded exchanges, such as the folder "
            "exchanges of a run, or leave it out to record them."
        )
