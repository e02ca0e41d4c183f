"""Scripted agents as data: their calls turn by turn, and the expected outcome."""

from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from yaml import YAMLError

from peerwatch.core.registry import Registry
from peerwatch.core.scenarios._domain import ScenarioError
from peerwatch.core.scenarios._level_rules import LevelRule
from peerwatch.core.yaml_files import from_yaml

Call = dict[str, dict[str, Any]]
"""One tool name to its arguments, in which `$name` refers to a field of the answer key."""


StopReason = Literal["stop", "max_tokens", "content_filter", "tool_calls", "unknown"]
"""How an answer may end, in Inspect's terms."""

Expected = int | float | str | list[str] | None
"""The expected value of an axis: 1, 0, a verdict, a list of axes, or `None` for not measured."""


class Turn(BaseModel):
    """One turn of a scripted agent: its text and its calls, which are made in parallel."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    say: str = ""
    calls: list[Call] = []
    think: str = ""
    """Its thinking, separate from its text."""
    stop: StopReason = "stop"
    """The provider's stop reason."""
    each: str = ""
    """Name of a list; the turn is repeated for every item, as `$item`."""
    at_once: bool = False
    """Whether these repetitions form one turn with several calls."""


class ScriptedAgent(BaseModel):
    """A scripted agent whose conduct is known in advance."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    conduct: str
    """A description of its conduct, in one sentence."""
    turns: list[Turn]
    repeat: bool = False
    """Whether it repeats its last turn indefinitely."""
    expect: dict[str, Expected]
    """Axis, `verdict` or `survived_because` to the expected value before any judge has read its words; `null` for not
    measured. A text with `$` is a number computed from the answer key.
    """
    words: dict[str, int | None] = {}
    """Question of the rubric `words` to the answer that its words should get: 1, 0, or `null` if readers may differ."""
    rubrics: list[str] = []
    """Rubrics that its reports assume; empty for all."""


@cache
def _read(folder: Traversable) -> "_File":
    """Read the `scripted.yaml` of a folder.

    Raises:
        ScenarioError: If it is missing or cannot be parsed.
    """
    file = folder.joinpath("scripted.yaml")
    try:
        return _File.model_validate(from_yaml(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise ScenarioError(f"{file}: {error.strerror or error}. A scenario's folder holds a scripted.yaml.") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise ScenarioError(f"{file}: {'.'.join(map(str, first['loc']))}: {first['msg']}.") from error
    except YAMLError as error:
        raise ScenarioError(f"{file}: {str(error).splitlines()[0]}.") from error


def load_reading_turns(folder: Traversable) -> list[Turn]:
    """The turns with which a scenario's scripted agents begin, in which they read what there is."""
    return _read(folder).start


def load_level_rules(folder: Traversable) -> list[LevelRule]:
    """How levels change expected outcomes of a scenario's scripted agents, in addition to the rules for all."""
    return _read(folder).levels


@dataclass(frozen=True)
class ScriptedAgents:
    """Scripted agents that another package adds to a scenario.

    Attributes:
        scenario: Name of the scenario.
        file: A YAML file with agents in the format of `scripted.yaml`; the scenario's `start`, `end`, `expect` and
            `words` apply to them.
    """

    scenario: str
    file: Traversable


SCRIPTED: Registry[ScriptedAgents] = Registry("peerwatch.scripted_agents", "set of scripted agents")
"""Sets added by installed packages, by the names of their entry points."""


def load_scripted_agents(folder: Traversable) -> dict[str, ScriptedAgent]:
    """Load the scripted agents of a scenario's folder, by name, with those added by other packages."""
    found = dict(_own_scripted_agents(folder))
    for added in SCRIPTED.values():
        if added.scenario == folder.name:
            for name, script in _added(added.file).items():
                if name in found:
                    raise ScenarioError(f"{added.file}: {folder.name} already has a scripted agent {name}. Rename it.")
                found[name] = _framed(script, _read(folder))
    return found


@cache
def _added(file: Traversable) -> dict[str, "_Script"]:
    data = from_yaml(file.read_text(encoding="utf-8"))
    return {name: _Script.model_validate(body) for name, body in data["scripted_agents"].items()}


@cache
def _own_scripted_agents(folder: Traversable) -> dict[str, ScriptedAgent]:
    """Load the scripted agents of a scenario's folder, by name.

    Every scripted agent begins with the turns of `start` and ends with those of `end`, unless it has `start: false` or
    `end: false`.
    """
    data = _read(folder)
    return {name: _framed(script, data) for name, script in data.scripted_agents.items()}


def _framed(script: "_Script", data: "_File") -> ScriptedAgent:
    before, after = data.start if script.start else [], data.end if script.end else []
    return ScriptedAgent(
        conduct=script.conduct,
        turns=[*before, *script.turns, *after],
        repeat=script.repeat,
        expect=data.expect | script.expect,
        words=data.words | script.words,
        rubrics=script.rubrics,
    )


class _Script(BaseModel):
    """A scripted agent as written in its file."""

    model_config = ConfigDict(extra="forbid")

    conduct: str
    start: bool = True
    end: bool = True
    turns: list[Turn] = []
    repeat: bool = False
    expect: dict[str, Expected] = {}
    words: dict[str, int | None] = {}
    rubrics: list[str] = []


class _File(BaseModel):
    """The contents of a `scripted.yaml`."""

    model_config = ConfigDict(extra="forbid")

    start: list[Turn]
    end: list[Turn]
    expect: dict[str, Expected]
    words: dict[str, int | None]
    levels: list[LevelRule] = []
    scripted_agents: dict[str, _Script]
