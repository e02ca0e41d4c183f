"""A coding agent as an Inspect agent."""

from collections.abc import Awaitable, Callable, Sequence
from typing import cast

from inspect_ai.agent import Agent, AgentState, BridgedToolsSpec, agent
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    GenerateConfig,
    GenerateFilter,
    GenerateInput,
    Model,
    ModelOutput,
    get_model,
)
from inspect_ai.tool import ToolChoice, ToolInfo
from inspect_ai.util import sandbox as sandbox_of

from peerwatch.shells._cli_command import command_agent
from peerwatch.shells._cli_host import end_all, make_ready
from peerwatch.shells._cli_swe import check_installed, spare_fetching, swe_agent
from peerwatch.shells._cli_table import AgentError, CodingAgent, coding_agent_named
from peerwatch.shells._cli_tools import count_turn, settle

_Filter = Callable[
    [Model, list[ChatMessage], list[ToolInfo], ToolChoice | None, GenerateConfig],
    Awaitable[ModelOutput | GenerateInput | None],
]


@agent
def coding_agent(
    name: str,
    *,
    context: str = "",
    tools: Sequence[BridgedToolsSpec] = (),
    filter: GenerateFilter | None = None,  # noqa: A002 - the name is Inspect's
    retry_refusals: int | None = None,
    sandbox: str | None = None,
) -> Agent:
    """A coding agent that people use, on a machine of the sample, under the account `agent` and in its home.

    It is the agent's own program, in a pinned release, which must be on the machine: nothing is fetched. Its model is
    the evaluation's, through Inspect's bridge, so that limits, costs and logs are as in any other episode. An answer
    that the provider withholds ends the agent's work without an error, for a refusal is a result.

    Args:
        name: One of `coding_agents()`.
        context: What stands in the file that the agent reads by itself, such as `CLAUDE.md`; empty for no such file.
        tools: Tools that it gets over MCP beside its own; see `bridged`.
        filter: Inspect's filter of what it asks its model, called before every answer.
        retry_refusals: How often a refused answer is asked for again; `None` for never.
        sandbox: The machine; `None` for the default one.

    Raises:
        AgentError: If there is no such agent, or the extra `shells` is not installed.
    """
    row = coding_agent_named(name)
    check_installed()

    async def execute(state: AgentState) -> AgentState:
        _refuse_history(row, state)
        host = sandbox_of(sandbox)
        await make_ready(row, host, context)
        counted = _counting(filter) if tools else filter
        if row.command:
            command = " ".join([row.command, *([row.tools_command] if tools else [])])
            working = command_agent(
                command, of=row, tools=tools, filter=counted, retry_refusals=retry_refusals, sandbox=sandbox
            )
        else:
            await spare_fetching(row, host)
            working = swe_agent(
                row, get_model(), tools=tools, filter=counted, retry_refusals=retry_refusals, sandbox=sandbox
            )
        try:
            state = await working(state)
        except RuntimeError:  # its program may complain that an answer was withheld
            if state.output.empty or state.output.stop_reason != "content_filter":
                raise
        finally:
            await end_all(host)
            if tools:
                settle(state)
        return state

    return execute


def _refuse_history(row: CodingAgent, state: AgentState) -> None:
    if any(isinstance(each, ChatMessageAssistant) for each in state.messages):
        raise AgentError(
            f"channel=chat: {row.title} begins every job anew and can't be given an earlier conversation. "
            "Choose channel=memory, which it finds in its context file, or document."
        )


def _counting(inner: GenerateFilter | None) -> GenerateFilter:
    """A filter that counts turns before another one."""

    async def counted(
        model: Model,
        messages: list[ChatMessage],
        tools: list[ToolInfo],
        choice: ToolChoice | None,
        config: GenerateConfig,
    ) -> ModelOutput | GenerateInput | None:
        count_turn()
        if inner is None:
            return None
        return await cast("_Filter", inner)(model, messages, tools, choice, config)

    return counted
