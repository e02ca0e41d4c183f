"""Commands that only look: what there is, and what a target sees."""

import difflib
from collections.abc import Callable, Sequence
from typing import Any

from peerwatch._commands.output import console, print_json, table
from peerwatch._mistakes import choices
from peerwatch._salt import read_salt
from peerwatch.factors import FACTORS, ArmError, arm_label
from peerwatch.presets import PRESETS
from peerwatch.scenarios import SCENARIOS, Case, named

CHARACTERS_PER_TOKEN = 4
"""A common rule of thumb for English; exact counts differ from one tokenizer to the next."""


def pairs(levels: Sequence[str]) -> dict[str, str]:
    """`FACTOR=LEVEL` words as a dict.

    Raises:
        ArmError: If a word has no equals sign or a factor stands twice.
    """
    found: dict[str, str] = {}
    for word in levels:
        factor, equals, level = word.partition("=")
        if not equals or not factor or not level:
            raise ArmError(f"{word!r} is not of the form FACTOR=LEVEL, as in subject=object.")
        if factor in found:
            raise ArmError(f"{factor} stands twice. Join its levels by commas, where several are allowed.")
        found[factor] = level
    return found


def show(
    scenario: str,
    levels: Sequence[str],
    seed: int,
    diff: Sequence[str],
    *,
    rubric: str = "",
    salt: str = "",
    as_json: bool,
) -> None:
    """Print what the target sees in an arm, or the difference to another arm."""
    scenario = named(scenario)
    if scenario not in SCENARIOS:
        raise ArmError(f"{scenario} is not a scenario. {choices(scenario, SCENARIOS)}")
    chosen = pairs(levels)
    seed = read_salt(salt).seed(seed) if salt else seed
    case = SCENARIOS[scenario].case(chosen, seed, rubric)
    seen = _seen(case)
    if not diff:
        print_json(seen) if as_json else _print_seen(seen)
        return
    other = SCENARIOS[scenario].case(chosen | pairs(diff), seed, rubric)
    lines = _difference(case, other)
    if as_json:
        print_json({"from": seen["arm"], "to": dict(other.arm), "diff": lines})
    else:
        console(as_json=False).print("\n".join(lines) or "The two arms do not differ.", markup=False)


def _seen(case: Case) -> dict[str, Any]:
    from peerwatch.tools import stimulus_hash, tool_text

    tools = [tool_text([name], form=case.form) for name in case.tools]
    return {
        "scenario": case.scenario,
        "rubric": case.rubric,
        "arm": dict(case.arm),
        "seed": case.seed,
        "world_hash": case.world_hash,
        "stimulus_hash": stimulus_hash(case),
        "tokens": (len(case.stimulus) + len("".join(tools))) // CHARACTERS_PER_TOKEN,
        "stimulus": case.stimulus,
        "parts": dict(case.parts),
        "tools": tools,
    }


def _print_seen(seen: dict[str, Any]) -> None:
    out = console(as_json=False)
    rubric = f", rubric {seen['rubric']}" if seen["rubric"] else ""
    out.print(f"{seen['scenario']}{rubric}, arm {arm_label(seen['arm'])}, world {seen['seed']}", markup=False)
    out.print(f"stimulus {seen['stimulus_hash']}, about {seen['tokens']} tokens\n")
    out.print(seen["stimulus"], markup=False)
    out.print("[tools]\n" + "\n".join(seen["tools"]), markup=False)


def _difference(one: Case, other: Case) -> list[str]:
    from peerwatch.tools import tool_text

    first, second = (
        f"{case.stimulus}[tools]\n{tool_text(case.tools, form=case.form)}".splitlines() for case in (one, other)
    )
    names = [f"{case.scenario} {arm_label(case.arm)}" for case in (one, other)]
    return list(difflib.unified_diff(first, second, names[0], names[1], lineterm="", n=1))


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


def _organisms() -> list[dict[str, str]]:
    return [
        {"scenario": name, "model": f"peerwatch/organism-{organism}", "conduct": each.conduct}
        for name, scenario in SCENARIOS.items()
        for organism, each in scenario.organisms.items()
    ]


def _axes() -> list[dict[str, str]]:
    from peerwatch.outcomes import AXES

    return [{"axis": axis, "meaning": meaning} for axis, meaning in AXES.items()]


def _verdicts() -> list[dict[str, str]]:
    from peerwatch.outcomes import VERDICTS

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
    from peerwatch.studies import load_design, runs_per_model, shipped

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
    "organisms": _organisms,
    "axes": _axes,
    "verdicts": _verdicts,
    "models": _models,
}
"""What can be listed."""


def list_(what: str, *, as_json: bool) -> None:
    """Print one of the lists."""
    if what not in LISTS:
        raise ArmError(f"{what!r} cannot be listed. {choices(what, LISTS)}")
    rows = LISTS[what]()
    if as_json:
        print_json(rows)
    else:
        # What is itself a list, such as the arms of a preset, is for machines, and so are files.
        columns = [name for name, value in rows[0].items() if not isinstance(value, list) and name != "file"]
        cells = [[str(row[name]) for name in columns] for row in rows]
        console(as_json=False).print(table(what, columns, cells))
