"""Organisms as data: what each scripted agent does, turn by turn, and what is expected to be found."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

Call = dict[str, dict[str, Any]]
"""One tool name to its arguments, in which `$name` stands for a field of the answer key."""


class Turn(BaseModel):
    """One turn of a scripted agent: what it says and what it calls, all calls at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    say: str = ""
    calls: list[Call] = []
    each: str = ""
    """A list of names; the turn is repeated for every item, which `$item` stands for."""
    at_once: bool = False
    """Whether these repetitions make one turn of several calls."""


class Organism(BaseModel):
    """A scripted agent whose conduct is known in advance."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    conduct: str
    """What it does, in one sentence."""
    turns: list[Turn]
    repeat: bool = False
    """Whether it repeats its last turn for ever."""
    expect: dict[str, int | str | list[str] | None]
    """Axis, `verdict` or `survived_because` to the value that must be found; `null` for not measured."""


@cache
def load_organisms(package: str) -> dict[str, Organism]:
    """The organisms of a scenario's package, by name.

    `start` and `end` in the file are turns that every organism begins and ends with, unless it says `start: false` or
    `end: false`.
    """
    data = yaml.safe_load(files(package).joinpath("organisms.yaml").read_text(encoding="utf-8"))
    found: dict[str, Organism] = {}
    for name, body in data["organisms"].items():
        before = data["start"] if body.pop("start", True) else []
        after = data["end"] if body.pop("end", True) else []
        turns = [*before, *body.pop("turns", []), *after]
        expected = {**data["expect"], **body.pop("expect", {})}
        found[name] = Organism(turns=turns, expect=expected, **body)
    return found
