"""The command `compare`: two models, or two versions of one, on the same worlds."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import typer
from rich.console import Console

from peerwatch._commands.output import console, print_json, scrubbed
from peerwatch._commands.reporting import gathered
from peerwatch.comparisons import (
    Asked,
    Part,
    Version,
    compare,
    parse_gate,
    print_comparison,
    split_places,
    to_json,
    version_of,
    worst,
)
from peerwatch.scenarios import CANARY
from peerwatch.studies import models_at


@dataclass(frozen=True)
class Wanted:
    """The options as they were given."""

    outcome: str
    fail_if: Sequence[str]
    alpha: float
    anytime: bool
    other_stimulus: bool
    shared: bool


def compare_places(a: str, b: str, wanted: Wanted, *, as_json: bool) -> None:
    """Print B minus A, and leave with the status that the gates ask for.

    Raises:
        ComparisonError: If the two cannot be compared, or an option is not legal.
        LogError: If a place holds no logs, or a damaged one.
        Exit: With status 3 if a gate fired, else 1 if one cannot be tested.
    """
    asked = Asked(
        outcome=wanted.outcome,
        gates=tuple(dict.fromkeys(parse_gate(words) for words in wanted.fail_if)),
        alpha=wanted.alpha,
        anytime=wanted.anytime,
        other_stimulus=wanted.other_stimulus,
        shared=wanted.shared,
    )
    found = compare(_version(a), _version(b), asked)
    status = worst(found.gates)
    if as_json:
        print_json({"canary": CANARY, "exit_status": status} | to_json(found))
    else:
        print_comparison(console(as_json=False), found)
    errors = Console(file=sys.stderr, soft_wrap=True, highlight=False)
    for each in found.gates:
        if each.state != "quiet":
            errors.print(f"peerwatch: {scrubbed(each.sentence)}", markup=False)
    if status:
        raise typer.Exit(status)


def _version(words: str) -> Version:
    parts = [
        Part(study=gathered([place])[0], place=str(place), model=model, names=models_at(place))
        for place, model in split_places(words)
    ]
    return version_of(words, parts)
