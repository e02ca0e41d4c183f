"""A coding agent as an Inspect agent."""

from collections.abc import Sequence

from inspect_ai.agent import Agent, AgentState, BridgedToolsSpec, agent
from inspect_ai.model import ChatMessageAssistant, GenerateFilter, get_model
from inspect_ai.util import sandbox as sandbox_of

from peerwatch.agents.coding._cli_command import command_agent
from peerwatch.agents.coding._cli_ending import check_answered, events_so_far, note_failed_program
from peerwatch.agents.coding._cli_host import end_all, make_ready, place_launcher
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
    """Return a well-known coding agent on a machine of the sample, under the account `agent` and in its home.

    It is the agent's own program in a pinned release, which must be on the machine: nothing is downloaded. Its model is
    the model under evaluation, through Inspect's bridge, so that limits, costs and logs are as in any other episode. If
    the provider withholds an answer, the agent's work ends without an error, because a refusal is a result.

    Args:
        name: One of `coding_agents()`.
        context: Contents of the file that the agent reads automatically, such as `CLAUDE.md`; empty for no such file.
        tools: Additional tools over MCP; see `bridged`.
        filter: Inspect's filter of requests to its model, called before every answer.
        retry_refusals: Number of retries after a refused answer; `None` for none.
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
            if row.launcher:
                await place_launcher(row, host, row.launcher, "/usr/local/bin")
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
    """Let an agent work, and end the processes that it has left on its machine.

    If its model's last answer was withheld, cut or empty, the program's complaint about that is not an error. If a
    program fails after its model has answered, that is recorded as the agent's ending: what it has done is measured.

    Args:
        working: The agent.
        state: Its input.
        journalled: Whether its calls of the company's tools are added to the journal when they are carried out.
        sandbox: The machine; `None` for the default one.

    Raises:
        AgentError: If its input includes an earlier conversation.
        RuntimeError: If its program failed before the agent did anything, if its model's last call failed, or if the
            machinery failed.
    """
    _refuse_history(state)
    since = events_so_far()
    try:
        state = await working(state)
        check_answered(state, since)
    except RuntimeError as error:
        complains = not state.output.empty and kind_of_output(state.output) not in ("acted", "said")
        if not complains and not note_failed_program(error, state, since):
            raise
    finally:
        await end_all(sandbox_of(sandbox))
        if journalled:
            settle(state)
    return state


def no_history() -> AgentError:
    """The error for an earlier conversation."""
    return AgentError(
        "channel=chat: a coding agent starts every job without history and cannot take an earlier conversation. "
        "Choose channel=memory, which it finds in its context file, or document."
    )


def _refuse_history(state: AgentState) -> None:
    if any(isinstance(each, ChatMessageAssistant) for each in state.messages):
        raise no_history()
