"""A scripted agent whose calls are counted as a provider would count them: `metered/NAME` reports characters sent."""

import json

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    GenerateConfig,
    ModelAPI,
    ModelOutput,
    ModelUsage,
    modelapi,
)
from inspect_ai.tool import ToolChoice, ToolInfo

from peerwatch.agents import ScriptedAgentAPI

OUTPUT, REASONING = 50, 20
"""Tokens that each call is said to have written, and how many of them were reasoning."""


class MeteredAPI(ScriptedAgentAPI):
    """Plays a script; every character is a token, and what the call before was sent counts as cached."""

    async def generate(
        self,
        input: list[ChatMessage],  # noqa: A002 - the name is Inspect's
        tools: list[ToolInfo],
        tool_choice: ToolChoice,
        config: GenerateConfig,
    ) -> ModelOutput:
        output = await super().generate(input, tools, tool_choice, config)
        schemas = sum(len(json.dumps(tool.model_dump(exclude_none=True))) for tool in tools)
        sent = [_length(message) for message in input]
        last = max((place for place, each in enumerate(input) if isinstance(each, ChatMessageAssistant)), default=None)
        own = sum(isinstance(each, ChatMessageAssistant) for each in input)
        cached = schemas + sum(sent[:last]) if last is not None and own else 0
        total = schemas + sum(sent)
        output.usage = ModelUsage(
            input_tokens=total - cached,
            input_tokens_cache_read=cached,
            output_tokens=OUTPUT,
            reasoning_tokens=REASONING,
            total_tokens=total + OUTPUT,
        )
        return output


def _length(message: ChatMessage) -> int:
    calls = (message.tool_calls or []) if isinstance(message, ChatMessageAssistant) else []
    return len(message.text) + sum(len(call.function) + len(json.dumps(call.arguments)) for call in calls)


@modelapi(name="metered")
def metered() -> type[ModelAPI]:
    return MeteredAPI
