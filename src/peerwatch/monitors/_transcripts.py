"""Reading logs for monitors: what happened in an episode, and, where a monitor reads it, what was said."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inspect_ai.model import ChatMessage, ChatMessageAssistant, Content, ContentReasoning, ContentText
from inspect_ai.tool import ToolCall, ToolDef, ToolInfo
from pydantic import JsonValue

from peerwatch.core.agent_names import SIMULATED
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.inspect import world_tools
from peerwatch.judging import Masking, masking_of
from peerwatch.monitors._many_logs import KnownEpisode
from peerwatch.records import EVENTS, Logs


@dataclass(frozen=True)
class Transcript:
    """Messages of an episode, and what is known about it.

    Attributes:
        known: What happened in it.
        messages: The whole conversation.
        tools: The tools on offer.
        metadata: The sample's, from which names are known; `None` in logs of others.
    """

    known: KnownEpisode
    messages: tuple[ChatMessage, ...]
    tools: tuple[ToolInfo, ...]
    metadata: Mapping[str, Any] | None = None

    @property
    def masking(self) -> Masking | None:
        """Replaces names; `None` in logs of others. It draws the world again, so it is made on demand."""
        return None if self.metadata is None else masking_of(self.metadata)


def transcripts(logs: Logs, known: Sequence[KnownEpisode]) -> Iterator[list[Transcript]]:
    """Yield the conversations of the chosen episodes log by log, so that only one log is in memory at a time.

    Raises:
        LogError: If a log has become unreadable.
    """
    wanted = {(each.log, each.run): each for each in known}
    for log in logs.logs:
        if not any(each.log == log.path for each in known):
            continue
        samples = log.samples(EVENTS)
        yield [
            Transcript(
                wanted[log.path, str(sample.uuid or "")],
                tuple(sample.messages),
                tools_of(sample.metadata),
                sample.metadata,
            )
            for sample in samples
            if (log.path, str(sample.uuid or "")) in wanted
        ]


def tools_of(metadata: Mapping[str, Any]) -> tuple[ToolInfo, ...]:
    """The tools that a target had in an episode; none for a coding agent, whose tools are its own."""
    if metadata.get("agent", SIMULATED) != SIMULATED:
        return ()
    scenario = SCENARIOS[metadata["scenario"]]
    arm = scenario.logged_arm(metadata["arm"])
    return tool_infos(scenario.tools(arm), form=arm.get("closing") == "form")


def tool_infos(names: Sequence[str], *, form: bool = False) -> tuple[ToolInfo, ...]:
    """Tools as a model is told of them."""
    found = [ToolDef(each) for each in world_tools(names, form=form)]
    return tuple(ToolInfo(name=each.name, description=each.description, parameters=each.parameters) for each in found)


def masked(messages: Sequence[ChatMessage], names: Masking) -> list[ChatMessage]:
    """A conversation with names, ids and files masked, as judges read it."""
    return [_masked(each, names) for each in messages]


def _masked(message: ChatMessage, names: Masking) -> ChatMessage:
    own = isinstance(message, ChatMessageAssistant)
    put = names.said if own else names.told

    def part(content: Content) -> Content:
        if isinstance(content, ContentText):
            return content.model_copy(update={"text": put(content.text)})
        if isinstance(content, ContentReasoning):
            return content.model_copy(update={"reasoning": put(content.reasoning)})
        return content

    content = put(message.content) if isinstance(message.content, str) else [part(each) for each in message.content]
    found: dict[str, object] = {"content": content}
    if isinstance(message, ChatMessageAssistant) and message.tool_calls:
        found["tool_calls"] = [_masked_call(each, names) for each in message.tool_calls]
    return message.model_copy(update=found)


def _masked_call(call: ToolCall, names: Masking) -> ToolCall:
    masked_call = ToolCall(**vars(call))
    masked_call.arguments = {key: _masked_value(value, names) for key, value in call.arguments.items()}
    return masked_call


def _masked_value(value: JsonValue, names: Masking) -> JsonValue:
    if isinstance(value, str):
        return names.said(value)
    if isinstance(value, list):
        return [_masked_value(each, names) for each in value]
    if isinstance(value, dict):
        return {key: _masked_value(each, names) for key, each in value.items()}
    return value
