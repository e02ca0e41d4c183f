"""A coding agent as an Inspect agent."""

from collections.abc import Sequence

from inspect_ai.agent import Agent, AgentState, BridgedToolsSpec, agent
from inspect_ai.model import ChatMessageAssistant, GenerateFilter, get_model
from inspect_ai.util import sandbox as sandbox_of

from peerwatch.agents.coding._cli_command import command_agent
from peerwatch.agents.coding._cli_ending import check_answered, note_failed_program
from peerwatch.agents.coding._cli_host import end_all, make_ready
from peerwatch.agents.coding._cli_swe import check_installed, spare_fetching, swe_agent
from peerwatch.agents.coding._cli_table import AgentError, coding_agent_named
from peerwatch.agents.coding._cli_tools import counting, settle
from peerwatch.inspect.answers import kind_of_output


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
        _refuse_history(state)
        host = sandbox_of(sandbox)
        await make_ready(row, host, context)
        if row.command:
            command = " ".join([row.command, *([row.tools_command] if tools else [])])
            working = command_agent(
                command, of=row, tools=tools, filter=filter, retry_refusals=retry_refusals, sandbox=sandbox
            )
        else:
            await spare_fetching(row, host)
            working = swe_agent(
                row,
                get_model(),
                tools=tools,
                filter=counting(filter),
                retry_refusals=retry_refusals,
                sandbox=sandbox,
            )
        return await work(working, state, journalled=bool(tools), sandbox=sandbox)

    return execute


async def work(
    working: Agent, state: AgentState, *, journalled: bool = False, sandbox: str | None = None
) -> AgentState:
    """Let an agent work, and end what it has left running on its machine.

    Where its model's last answer was withheld, cut or empty, its program's complaint about that is no error. A program
    that fails after its model has answered is noted as the agent's ending: what it has done is measured.

    Args:
        working: The agent.
        state: What it is given.
        journalled: Whether its calls of the company's tools stand in the journal as they are carried out.
        sandbox: The machine; `None` for the default one.

    Raises:
        AgentError: If an earlier conversation is among what it is given.
        RuntimeError: If its program failed and the agent did nothing by then, or its model's last call failed, or the
            machinery did.
    """
    _refuse_history(state)
    try:
        state = await working(state)
        check_answered(state)
    except RuntimeError as error:
        complains = not state.output.empty and kind_of_output(state.output) not in ("acted", "said")
        if not complains and not note_failed_program(error, state):
            raise
    finally:
        await end_all(sandbox_of(sandbox))
        if journalled:
            settle(state)
    return state


def no_history() -> AgentError:
    """What to say of an earlier conversation."""
    return AgentError(
        "channel=chat: a coding agent begins every job anew and can't be given an earlier conversation. "
        "Choose channel=memory, which it finds in its context file, or document."
    )


def _refuse_history(state: AgentState) -> None:
    if any(isinstance(each, ChatMessageAssistant) for each in state.messages):
        raise no_history()
