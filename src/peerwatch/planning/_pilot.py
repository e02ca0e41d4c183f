"""Pilots: a few real episodes on separate worlds, run before a study to correct its forecast."""

import random
from collections.abc import Iterator
from pathlib import Path

from inspect_ai.event import ModelEvent
from inspect_ai.log import EvalSample
from inspect_ai.model import ModelUsage

from peerwatch.core.factors import Arm
from peerwatch.inspect import REPEATED
from peerwatch.planning._changes import Change, changes
from peerwatch.planning._design import ArmBlock, Budget, Design
from peerwatch.planning._episode_usage import EpisodeUsage
from peerwatch.planning._plan import Plan, load_plan, save_plan
from peerwatch.planning._prices import price_of
from peerwatch.planning._questions import cell_of
from peerwatch.planning._spend import Spend, usage_counts
from peerwatch.records import PLAN_FILE, Ledger, StudyError, open_logs, read_samples

BEYOND = 1_000_000
"""Offset of a pilot's seeds from the study's, so that a study that is extended later never reaches them."""


def pilot_of(plan: Plan, count: int) -> Plan:
    """Return the plan of a pilot: the study's models, options and budget, and some of its arms on separate worlds.

    The arms alternate between the scenarios, in an order drawn from the study's seed; a larger pilot includes the
    episodes of a smaller one.

    Args:
        plan: The study.
        count: Episodes of each model; if it exceeds the number of arms, it is rounded up to whole worlds.
    """
    design = plan.design
    cells = _spread(plan.model_copy(update={"bars": []}))  # keeps `calibrated`, whose number differs by model
    made = Design(
        title=f"Pilot of {design.title}",
        models=design.models,
        arms=[_block(*cell) for cell in cells[:count]],
        worlds=-(-count // len(cells)),
        seed=design.seed + BEYOND,
        budget=design.budget,
        turns=design.turns,
        time_limit=design.time_limit,
        loop=design.loop,
    )
    return Plan(
        design=made,
        bars=plan.bars,
        prices=plan.prices,
        version=plan.version,
        factors=plan.factors,
        created=plan.created,
    )


def _spread(plan: Plan) -> list[tuple[str, str, Arm]]:
    """Every arm of a study, alternating between scenarios."""
    drawn = random.Random(plan.design.seed)  # noqa: S311 - no secret
    groups: dict[tuple[str, str], list[tuple[str, str, Arm]]] = {}
    for cell in plan.cells(plan.models[0]):
        groups.setdefault(cell[:2], []).append(cell)
    for each in groups.values():
        drawn.shuffle(each)
    turns = max(map(len, groups.values()))
    return [each[number] for number in range(turns) for each in groups.values() if number < len(each)]


def _block(scenario: str, rubric: str, arm: Arm) -> ArmBlock:
    levels = {factor: [level] for factor, level in arm.items()}
    return ArmBlock(scenarios=[scenario], rubrics=[rubric] if rubric else [], levels=levels)


def begin_pilot(pilot: Plan, folder: Path) -> None:
    """Store a pilot's plan in its folder; episodes of a smaller or larger pilot with the same models are kept.

    Raises:
        StudyError: If the folder contains a pilot with other settings; the message lists each field, old and new.
    """
    differing = check_pilot(pilot, folder) if (folder / PLAN_FILE).is_file() else ""
    if differing:
        raise StudyError(
            f"the pilot in {folder} was made with other settings: {differing}. Choose another folder with --out, or "
            "remove it."
        )
    save_plan(pilot, folder)


def check_pilot(pilot: Plan, folder: Path) -> str:
    """Describe the differences between a pilot and the one in a folder that make their episodes incomparable.

    Raises:
        StudyError: If the folder contains no plan, or a damaged one.
    """
    begun = load_plan(folder)
    differing = changes(_lasting(begun, pilot), _lasting(pilot, begun))
    if begun.version != pilot.version:
        differing.append(Change("version", begun.version, pilot.version))
    return "; ".join(map(str, differing))


def _lasting(plan: Plan, other: Plan) -> Design:
    """The settings on which a pilot's episodes depend, besides arm and world; for the models that both have."""
    models = [entry for entry in plan.design.models if entry.key in other.models]
    kept = {entry.key: entry.model_copy(update={"price": None, "connections": None}) for entry in models}
    fields = {"title": "", "arms": [ArmBlock(preset="core")], "worlds": 1, "budget": Budget()}
    return plan.design.model_copy(update={**fields, "models": [kept[key] for key in sorted(kept)]})


def measured(folder: Path, plan: Plan) -> list[EpisodeUsage]:
    """Return the usage of a pilot's episodes, from its logs.

    Episodes cut off by an error or a cap are excluded, as are models and arms that the study lacks.

    Args:
        folder: The pilot's folder.
        plan: The study.

    Raises:
        LogError: If a log is damaged.
    """
    known = {cell_of(model, *cell) for model in plan.models for cell in plan.cells(model)}
    found: dict[tuple[str, str, int], EpisodeUsage] = {}
    if not any(folder.rglob("*.eval")):  # none of its episodes has started
        return []
    for log, sample in read_samples(open_logs(folder, planned=True), without=frozenset()):
        one = _of_sample(sample, log.name)
        if one.cell in known and sample.error is None and (sample.limit is None or sample.limit.type != "custom"):
            found[(one.cell[0], str(sample.id), sample.epoch)] = one
    return list(found.values())


def _of_sample(sample: EvalSample, model: str) -> EpisodeUsage:
    data = sample.metadata
    calls = tuple(usage_counts(each) for each in _usages(sample))
    cell = cell_of(model, data["scenario"], data["rubric"], data["arm"])
    return EpisodeUsage(cell, calls, sample.total_time or 0.0, repeats=int(sample.store.get(REPEATED, 0)))


def _usages(sample: EvalSample) -> Iterator[ModelUsage]:
    for event in sample.events:
        if isinstance(event, ModelEvent) and event.output.usage is not None:
            yield event.output.usage


def pilot_spend(folder: Path, plan: Plan) -> Spend:
    """Return the spending of a pilot so far, in all sessions."""
    rows = Ledger(folder).news()
    models: list[str] = [row["model"] for row in rows if "model" in row]
    spend = Spend({each: plan.price(each) if each in plan.models else price_of(each, plan.prices) for each in models})
    spend.feed(rows)
    return spend
