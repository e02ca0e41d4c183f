"""The output of `peerwatch plan`, as tables and as JSON."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from peerwatch.cli.output import table
from peerwatch.core.durations import in_words
from peerwatch.core.factors import arm_label
from peerwatch.planning import Budget, Forecast, Plan, Range, Spend, UsageForecast, questions
from peerwatch.running import shortened

FIGURES = {
    "episodes": "episodes",
    "calls": "calls",
    "input": "tokens read",
    "cached": "  of these cached",
    "output": "tokens written",
    "reasoning": "  of these reasoning",
    "dollars": "dollars",
    "hours": "time",
}
"""Quantities of a forecast, with their names in the table."""


def print_study(plan: Plan, cost: Forecast, out: Console, *, lock: Path | None) -> None:
    """Print the arms, contrasts, size and stopping rule of a study."""
    design = plan.design
    out.print(design.title, markup=False, style="bold")
    if design.description:
        out.print(design.description, markup=False)
    out.print(f"hash {design.digest()}, {f'locked in {lock}' if lock else 'not locked'}", markup=False)
    arms = Counter((scenario, rubric) for scenario, rubric, _ in plan.cells(plan.models[0]))
    cells = [[scenario, rubric, str(number)] for (scenario, rubric), number in arms.items()]
    out.print(table("Arms of each model", ["scenario", "rubric", "arms"], cells))
    if design.contrasts:
        columns = ["family", "contrast", "outcome", "side", "pairs of arms"]
        rows = [[*(str(row[name]) for name in columns[:-1]), str(row["pairs"])] for row in contrast_rows(plan)]
        out.print(table("Planned contrasts", columns, rows))
    out.print(
        f"{cost.total.episodes.value:,.0f} episodes (models {len(plan.models)}, arms {sum(arms.values())}, worlds "
        f"{design.worlds}, epochs {design.epochs})",
        markup=False,
    )
    for model, agent in _agents(plan).items():
        said = f" ({agent['command']})" if agent["command"] else ""
        out.print(f"{model}: works in {agent['agent']}{said}, machines in {agent['sandbox']}", markup=False)
    out.print(_rule(plan), markup=False)


def _agents(plan: Plan) -> dict[str, dict[str, str]]:
    """Return the coding agents of the models that use one on machines."""
    return {
        entry.key: {"agent": entry.agent, "command": entry.agent_command, "sandbox": entry.machines}
        for entry in plan.design.models
        if entry.in_agent
    }


def _rule(plan: Plan) -> str:
    stopping = plan.design.stopping
    levels = f"alpha {stopping.alpha:g}"
    shift = "" if stopping.smallest_shift is None else f", of a score {stopping.smallest_shift:g} points"
    if stopping.rule == "fixed":
        return f"Stopping: fixed, all worlds are run ({levels})"
    return (
        f"Stopping: anytime, at most {plan.design.most_worlds} worlds per contrast ({levels}, beta {stopping.beta:g}, "
        f"smallest effect {stopping.smallest_effect:g}{shift})"
    )


def contrast_rows(plan: Plan) -> list[dict[str, Any]]:
    """Return every planned contrast, with its number of pairs of arms over all models and scenarios."""
    pairs = Counter(id(question.contrast) for question in questions(plan))
    return [
        {
            "family": each.family,
            "contrast": f"{each.factor}: {each.first} - {each.second}",
            "outcome": each.outcome or plan.design.outcome,
            "side": each.side,
            "pairs": pairs[id(each)],
        }
        for each in plan.design.contrasts
    ]


def cost_table(title: str, cost: Forecast) -> Table:
    """Return a forecast by model and in total, each value with its expected interval."""
    models = [*cost.models, cost.total] if len(cost.models) > 1 else list(cost.models)
    rows = [row for each in models for row in [[each.model or "all models"], *_figures(each), []]]
    return table(title, ["", "expected", "from", "to"], rows[:-1])


def forecast_line(cost: Forecast) -> str:
    """Return the forecast of all models together in one line, each value with its expected interval."""
    total = cost.total
    figures = [("calls", total.calls), ("tokens", total.tokens), ("dollars", total.dollars), ("hours", total.hours)]
    said = [
        f"{_shown(name, found.value)}{'' if name in ('dollars', 'hours') else f' {name}'} "
        f"({_shown(name, found.low)} to {_shown(name, found.high)})"
        for name, found in figures
        if found is not None
    ]
    unpriced = f"; no price is known for {', '.join(cost.unpriced)}" if cost.unpriced else ""
    return f"{total.episodes.value:,.0f} episodes, {', '.join(said)}{unpriced}"


def _figures(of: UsageForecast) -> Iterator[list[str]]:
    for name, words in FIGURES.items():
        found: Range | None = getattr(of, name)
        yield [f"  {words}", *([_shown(name, each) for each in found] if found else ["no price known"])]


def _shown(name: str, value: float) -> str:
    if name == "dollars":
        return f"${value:,.2f}" if value < 100 else f"${value:,.0f}"
    return in_words(value * 3600) if name == "hours" else shortened(value)


def room(budget: Budget, cost: Forecast) -> Iterator[tuple[str, bool]]:
    """Yield for each cap a line that states whether the study fits under it, and whether the line is a warning.

    No new episode starts once spending reaches the reserve.
    """
    for name, found in _capped(cost.total):
        cap: float | None = getattr(budget, name)
        if cap is None:
            continue
        end = cap * (1 - budget.reserve)
        before = f"{_shown(name, end)} of {_shown(name, cap)} {'' if name in ('dollars', 'hours') else name}".rstrip()
        said = f"Budget: no episode starts beyond {before}"
        if found is None:
            yield f"{said}; whether that is enough is unknown.", True
        elif found.value > end:
            yield f"{said}. The study will NOT fit: the forecast is {_shown(name, found.value)}.", True
        elif found.high > end:
            yield f"{said}. The study may not fit: the upper bound is {_shown(name, found.high)}.", True
        else:
            yield f"{said}. The study fits: the upper bound is {_shown(name, found.high)}.", False


def _capped(total: UsageForecast) -> Iterator[tuple[str, Range | None]]:
    yield "dollars", total.dollars
    yield "tokens", total.tokens
    yield "calls", total.calls
    yield "hours", total.hours


def spent_line(spend: Spend) -> str:
    """Describe what has been spent."""
    total = spend.total()
    dollars = "no price known" if spend.dollars is None else f"${spend.dollars:.2f}"
    return (
        f"{shortened(total.calls)} calls, {shortened(total.tokens)} tokens, {dollars}, {in_words(spend.hours * 3600)}"
    )


def study_sheet(plan: Plan, cost: Forecast, lock: Path | None, *, pilot: dict[str, Any] | None) -> dict[str, Any]:
    """Return everything that `peerwatch plan` prints, as JSON data."""
    design = plan.design
    return {
        "study": plan.study,
        "title": design.title,
        "hash": design.digest(),
        "lock": str(lock) if lock else None,
        "models": plan.models,
        "agents": _agents(plan),
        "arms": _arms(plan),
        "contrasts": contrast_rows(plan),
        "worlds": design.worlds,
        "epochs": design.epochs,
        "episodes": int(cost.total.episodes.value),
        "stopping": design.stopping.model_dump(),
        "budget": design.budget.model_dump(),
        "fits": [{"says": line, "warns": warns} for line, warns in room(design.budget, cost)],
        "forecast": {
            "models": [_expected(each) for each in cost.models],
            "total": _expected(cost.total),
            "unpriced": list(cost.unpriced),
            "at_most": cost.at_most,
        },
        "pilot": pilot,
    }


def _arms(plan: Plan) -> list[dict[str, Any]]:
    """Return every distinct arm once, with the models that run it."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for model in plan.models:
        for scenario, rubric, arm in plan.cells(model):
            about: dict[str, Any] = {"scenario": scenario, "rubric": rubric, "label": arm_label(arm), "arm": arm}
            row = found.setdefault((scenario, rubric, *arm.items()), {**about, "models": list[str]()})
            row["models"].append(model)
    return list(found.values())


def _expected(of: UsageForecast) -> dict[str, Any]:
    figures: dict[str, Range | None] = {name: getattr(of, name) for name in FIGURES}
    ranges = {name: found._asdict() if found else None for name, found in figures.items()}
    return {"model": of.model or "total", **ranges, "piloted": of.piloted, "why": of.why}
