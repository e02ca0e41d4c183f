"""How a turn of a target ended: it acted, it said something, or its answer was cut, withheld or empty."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from inspect_ai.event import Event, ModelEvent
from inspect_ai.model import ChatMessageAssistant, ContentReasoning, ModelOutput

from peerwatch.core.leaked_thinking import parted
from peerwatch.core.outcomes._stop_reasons import TurnKind, stop_named

_SOMETHING = 16
"""Tokens of output from which on a model has written something, also where nothing of it is shown. The end of a turn
and the form around an empty answer take a few."""

MARK = "peerwatch"
"""Key of a message's metadata under which its turn's kind stands, where that isn't plain from the message itself."""


def stop_of(output: ModelOutput) -> Literal["max_tokens", "content_filter", "ended", "unknown"]:
    """Why a model's answer ended; an output without any answer ended for no known reason."""
    if output.empty:
        return "unknown"
    choice = output.choices[0]
    found = stop_named(str(choice.stop_reason))
    if found == "unknown" and choice.stop_details is not None and choice.stop_details.type:
        return stop_named(choice.stop_details.type)
    return found


def kind_of_output(output: ModelOutput) -> TurnKind:
    """How a model's answer ended."""
    if output.empty:
        return "empty"
    usage = output.usage
    pondered = usage is not None and bool(usage.reasoning_tokens or usage.output_tokens >= _SOMETHING)
    return kind_of_turn(output.message, stop_of(output), pondered=pondered)


def kind_of_last(output: ModelOutput, events: Sequence[Event]) -> TurnKind | Literal["model_length"] | None:
    """How a target's last answer ended, as its agent hands it over, or else as the transcript has it.

    Args:
        output: What the agent hands over as the last answer.
        events: The transcript.

    Returns:
        `model_length` where the conversation no longer fitted the model; `None` if there was no answer at all.
    """
    if output.empty:
        answers = (event for event in reversed(events) if isinstance(event, ModelEvent) and event.role is None)
        found = next((event.output for event in answers if event.error is None), None)
        if found is None:
            return None
        output = found
    if not output.empty and output.stop_reason == "model_length":
        return "model_length"
    return kind_of_output(output)


def kind_of_turn(message: ChatMessageAssistant, stop: str, *, pondered: bool = False) -> TurnKind:
    """How a turn ended.

    A call whose arguments were cut short can't be read. Together with the output limit, it is a cut answer and no
    mistake of the model's.

    Args:
        message: The turn.
        stop: Why it ended, as `stop_named` says.
        pondered: Whether the provider counted tokens that the message does not show.
    """
    whole = any(not call.parse_error for call in message.tool_calls or [])
    if stop in ("max_tokens", "content_filter") and not whole:
        return "max_tokens" if stop == "max_tokens" else "content_filter"
    if message.tool_calls:
        return "acted"
    shown = parted(message.text)
    if shown.said.strip():
        return "said"
    return "empty" if pondered or shown.thought or stop == "unknown" or _reasons(message) else "said"


def marked_kind(message: ChatMessageAssistant) -> TurnKind:
    """How a turn of a conversation ended, from the message and from what was noted on it when it came in."""
    noted = mark_of(message).get("turn")
    if noted in ("max_tokens", "content_filter", "empty"):
        return cast("TurnKind", noted)
    return kind_of_turn(message, "ended")


def mark_of(message: ChatMessageAssistant) -> Mapping[str, Any]:
    """What was noted on a message when it came in."""
    found = (message.metadata or {}).get(MARK)
    return cast("Mapping[str, Any]", found) if isinstance(found, Mapping) else {}


def set_mark(message: ChatMessageAssistant, **values: object) -> None:
    """Note something on a message."""
    message.metadata = {**(message.metadata or {}), MARK: {**mark_of(message), **values}}


def _reasons(message: ChatMessageAssistant) -> bool:
    return not isinstance(message.content, str) and any(isinstance(each, ContentReasoning) for each in message.content)
