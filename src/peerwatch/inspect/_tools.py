"""Builds the Inspect tools of a scenario from `tools.yaml` and the acts' parameters."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from inspect import Parameter, Signature
from typing import Any

from inspect_ai.tool import Tool, ToolSource, tool
from pydantic import BaseModel

from peerwatch.core.registry import DOMAINS
from peerwatch.core.worlds import ACTS, SEND_MESSAGE
from peerwatch.core.yaml_files import from_yaml
from peerwatch.inspect._live import live_world


class ToolText(BaseModel):
    """The description of a tool shown to a target."""

    about: str
    arguments: dict[str, str] = {}


@cache
def tool_texts() -> dict[str, ToolText]:
    """The description of every tool, by name."""
    own = [domain.folder.joinpath("tools.yaml") for domain in DOMAINS.values()]
    found = [files("peerwatch.inspect").joinpath("tools.yaml"), *(file for file in own if file.is_file())]
    data = {name: body for file in found for name, body in from_yaml(file.read_text(encoding="utf-8")).items()}
    return {name: ToolText(**body) for name, body in data.items()}


DOMAINS.on_change(tool_texts.cache_clear)


def text_of(name: str, *, form: bool = False) -> ToolText:
    """Return the description of a tool.

    Args:
        name: Name of the tool.
        form: Whether the job is closed with a form.
    """
    return tool_texts()["finish_form" if form and name == "finish" else name]


def kinds_of(name: str, *, form: bool = False) -> dict[str, Any]:
    """The arguments of a tool with their types; the names are those in `text_of`."""
    act = ACTS[name]
    return {**act.parameters, **act.optional} if form else act.parameters


def _described(name: str, *, form: bool) -> str:
    """A tool's text as a docstring, from which Inspect reads descriptions."""
    text = text_of(name, form=form)
    arguments = "".join(f"\n    {argument}: {meaning}" for argument, meaning in text.arguments.items())
    return text.about + (f"\n\nArgs:{arguments}" if arguments else "")


@cache
def _tool(name: str, form: bool) -> Tool:  # noqa: FBT001 - a cached function takes its arguments by position
    async def execute(**arguments: Any) -> str:  # noqa: ANN401 - checked by Inspect against the signature below
        live = live_world()
        if live is None:
            raise RuntimeError(f"{name} was called outside a Peerwatch task: no world is open")
        if name == SEND_MESSAGE:
            return await live.send(arguments["text"])
        return live.call(name, arguments)

    # Inspect parses a function's signature once and caches it. A `ToolDef` with its own schema would do the same, but
    # is copied for every turn, which was a seventh of an episode's cost.
    kinds = kinds_of(name, form=form)
    parameters = [Parameter(each, Parameter.KEYWORD_ONLY, annotation=kind) for each, kind in kinds.items()]
    vars(execute)["__signature__"] = Signature(parameters, return_annotation=str)
    execute.__annotations__ = {**kinds, "return": str}
    execute.__doc__ = _described(name, form=form)

    # Inspect would run adjacent calls in parallel; the order of a turn's calls matters.
    @tool(name=name, parallel=False)
    def act() -> Tool:
        return execute

    return act()


def world_tools(names: Sequence[str], *, form: bool = False) -> list[Tool]:
    """Return the Inspect tools with these names; they act on the world of the sample that calls them.

    Args:
        names: Tools offered by a scenario, such as `SCENARIOS["server_migration"].text.tools`.
        form: Whether the job is closed with a form, as with `closing=form`.

    Returns:
        The tools, in that order; calls are carried out one at a time, in order.
    """
    return [_tool(name, form) for name in names]


@dataclass(frozen=True)
class Toolbox(ToolSource):
    """The tools of `world_tools` as a single source, for an agent with many turns.

    In every turn Inspect asks each separate tool several times whether it is a source of further ones. A single source
    is asked once for all of them.
    """

    names: tuple[str, ...]
    form: bool = False

    async def tools(self) -> list[Tool]:
        """The tools."""
        return world_tools(self.names, form=self.form)
