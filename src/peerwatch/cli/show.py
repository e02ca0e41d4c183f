"""`peerwatch show`: print what a target sees in an arm."""

import difflib
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer

from peerwatch.cli.options import Salt, pairs
from peerwatch.cli.output import console, print_json
from peerwatch.cli.verbs import Json, add_verb
from peerwatch.core.errors import choices
from peerwatch.core.factors import ArmError, arm_label
from peerwatch.core.scenarios import SCENARIOS, Case, named
from peerwatch.inspect._salt import read_salt

CHARACTERS_PER_TOKEN = 4
"""Rule of thumb for English text; exact counts depend on the tokenizer."""


@dataclass(frozen=True, kw_only=True)
class ShowOptions:
    """The options of `peerwatch show`."""

    scenario: Annotated[str, typer.Argument(callback=named, help="Name or folder of a scenario.")]
    levels: Annotated[list[str], typer.Argument(metavar="[FACTOR=LEVEL]...", help="Levels other than the default.")] = (
        field(default_factory=list[str])
    )
    rubric: Annotated[str, typer.Option(help="How outputs are scored. [default: the scenario's first]")] = ""
    seed: Annotated[int, typer.Option(help="Seed of the world.")] = 0
    salt: Salt = ""
    diff: Annotated[list[str], typer.Option(metavar="FACTOR=LEVEL", help="Show the difference to this arm.")] = field(
        default_factory=list[str]
    )
    as_json: Json = False


def register(app: typer.Typer) -> None:
    """Register the command."""
    add_verb(app, show)


def show(options: ShowOptions) -> None:
    """Print exactly what the target sees in an arm, or the difference between two arms."""
    name = options.scenario
    if name not in SCENARIOS:
        raise ArmError(f"{name} is not a scenario. {choices(name, SCENARIOS)}")
    chosen = pairs(options.levels)
    seed = read_salt(options.salt).seed(options.seed) if options.salt else options.seed
    case = SCENARIOS[name].case(chosen, seed, options.rubric)
    seen = _seen(case)
    if not options.diff:
        print_json(seen) if options.as_json else _print_seen(seen)
        return
    other = SCENARIOS[name].case(chosen | pairs(options.diff), seed, options.rubric)
    lines = _difference(case, other)
    if options.as_json:
        print_json({"from": seen["arm"], "to": dict(other.arm), "diff": lines})
    else:
        console(as_json=False).print("\n".join(lines) or "The two arms are identical.", markup=False)


def _seen(case: Case) -> dict[str, Any]:
    from peerwatch.inspect import stimulus_hash, tool_text

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
    from peerwatch.inspect import tool_text

    first, second = (
        f"{case.stimulus}[tools]\n{tool_text(case.tools, form=case.form)}".splitlines() for case in (one, other)
    )
    names = [f"{case.scenario} {arm_label(case.arm)}" for case in (one, other)]
    return list(difflib.unified_diff(first, second, names[0], names[1], lineterm="", n=1))
