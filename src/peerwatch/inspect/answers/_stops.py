"""How a turn of a target ended: with a call, with text, or with an answer that was cut, withheld or empty."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from inspect_ai.event import Event, ModelEvent
from inspect_ai.model import ChatMessageAssistant, ContentReasoning, ModelOutput

from peerwatch.core.leaked_thinking import parted
from peerwatch.core.outcomes._stop_reasons import TurnKind, stop_named

_SOMETHING = 16
"""Number of output tokens from which a model must have written something, even if it is not shown. The end of a turn
and the framing of an empty answer take a few tokens.
"""

MARK = "peerwatch"
"""Metadata key of a message for the kind of its turn, if that is not evident from the message."""


def stop_of(output: ModelOutput) -> Literal["max_tokens", "content_filter", "ended", "unknown"]:
    """Why a model's answer ended; unknown for an output without an answer."""
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
    """How a target's last answer ended, from its agent's output or otherwise from the transcript.

    Args:
        output: The last answer according to the agent.
        events: The transcript.

    Returns:
        `model_length` if the conversation no longer fit the model; `None` if there was no answer.
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

    A call with truncated arguments is unreadable. At the output limit it counts as a cut answer rather than as the
    model's mistake.

    Args:
        message: The turn.
        stop: Why it ended, as returned by `stop_named`.
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
    """How a turn of a conversation ended, from the message and its recorded mark."""
    noted = mark_of(message).get("turn")
    if noted in ("max_tokens", "content_filter", "empty"):
        return cast("TurnKind", noted)
    return kind_of_turn(message, "ended")


def mark_of(message: ChatMessageAssistant) -> Mapping[str, Any]:
    """The mark recorded on a message when it arrived."""
    found = (message.metadata or {}).get(MARK)
    return cast("Mapping[str, Any]", found) if isinstance(found, Mapping) else {}


def set_mark(message: ChatMessageAssistant, **values: object) -> None:
    """Record values in a message's mark."""
    message.metadata = {**(message.metadata or {}), MARK: {**mark_of(message), **values}}


def _reasons(message: ChatMessageAssistant) -> bool:
    return not isinstance(message.content, str) and any(isinstance(each, ContentReasoning) for each in message.content)
