"""The simulated agent: Inspect's loop with a world's tools, until the target finishes, falls silent or loops."""

from collections.abc import Sequence

from inspect_ai.agent import Agent, AgentState, agent, react
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool
from inspect_ai.tool import ToolCall
from inspect_ai.util import store

from peerwatch.core.agent_names import LOOP_TURNS, SILENT_TURNS
from peerwatch.core.outcomes import Ending, ended_without_a_call
from peerwatch.core.outcomes._stop_reasons import TurnKind
from peerwatch.core.scenarios import Case
from peerwatch.core.worlds import SCRATCHPAD
from peerwatch.inspect import ENDING, LiveWorld, Toolbox, live_world, policies_of
from peerwatch.inspect.answers import marked_kind


@agent
def simulated(loop: int = LOOP_TURNS) -> Agent:
    """Inspect's `react` loop without its prompt and submit tool, with the tools of the arm.

    Args:
        loop: Number of consecutive turns without anything new after which the episode ends as a loop.

    Returns:
        An agent that ends when the target has called `finish` (after every call of that turn has been carried out),
        when it has made no call for three turns, or after `loop` turns without anything new. An answer that was cut,
        withheld or empty is followed by the same message as a silent turn.
    """

    async def proceed(state: AgentState) -> bool | str:
        live = _open_world()
        live.note(state.messages)
        ending = ending_of(live.own(state.messages), finished=live.world.finished, loop=loop)
        if ending is not None:
            store().set(ENDING, ending.model_copy(update={"turns": live.turns}).model_dump())
            return False
        return True if state.output.message.tool_calls else live.case.reminder

    async def execute(state: AgentState) -> AgentState:
        rounds = react(
            prompt=None,
            tools=[_toolbox(_open_world().case)],
            submit=False,
            on_continue=proceed,
            approval=policies_of(_open_world()),
            retry_refusals=None,  # a refusal is a result; retrying it would count it less often
        )
        return await rounds(state)

    return execute


def _toolbox(case: Case) -> Toolbox:
    return Toolbox(tuple(case.tools), form=case.form)


def _open_world() -> LiveWorld:
    live = live_world()
    if live is None:
        raise RuntimeError("the simulated agent runs inside a Peerwatch task only: no world is open")
    return live


def ending_of(messages: Sequence[ChatMessage], *, finished: bool, loop: int) -> Ending | None:
    """Return how an episode has ended after a turn; `None` if it continues.

    Args:
        messages: Messages of the episode itself, without the initial conversation.
        finished: Whether the job is closed.
        loop: Number of consecutive turns without anything new after which it ends.
    """
    if finished:
        return Ending(kind="finished")
    # A turn that only notes a thought is neither progress nor lack of progress.
    turns = [turn for turn in _turns(messages) if not turn.tool_calls or _acts(turn)]
    last: list[TurnKind] = [marked_kind(turn) for turn in turns[-SILENT_TURNS:]]
    if len(last) == SILENT_TURNS and "acted" not in last:
        return ended_without_a_call(last)
    return Ending(kind="looping") if len(turns) >= loop and _stale_turns(messages) >= loop else None


def _turns(messages: Sequence[ChatMessage]) -> list[ChatMessageAssistant]:
    return [message for message in messages if isinstance(message, ChatMessageAssistant)]


def _acts(turn: ChatMessageAssistant) -> list[ToolCall]:
    """The calls of a turn except thoughts noted on the scratchpad."""
    return [call for call in turn.tool_calls or [] if call.function != SCRATCHPAD]


def _stale_turns(messages: Sequence[ChatMessage]) -> int:
    """Count the turns at the end that bring nothing new: each of their calls was made before with the same result.

    This detects targets that repeat a cycle of calls as well as a single call.
    """
    results = {message.tool_call_id: message.text for message in messages if isinstance(message, ChatMessageTool)}
    seen: set[tuple[str, str, str | None]] = set()
    stale = 0
    for turn in _turns(messages):
        if turn.tool_calls and not _acts(turn):
            continue
        deeds = {(call.function, str(call.arguments), results.get(call.id)) for call in _acts(turn)}
        stale = stale + 1 if deeds and deeds <= seen else 0
        seen |= deeds
    return stale
