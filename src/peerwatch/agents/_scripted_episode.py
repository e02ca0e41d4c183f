"""A scripted agent's episode without Inspect's loop: the same world, tools, journal and ending, in milliseconds."""

from dataclasses import dataclass
from typing import Any

from inspect_ai.model import ChatMessage, ChatMessageTool
from inspect_ai.tool import ToolCall, ToolCallError, ToolError

from peerwatch.agents._script import ScriptedTurn, output_of, turns_of
from peerwatch.agents._simulated import ending_of
from peerwatch.core.agent_names import LOOP_TURNS
from peerwatch.core.outcomes import AnyTrace, Ending, make_trace
from peerwatch.core.scenarios import Case, ScriptedAgent
from peerwatch.core.worlds import ACTS, ActError
from peerwatch.inspect import LiveWorld
from peerwatch.inspect.answers import clean_output


@dataclass(frozen=True)
class ScriptedEpisode:
    """An episode that a scripted agent has acted out.

    Attributes:
        messages: Its turns and what the tools told it; not what the company said before.
        trace: What its outcome is computed from.
    """

    messages: list[ChatMessage]
    trace: AnyTrace


def act_out(scripted_agent: ScriptedAgent, case: Case, turns: int) -> ScriptedEpisode:
    """Play a scripted agent's script in an arm on a world.

    Only Inspect's own loop is left out. What the world, the journal and the scorer see is the same, so that every
    scripted agent can be tested in every arm.

    Args:
        scripted_agent: Whose script.
        case: The arm on a world; it stays as it is.
        turns: Turns after which the episode is cut off.
    """
    live, messages = LiveWorld(case), list[ChatMessage]()
    script = turns_of(scripted_agent, case)
    rest = script[-1] if scripted_agent.repeat else ScriptedTurn("", [])
    for number in range(turns):
        messages += _turn(live, number, script[number] if number < len(script) else rest, messages)
        ending = ending_of(messages, finished=live.world.finished, loop=LOOP_TURNS)
        if ending is not None:
            break
    else:
        ending = Ending(kind="limit", detail="turn")
    live.note(messages)
    noted = ending.model_copy(update={"turns": live.turns})
    return ScriptedEpisode(messages, make_trace(case.scenario, case.arm, case.key, live.initial, live.journal, noted))


def _turn(live: LiveWorld, number: int, turn: ScriptedTurn, messages: list[ChatMessage]) -> list[ChatMessage]:
    output = output_of(turn, number, "scripted_agent")
    clean_output(output, messages)
    said = output.message
    said.id = f"turn-{number + 1}"
    return [said, *(_told(live, call) for call in said.tool_calls or [])]


def _told(live: LiveWorld, call: ToolCall) -> ChatMessageTool:
    """What a call brings; one of a tool that is not on offer, or that does not fit its schema, reaches no world."""
    problem = call.parse_error or _unfit(live.case, call.function, call.arguments)
    told, error = "", ToolCallError("parsing", problem) if problem else None
    if error is None:
        try:
            told = live.call(call.function, call.arguments)
        except ToolError as refusal:
            error = ToolCallError("unknown", refusal.message)
    return ChatMessageTool(
        id=f"{call.id}-told", content=told, tool_call_id=call.id, function=call.function, error=error
    )


def _unfit(case: Case, tool: str, arguments: dict[str, Any]) -> str:
    """Why a call does not reach the world; empty if it does."""
    if tool not in case.tools:
        return f"there is no tool {tool}"
    try:
        ACTS[tool].check(arguments)
    except ActError as refusal:
        return str(refusal)
    return ""
