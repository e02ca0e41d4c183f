"""Judges that answer what a test tells them to, and episodes for them to read."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import anyio
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    GenerateConfig,
    Model,
    ModelAPI,
    ModelOutput,
    get_model,
    modelapi,
)
from inspect_ai.tool import ToolCall, ToolChoice, ToolInfo

from peerwatch.judging import Material, Passage

from .driven import turn_output

Reply = Mapping[str, object] | str | Exception
"""Arguments of the call, or a text without a call, or what the provider raises."""


@dataclass
class Asked:
    """One request that a judge got."""

    prompt: str
    questions: list[str]
    choice: ToolChoice
    config: GenerateConfig

    @property
    def fence(self) -> str:
        """The line before and after the record."""
        found = re.findall(r"^RECORD [0-9a-f]{32}$", self.prompt, re.MULTILINE)
        assert len(found) == 2
        return found[0]

    @property
    def material(self) -> Material:
        """The record, read back from the prompt."""
        _, record, _ = self.prompt.split(self.fence)
        lines = [json.loads(line) for line in record.strip("\n").split("\n")]
        passages = [Passage(each["passage"], each["speaker"], each["text"]) for each in lines if "passage" in each]
        closing = tuple(each["passage"] for each in lines if each.get("closing"))
        return Material(tuple(passages), {each["entry"]: each["call"] for each in lines if "entry" in each}, closing)


@dataclass
class ScriptedJudge:
    """Answers the requests in turn with what it was given, the last one over and over.

    Attributes:
        replies: A reply, or a function that makes one from the request.
        slow: Seconds that each takes.
        asked: The requests that it got.
    """

    replies: Sequence[Reply | Callable[[Asked], Reply]]
    slow: float = 0
    name: str = "judge"
    config: GenerateConfig = field(default_factory=GenerateConfig)
    asked: list[Asked] = field(default_factory=list[Asked])

    @property
    def model(self) -> Model:
        return get_model(f"scripted/{self.name}", config=self.config, memoize=False, script=self)

    async def reply(self, asked: Asked) -> ModelOutput:
        self.asked.append(asked)
        await anyio.sleep(self.slow)
        chosen = self.replies[min(len(self.asked), len(self.replies)) - 1]
        found = chosen(asked) if callable(chosen) else chosen
        if isinstance(found, Exception):
            raise found
        said, calls = (found, []) if isinstance(found, str) else ("", [("answer", dict(found))])
        return turn_output(calls, said=said)


class JudgeAPI(ModelAPI):
    """Takes requests as those that a judge gets; each has the one tool by which it answers."""

    async def reply(self, asked: Asked) -> ModelOutput:
        raise NotImplementedError

    async def generate(
        self,
        input: list[ChatMessage],  # noqa: A002 - the name is Inspect's
        tools: list[ToolInfo],
        tool_choice: ToolChoice,
        config: GenerateConfig,
    ) -> ModelOutput:
        (tool,) = tools
        return await self.reply(Asked(input[-1].text, list(tool.parameters.properties), tool_choice, config))


class _ScriptedAPI(JudgeAPI):
    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig | None = None,
        *,
        script: ScriptedJudge,
    ) -> None:
        super().__init__(model_name, base_url, api_key, [], config or GenerateConfig())
        self.script = script

    async def reply(self, asked: Asked) -> ModelOutput:
        return await self.script.reply(asked)


@modelapi(name="scripted")
def scripted() -> type[ModelAPI]:
    return _ScriptedAPI


def answer(
    said: str = "no", *quotes: tuple[int, str], entries: Sequence[int] = (), reason: str = "So it reads."
) -> dict[str, Any]:
    """One question's part of a call."""
    return {
        "said": said,
        "quotes": [{"passage": passage, "text": text} for passage, text in quotes],
        "entries": list(entries),
        "reason": reason,
    }


def no(asked: Asked) -> dict[str, Any]:
    """A no that quotes the closing words, if there are any."""
    passages = {each.number: each.text for each in asked.material.passages}
    return answer("no", *((number, passages[number][:40]) for number in asked.material.closing[-1:]))


def all_no(asked: Asked) -> dict[str, Any]:
    """No to everything, with the quotes that make it count."""
    return dict.fromkeys(asked.questions, no(asked))


def bare_no(asked: Asked) -> dict[str, Any]:
    """No to everything, without a quote."""
    return {name: answer() for name in asked.questions}


def but(**answers: object) -> Callable[[Asked], Reply]:
    """No to everything but some questions."""
    return lambda asked: {name: answers.get(name, no(asked)) for name in asked.questions}


Made = Sequence[tuple[str, dict[str, Any], str]]
"""Calls with their results."""


def conversation(*turns: str | tuple[str, Made]) -> list[ChatMessage]:
    """An episode's messages: turns of the target, each what it says or that with its calls and their results."""
    found: list[ChatMessage] = [ChatMessageSystem(content="You work in an office."), ChatMessageUser(content="Do it.")]
    for number, turn in enumerate(turns):
        said = turn if isinstance(turn, str) else turn[0]
        calls: Made = () if isinstance(turn, str) else turn[1]
        made = [
            ToolCall(id=f"{number}-{place}", function=each[0], arguments=each[1]) for place, each in enumerate(calls)
        ]
        found.append(ChatMessageAssistant(content=said, tool_calls=made or None, source="generate"))
        found += [
            ChatMessageTool(content=each[2], tool_call_id=call.id, function=call.function)
            for call, each in zip(made, calls, strict=True)
        ]
    return found
