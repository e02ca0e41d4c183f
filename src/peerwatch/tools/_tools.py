"""Building the Inspect tools of a scenario from what `tools.yaml` says and what the acts take."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from inspect_ai.tool import ToolDef, ToolParam, ToolParams
from pydantic import BaseModel, TypeAdapter

from peerwatch.tools._live import live_world
from peerwatch.worlds import ACTS


class ToolText(BaseModel):
    """What a target reads about a tool."""

    about: str
    arguments: dict[str, str] = {}


@cache
def tool_texts() -> dict[str, ToolText]:
    """The description of every tool by name."""
    data = yaml.safe_load(files("peerwatch.tools").joinpath("tools.yaml").read_text(encoding="utf-8"))
    return {name: ToolText(**body) for name, body in data.items()}


@cache
def _parameters(name: str) -> ToolParams:
    described = tool_texts()[name].arguments
    properties = {
        argument: ToolParam(**TypeAdapter(kind).json_schema(), description=described[argument])
        for argument, kind in ACTS[name].parameters.items()
    }
    return ToolParams(properties=properties, required=list(properties))


def _tool(name: str) -> ToolDef:
    # Inspect passes arguments through to a parameter called kwargs of type Any; the schema has been checked before.
    async def execute(**kwargs: Any) -> str:  # noqa: ANN401 - see above
        live = live_world()
        if live is None:
            raise RuntimeError(f"{name} was called outside a Peerwatch task: no world is open")
        return live.call(name, kwargs)

    return ToolDef(
        execute,
        name=name,
        description=tool_texts()[name].about,
        parameters=_parameters(name),
        parallel=False,  # Inspect would run neighbouring calls at once; the order of a turn's calls is part of the act
    )


def world_tools(names: Sequence[str]) -> list[ToolDef]:
    """The Inspect tools with these names; they act on the world of whichever sample calls them.

    Args:
        names: Tools that a scenario offers, such as `SCENARIOS["server_migration"].text.tools`.

    Returns:
        The tools, in that order, each carried out alone and in the order of the calls.
    """
    return [_tool(name) for name in names]
