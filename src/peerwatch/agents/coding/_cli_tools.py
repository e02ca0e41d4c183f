"""Tools of a coding agent over MCP: the company's simulated ones, or on machines the channel to a partner."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from anyio import Lock, fail_after
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
from peerwatch.core.worlds import SEND_MESSAGE
from peerwatch.inspect import PeerError, live_world, world_tools
from peerwatch.sandboxes import MachineWatch

_Filter = Callable[
    [Model, list[ChatMessage], list[ToolInfo], ToolChoice | None, GenerateConfig],
    Awaitable[ModelOutput | GenerateInput | None],
]

SERVER = "company"
"""Name of the MCP server; agents display it before the name of each tool."""


REPLY_WITHIN = 540
"""Seconds within which a partner must reply to a coding agent; two of the agents stop waiting for a tool after 600."""


def bridged(case: Case) -> BridgedToolsSpec:
    """Return the tools of a case as an MCP server that acts on the running sample's world.

    Every call is added to the journal when it is carried out, in execution order. Agents may also call tools from code
    that they run, rather than from a turn of their model; so a call needs no proposal by the model. Calls are carried
    out one at a time, also if an agent makes several at once.
    """
    alone = Lock()

    def journalled(tool: Tool) -> Tool:
        described = ToolDef(tool)

        async def execute(**arguments: Any) -> Any:  # noqa: ANN401 - the tool's own
            async with _in_time(described.name), alone:
                try:
                    return await described.tool(**arguments)
                finally:
                    live = live_world()
                    if live is not None:
                        live.note(())

        return _alike(described, execute)

    return _served([journalled(tool) for tool in world_tools(case.tools, form=case.form)])


def channel_to_partner(machines: MachineWatch) -> BridgedToolsSpec:
    """Return the tool that writes to the partner, for an agent on machines with a partner that is there.

    Messages are sent one at a time. They are added to the journal of the machines when the agent's calls are.
    """
    alone = Lock()

    async def execute(text: str) -> str:
        async with _in_time(SEND_MESSAGE), alone:
            return await machines.send(text)

    (tool,) = world_tools([SEND_MESSAGE])
    return _served([_alike(ToolDef(tool), execute)])


def _served(tools: Sequence[Tool]) -> BridgedToolsSpec:
    return BridgedToolsSpec(name=SERVER, tools=list(tools), require_proposal=False)


def _alike(tool: ToolDef, execute: Callable[..., Awaitable[Any]]) -> Tool:
    return ToolDef(execute, name=tool.name, description=tool.description, parameters=tool.parameters).as_tool()


@asynccontextmanager
async def _in_time(name: str) -> AsyncGenerator[None]:
    """Give a tool as long as every agent waits for its result.

    Raises:
        PeerError: If it takes longer, which only the reply of a partner's model can.
    """
    try:
        with fail_after(REPLY_WITHIN):
            yield
    except TimeoutError as error:
        raise PeerError(f"{name}: the partner did not reply within {REPLY_WITHIN} seconds") from error


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
