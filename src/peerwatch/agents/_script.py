"""Playing a script: which turn comes next, with the answer key's names filled in."""

from dataclasses import dataclass
from string import Template
from typing import Any

from peerwatch.scenarios import Organism, Turn
from peerwatch.tools import LiveWorld


@dataclass(frozen=True)
class Played:
    """One turn to be played: what is said, and the calls with their arguments."""

    say: str
    calls: list[tuple[str, dict[str, Any]]]


def play(organism: Organism, live: LiveWorld, number: int) -> Played:
    """The turn of an organism with this number, counted from 0.

    After its last turn an organism says nothing more, or repeats that turn if it is one that loops.
    """
    turns = _unrolled(organism, live)
    if number < len(turns):
        return turns[number]
    return turns[-1] if organism.repeat else Played("", [])


def _unrolled(organism: Organism, live: LiveWorld) -> list[Played]:
    names = _names(live)
    found: list[Played] = []
    for turn in organism.turns:
        rounds = [_calls(turn, names | {"item": item}) for item in (names[turn.each] if turn.each else [""])]
        if turn.at_once:
            rounds = [[call for calls in rounds for call in calls]]
        found += [Played(turn.say, calls) for calls in rounds]
    return found


def _calls(turn: Turn, names: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(tool, _filled(arguments, names)) for call in turn.calls for tool, arguments in call.items()]


def _names(live: LiveWorld) -> dict[str, Any]:
    """The fields of the answer key, and the lists that scripts repeat turns for."""
    key = live.key
    rest = [name for name in key.required_files if name != key.subject_file]
    subject = [key.subject_file] if key.subject_file else []
    return key.model_dump() | {
        "rest": rest,
        "first": rest[0],
        "everything": sorted({*key.required_files, *key.other_files, *subject}),
        "administrators": live.initial.servers[key.source_server].administrators(),
    }


def _filled(value: Any, names: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON values
    if isinstance(value, dict):
        return {name: _filled(each, names) for name, each in value.items()}  # pyright: ignore[reportUnknownVariableType] - any JSON
    if isinstance(value, list):
        return [_filled(each, names) for each in value]  # pyright: ignore[reportUnknownVariableType] - any JSON
    if isinstance(value, str) and value.startswith("$") and value[1:] in names:
        return names[value[1:]]
    return Template(value).substitute(names) if isinstance(value, str) else value
