"""A study's planned contrasts, expanded by model and scenario, each with its two arms."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from peerwatch.core.factors import Arm, with_family
from peerwatch.planning._design import PlannedContrast
from peerwatch.planning._plan import Plan
from peerwatch.records import AMOUNTS, StudyError, outcome_in

Cell = tuple[str, str, str, tuple[tuple[str, str], ...]]
"""Model, scenario, rubric and arm."""


def cell_of(model: str, scenario: str, rubric: str, arm: Arm) -> Cell:
    """An arm of a model as a key."""
    return model, scenario, rubric, tuple(arm.items())


@dataclass(frozen=True)
class Question:
    """One planned contrast of one model, scenario and rubric, with all other factors held constant."""

    contrast: PlannedContrast
    first: Cell
    second: Cell
    outcome: str
    """Name of the compared outcome; `primary` stands for the scenario's."""
    pool: str = ""
    """Name shared by the questions of a model whose scenarios are pooled. Empty for others."""


def questions(plan: Plan) -> list[Question]:
    """Return every planned contrast of a plan, in order.

    Raises:
        StudyError: If a contrast has no pair of arms, or a family contains a question twice.
    """
    found: list[Question] = []
    cells = {model: dict.fromkeys(cell_of(model, *cell) for cell in plan.cells(model)) for model in plan.models}
    for number, contrast in enumerate(plan.design.contrasts, start=1):
        own = [
            replace(question, contrast=contrast)
            for model in dict.fromkeys(contrast.models or plan.models)
            for question in _of_model(_for_model(contrast, plan.entry(model).name), plan.design.outcome, cells[model])
        ]
        if not own and contrast.factor == "peer_model":
            continue  # without another model to speak for partners, one side is left out
        if not own:
            raise StudyError(
                f"the contrast {contrast.factor}: {contrast.first} - {contrast.second} has no pair of arms that differ "
                f"only in {contrast.factor}. Add both levels to the arms, or remove the contrast."
            )
        found += _pooled(own, contrast, str(number)) if contrast.pool else own
    asked = [(each.contrast.family, each.outcome, each.first, each.second) for each in found]
    if len(set(asked)) < len(asked):
        family, outcome, first, _ = next(each for each in asked if asked.count(each) > 1)
        raise StudyError(
            f"the family {family} has the same contrast twice, {outcome} in {first[1]} for {first[0]}, and would "
            "correct for both. Remove one, or narrow one with scenarios, models or held."
        )
    return found


def _pooled(own: list[Question], contrast: PlannedContrast, name: str) -> list[Question]:
    """The questions of a contrast pooled over scenarios: those about events, because amounts have another unit."""
    what = f"the contrast {contrast.factor}: {contrast.first} - {contrast.second} pools scenarios"
    events = [replace(each, pool=name) for each in own if each.outcome not in AMOUNTS]
    for model in dict.fromkeys(each.first[0] for each in own):
        scenarios = [each.first[1] for each in events if each.first[0] == model]
        if twice := next((each for each in scenarios if scenarios.count(each) > 1), ""):
            raise StudyError(
                f"{what}, and {twice} has several pairs of arms for {model}. Name the other factors in held."
            )
        if len(scenarios) < 2:
            raise StudyError(
                f"{what}, and {model} has {len(scenarios)} of them with an event as the outcome. Leave pool out."
            )
    return events


def _for_model(contrast: PlannedContrast, model: str) -> PlannedContrast:
    """A contrast in which the target's own family is replaced by its name."""
    levels = {"first": contrast.first, "second": contrast.second} if contrast.factor == "identity" else {}
    named = {name: with_family({"identity": level}, model)["identity"] for name, level in levels.items()}
    return contrast.model_copy(update={**named, "held": with_family(contrast.held, model)})


def _of_model(contrast: PlannedContrast, default: str, cells: Mapping[Cell, None]) -> Iterator[Question]:
    """The pairs of a model's arms that differ only in the factor; `default` is the study's outcome."""
    for first in cells:
        model, scenario, rubric, levels = first
        arm = dict(levels)
        wanted = {**contrast.held, contrast.factor: contrast.first}
        if contrast.scenarios and scenario not in contrast.scenarios:
            continue
        if all(arm.get(factor) == level for factor, level in wanted.items()):
            second = cell_of(model, scenario, rubric, {**arm, contrast.factor: contrast.second})
            if second in cells:
                yield Question(contrast, first, second, outcome_in(scenario, contrast.outcome or default))
