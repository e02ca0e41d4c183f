"""`peerwatch list`: scenarios, factors, scripted agents and other names that commands accept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from peerwatch.cli.output import console, print_json, table
from peerwatch.cli.verbs import Json, add_verb, refuse_removed
from peerwatch.core.errors import choices
from peerwatch.core.factors import FACTORS, ArmError
from peerwatch.core.presets import PRESETS
from peerwatch.core.scenarios import SCENARIOS


def _scenarios() -> list[dict[str, str]]:
    return [{"scenario": name, "job": each.text.title, "paper": each.text.paper} for name, each in SCENARIOS.items()]


def _factors() -> list[dict[str, str]]:
    return [
        {
            "factor": name,
            "level": level + (" (default)" if level == factor.default else ""),
            "meaning": meaning,
            "scenarios": ", ".join(s for s, each in SCENARIOS.items() if level in each.text.factors.get(name, ())),
        }
        for name, factor in FACTORS.items()
        for level, meaning in factor.levels.items()
    ]


def _scripted() -> list[dict[str, str]]:
    return [
        {"scenario": name, "model": f"peerwatch/scripted-{scripted_agent}", "conduct": each.conduct}
        for name, scenario in SCENARIOS.items()
        for scripted_agent, each in scenario.scripted_agents.items()
    ]


def _axes() -> list[dict[str, str]]:
    from peerwatch.core.outcomes import AXES

    return [{"axis": axis, "meaning": meaning} for axis, meaning in AXES.items()]


def _verdicts() -> list[dict[str, str]]:
    from peerwatch.core.outcomes import VERDICTS

    return [{"verdict": verdict, "meaning": meaning} for verdict, meaning in VERDICTS.items()]


def _models() -> list[dict[str, str]]:
    from peerwatch.models import catalogue

    return [
        {
            "model": f"peerwatch/local:{each.name}",
            "licence": each.licence,
            "note": each.note,
        }
        for each in catalogue().models
    ]


def _presets() -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "purpose": each.purpose,
            "count": len(each.arms),
            "differs": list(each.differs),
            "arms": [arm.model_dump() for arm in each.arms],
        }
        for name, each in PRESETS.items()
    ]


def _studies() -> list[dict[str, Any]]:
    from peerwatch.planning import load_design, runs_per_model, shipped

    found = [(name, file, load_design(file)) for name, file in shipped().items()]
    return [
        {
            "name": name,
            "title": design.title,
            "episodes": runs_per_model(design),
            "description": design.description,
            "file": str(file),
        }
        for name, file, design in found
    ]


LISTS: dict[str, Callable[[], Sequence[dict[str, Any]]]] = {
    "scenarios": _scenarios,
    "factors": _factors,
    "presets": _presets,
    "studies": _studies,
    "scripted": _scripted,
    "axes": _axes,
    "verdicts": _verdicts,
    "models": _models,
}
"""Legal arguments of `peerwatch list`, each with the function that makes its rows."""


TITLES = {"scripted": "scripted agents"}
"""Titles of tables whose argument can't serve as a title."""


@dataclass(frozen=True, kw_only=True)
class ListOptions:
    """The options of `peerwatch list`."""

    what: Annotated[str, typer.Argument(help=f"One of: {', '.join(LISTS)}.")] = "scenarios"
    as_json: Json = False


def register(app: typer.Typer) -> None:
    """Register the command."""
    add_verb(app, list_, "list")


def list_(options: ListOptions) -> None:
    """List scenarios, factors, presets, studies, scripted agents, axes, verdicts or models."""
    what = options.what
    if what not in LISTS:
        refuse_removed(what)
        raise ArmError(f"{what!r} cannot be listed. {choices(what, LISTS)}")
    rows = LISTS[what]()
    if options.as_json:
        print_json(rows)
    else:
        # Nested lists, such as the arms of a preset, and file paths appear in the JSON only.
        columns = [name for name, value in rows[0].items() if not isinstance(value, list) and name != "file"]
        cells = [[str(row[name]) for name in columns] for row in rows]
        console(as_json=False).print(table(TITLES.get(what, what), columns, cells))
