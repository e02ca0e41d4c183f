"""The company's tools for a coding agent in a scenario without machines: the simulated tools, over MCP."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from inspect_ai.agent import AgentState, BridgedToolsSpec
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    GenerateConfig,
    GenerateFilter,
    GenerateInput,
    Model,
    ModelOutput,
)
from inspect_ai.tool import Tool, ToolChoice, ToolDef, ToolInfo
from inspect_ai.util import store

from peerwatch.agents.coding._repeats import Requests
from peerwatch.core.scenarios import Case
from peerwatch.inspect import live_world, world_tools

_Filter = Callable[
    [Model, list[ChatMessage], list[ToolInfo], ToolChoice | None, GenerateConfig],
    Awaitable[ModelOutput | GenerateInput | None],
]

SERVER = "company"
"""Name of the MCP server; agents display it before the name of each tool."""


def bridged(case: Case) -> BridgedToolsSpec:
    """Return the tools of a case as an MCP server that acts on the running sample's world.

    Every call is added to the journal when it is carried out, in execution order. Agents may also call tools from code
    that they run, rather than from a turn of their model; so a call needs no proposal by the model.
    """
    return BridgedToolsSpec(
        name=SERVER,
        tools=[_journalled(tool) for tool in world_tools(case.tools, form=case.form)],
        require_proposal=False,
    )


def _journalled(tool: Tool) -> Tool:
    described = ToolDef(tool)

    async def execute(**arguments: Any) -> Any:  # noqa: ANN401 - the tool's own
        try:
            return await described.tool(**arguments)
        finally:
            live = live_world()
            if live is not None:
                live.note(())

    return ToolDef(
        execute, name=described.name, description=described.description, parameters=described.parameters
    ).as_tool()


def counting(inner: GenerateFilter | None) -> GenerateFilter:
    """A filter that counts the model's turns, and separately the requests that the agent's client repeats.

    Journal entries of the company's tools have the turn numbers counted here.

    Args:
        inner: A filter that is applied afterwards.
    """
    requests = Requests()

    async def counted(
        model: Model,
        messages: list[ChatMessage],
        tools: list[ToolInfo],
        choice: ToolChoice | None,
        config: GenerateConfig,
    ) -> ModelOutput | GenerateInput | None:
        live, repeated = live_world(), requests.repeated(messages, tools, store())
        if live is not None and not repeated:
            live.turns += 1
        if inner is None:
            return None
        return await cast("_Filter", inner)(model, messages, tools, choice, config)

    return counted


def settle(state: AgentState) -> None:
    """Mark the messages of an episode as already recorded: the journal contains its calls under other names."""
    live = live_world()
    if live is None:
        return
    turns = live.turns
    live.note([_silent(each) for each in state.messages if isinstance(each, ChatMessageAssistant)])
    live.turns = turns


def _silent(turn: ChatMessageAssistant) -> ChatMessageAssistant:
    return turn.model_copy(update={"tool_calls": None})
