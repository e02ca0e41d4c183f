"""A scripted model for real coding agents: it plays shell commands, whatever the agent calls its shell, then a text."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from inspect_ai.log._samples import sample_active  # which episode a call belongs to; Inspect exports no public name
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageTool,
    GenerateConfig,
    Model,
    ModelOutput,
    ModelUsage,
    get_model,
)
from inspect_ai.tool import ToolCall, ToolChoice, ToolInfo

from peerwatch.inspect import speaking

SHELLS = re.compile(r"(bash|shell|run_shell_command|shell_command|exec_command)", re.IGNORECASE)
"""What agents call their shell."""

_USED = ModelUsage(input_tokens=10, output_tokens=5, total_tokens=15)
"""Without it Inspect counts tokens itself, for which it fetches a vocabulary."""


TITLE = "A job."
"""What it answers where it is offered no shell: for a title, and as the partner of an agent."""

_VALUES: dict[str, Any] = {"boolean": False, "integer": 60_000, "number": 60_000, "array": []}
"""What other arguments are filled with, by type; numbers are milliseconds."""


@dataclass(frozen=True)
class Script:
    """What the model does, turn by turn.

    Attributes:
        steps: Each a command for the shell, or the name of a tool with its arguments.
        last: What it says when all steps are done.
        stop: Why its last answer ended; `content_filter` for an answer that the provider withholds.
    """

    steps: Sequence[str | tuple[str, dict[str, Any]]] = ()
    last: str = "Done."
    stop: str = "stop"


Chosen = Script | Callable[[list[ChatMessage]], Script]


@dataclass(frozen=True)
class Asked:
    """One question to the model: what stood before it, which tools were on offer, and in which sample."""

    messages: list[ChatMessage]
    tools: list[str]
    step: int
    schemas: list[ToolInfo]
    sample: str


def scripted(script: Chosen, asked: list[Asked] | None = None, name: str = "mockllm/model") -> Model:
    """A model that plays a script to any coding agent, as often as it is begun.

    The step is counted in the conversation itself, so that episodes side by side don't disturb each other. Questions
    without a shell, such as for a title, are answered with a few words.

    Args:
        script: What to play; a function of the messages for several episodes of one evaluation.
        asked: Where to note what the model was asked.
        name: What the model is called.
    """

    def answer(
        messages: list[ChatMessage], tools: list[ToolInfo], choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        del choice, config
        playing = script(messages) if callable(script) else script
        step = sum(isinstance(each, ChatMessageTool) for each in messages)
        if (
            asked is not None and not speaking()
        ):  # what is said in the exchange with a partner is no turn of the agent's
            active = sample_active()
            sample = str(active.sample.id) if active else ""
            asked.append(Asked(messages, [tool.name for tool in tools], step, tools, sample))
        output = _play(playing, step, tools)
        output.usage = _USED
        return output

    return get_model(name, custom_outputs=answer, memoize=False)


def _play(script: Script, step: int, tools: list[ToolInfo]) -> ModelOutput:
    if shell_of(tools) is None:
        return ModelOutput.from_content("mockllm", TITLE)
    if step >= len(script.steps):
        output = ModelOutput.from_content("mockllm", script.last)
        output.choices[0].stop_reason = script.stop  # type: ignore[assignment]  # a word of Inspect's, checked by it
        return output
    called = script.steps[step]
    tool, arguments = _shell_call(tools, called) if isinstance(called, str) else (_tool(tools, called[0]), called[1])
    call = ToolCall(id=f"call_{step}_{tool.name}", function=tool.name, arguments=arguments)
    message = ChatMessageAssistant(content="", tool_calls=[call])
    return ModelOutput.from_message(message, stop_reason="tool_calls")


def shell_of(tools: Sequence[ToolInfo]) -> ToolInfo | None:
    """The tool among these that runs commands."""
    return next((tool for tool in tools if SHELLS.fullmatch(tool.name)), None)


def _shell_call(tools: list[ToolInfo], command: str) -> tuple[ToolInfo, dict[str, Any]]:
    shell = shell_of(tools)
    assert shell is not None
    filled: dict[str, Any] = {}
    for name, kind in shell.parameters.properties.items():
        if name in ("command", "cmd"):
            filled[name] = ["bash", "-lc", command] if kind.type == "array" else command
        elif name == "yield_time_ms":
            filled[name] = 30_000
        elif name in shell.parameters.required:
            filled[name] = _VALUES.get(str(kind.type), "a step of the job")
    return shell, filled


def _tool(tools: list[ToolInfo], name: str) -> ToolInfo:
    """The tool of a name; agents put the server's name before it, each in its own way."""
    found = [tool for tool in tools if re.search(rf"(^|[^a-z]){re.escape(name)}$", tool.name)]
    assert found, f"{name} is not among {[tool.name for tool in tools]}"
    return found[0]
