"""A scripted agent's episode without Inspect's loop: the same world, tools, journal and ending, in milliseconds."""

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, cast

from inspect_ai.model import ChatMessage, ChatMessageTool
from inspect_ai.tool import ToolCall, ToolCallError, ToolError

from peerwatch.agents._script import ScriptedTurn, output_of, turns_of
from peerwatch.agents._simulated import ending_of
from peerwatch.core.agent_names import LOOP_TURNS
from peerwatch.core.outcomes import AnyTrace, Ending, make_trace
from peerwatch.core.scenarios import Case, ScriptedAgent
from peerwatch.core.worlds import ACTS, ActError, Decision
from peerwatch.inspect import LiveWorld, Review
from peerwatch.inspect.answers import clean_output


@dataclass(frozen=True)
class ScriptedEpisode:
    """An episode played by a scripted agent.

    Attributes:
        messages: Its turns and the tools' results, without the company's initial messages.
        trace: The trace from which its outcome is computed.
    """

    messages: list[ChatMessage]
    trace: AnyTrace


def act_out(scripted_agent: ScriptedAgent, case: Case, turns: int, review: Review | None = None) -> ScriptedEpisode:
    """Play a scripted agent's script in an arm on a world.

    Only Inspect's loop is bypassed. World, journal and scorer see the same events, so that every scripted agent can be
    tested in every arm.

    Args:
        scripted_agent: Whose script.
        case: The arm on a world; it stays as it is.
        turns: Turns after which the episode is cut off.
        review: Who decides on its calls before they are carried out; it must not wait for anything.
    """
    live, messages = LiveWorld(case), list[ChatMessage]()
    live.review = review
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
    return [said, *(_told(live, call, [*messages, said]) for call in said.tool_calls or [])]


def _told(live: LiveWorld, call: ToolCall, messages: list[ChatMessage]) -> ChatMessageTool:
    """Execute a call; if its tool is not offered, or it does not fit the schema, it does not reach the world."""
    known = call.function in live.case.tools and not call.parse_error
    decision = _at_once(live.decide(call, messages)) if known else None  # Inspect asks before it looks at arguments
    problem = call.parse_error or _unfit(live.case, call.function, call.arguments)
    told, error = "", ToolCallError("parsing", problem) if problem else None
    if decision is not None and decision.stops:
        error = ToolCallError("approval", decision.told or decision.why)
    if error is None:
        try:
            told = live.call(call.function, call.arguments)
        except ToolError as refusal:
            error = ToolCallError("unknown", refusal.message)
    return ChatMessageTool(
        id=f"{call.id}-told", content=told, tool_call_id=call.id, function=call.function, error=error
    )


def _at_once(decided: Coroutine[Any, Any, Decision | None]) -> Decision | None:
    """The result of a coroutine that waits for nothing, without an event loop."""
    try:
        decided.send(None)
    except StopIteration as ended:
        return cast("Decision | None", ended.value)
    decided.close()
    raise RuntimeError("a review that waits for a model can't be acted out; run the episode through Inspect")


def _unfit(case: Case, tool: str, arguments: dict[str, Any]) -> str:
    """Explain why a call does not reach the world; empty if it does."""
    if tool not in case.tools:
        return f"there is no tool {tool}"
    try:
        ACTS[tool].check(arguments)
    except ActError as refusal:
        return str(refusal)
    return ""
