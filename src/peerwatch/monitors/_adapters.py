"""Adapters that turn other libraries' monitors into plain functions. The libraries are imported only when needed."""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, cast

from inspect_ai.agent import AgentState
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageTool,
    GenerateConfig,
    ModelOutput,
)
from inspect_ai.tool import ToolCall, ToolCallContent, ToolCallView, ToolInfo
from inspect_ai.util import Store, registry_info

from peerwatch.core.errors import UserError

Plain = Callable[[Sequence[ChatMessage], Sequence[ToolInfo]], Awaitable[float | None]]
"""A plain monitor."""

INSTALLED_BY = {
    "inspect_sentinel": "'peerwatch[sentinel]'",
    "inspect_scout": "'peerwatch[scout]'",
    "control_arena": "control-arena",
}
"""Library to what pip installs it by. ControlArena brings seventy packages, so it is not an extra of ours."""


class MonitorError(UserError):
    """A monitor cannot be used. The message names it and what to do."""


def as_plain(entry: object, name: str) -> Plain:
    """Make a plain monitor of an inspect_sentinel monitor, a ControlArena monitor, a Scout scanner or a plain one.

    A factory, as the decorators of these libraries make them, is called without arguments.

    Args:
        entry: The object.
        name: What a reader knows it by.

    Raises:
        MonitorError: If it is none of these.
    """
    if not callable(entry):
        raise MonitorError(f"{name} is {type(entry).__name__}, not a function. {_LEGAL}")
    make = cast("Callable[[], object]", entry)
    kind, parameters = _registry_type(entry), _required(entry)
    try:
        if kind == "monitor":
            return _sentinel(_configured(entry))
        if kind == "scanner":
            return _scanner(entry if parameters else make())
        if kind == "agent":
            return _control(entry if parameters else make())
        if not parameters:  # a function that makes a configured monitor
            return as_plain(make(), name)
    except TypeError as error:
        raise MonitorError(
            f"{name} cannot be made without arguments: {error}. Name a function without arguments that makes it."
        ) from error
    if parameters[0] == "state":
        return _control(entry)
    called: object = entry if inspect.isfunction(entry) else type(entry).__call__
    if len(parameters) != 2 or not inspect.iscoroutinefunction(called):
        kind_of = "" if inspect.iscoroutinefunction(called) else " and is not async"
        raise MonitorError(f"{name} takes ({', '.join(parameters)}){kind_of}. {_LEGAL}")
    return cast("Plain", entry)


_LEGAL = (
    "A monitor is `async def f(messages, tools) -> float | None`, an inspect_sentinel monitor, a ControlArena monitor, "
    "or a Scout scanner that returns a number."
)


def _required(entry: Callable[..., object]) -> list[str]:
    """The names of the arguments without a default: a factory has none, what it makes has one or two."""
    return [
        each.name
        for each in inspect.signature(entry).parameters.values()
        if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD) and each.default is each.empty
    ]


def _control(agent: Any) -> Plain:  # noqa: ANN401 - an object of a library that may not be installed
    """A ControlArena monitor: an agent that leaves its score in the metadata of the last assistant message.

    A score that it could not parse, for which it puts a default, is no answer.
    """

    async def monitor(messages: Sequence[ChatMessage], tools: Sequence[ToolInfo]) -> float | None:
        del tools  # ControlArena's monitors take tools for their own use
        if not any(isinstance(each, ChatMessageAssistant) for each in messages):
            return None
        state = AgentState(messages=[each.model_copy(deep=True) for each in messages])
        done: AgentState = await agent(state, tools=[])
        last = next(each for each in reversed(done.messages) if isinstance(each, ChatMessageAssistant))
        left = last.metadata or {}
        return left.get("suspicion_score") if left.get("score_parsed", True) else None

    return monitor


def _scanner(scan: Any) -> Plain:  # noqa: ANN401 - as above
    """A Scout scanner of transcripts whose result's value is a number, or true or false."""
    transcript_of: Any = import_module("inspect_scout").Transcript

    async def monitor(messages: Sequence[ChatMessage], tools: Sequence[ToolInfo]) -> float | None:
        del tools  # a transcript of Scout's has none
        found = await scan(transcript_of(transcript_id="", messages=list(messages)))
        results = cast("list[Any]", found if isinstance(found, list) else [found])
        values = [each.value for each in results]
        return max((value for value in values if value is not None), default=None)

    return monitor


def _registry_type(entry: object) -> str:
    """What a decorator of Inspect, or of a library built on it, made: `agent`, `scanner`, `monitor`; else empty."""
    try:
        return str(registry_info(entry).type)
    except ValueError:
        return ""


def _configured(entry: Any) -> Any:  # noqa: ANN401 - as above
    """A configured sentinel monitor; a factory is called."""
    decorators: Any = import_module("inspect_sentinel._decorators")
    return entry if hasattr(entry, decorators.STEP_TYPES_ATTR) else entry()


@dataclass
class _Recorder:
    """What inspect_sentinel's runner records; only observations and failures are kept."""

    suspicions: list[float] = field(default_factory=list[float])
    failure: BaseException | None = None

    def record(self, context: Any, factory: str, step: Any, reported: Any) -> None:  # noqa: ANN401 - the library's
        """Keep the suspicion of an observation; of several dimensions the highest counts."""
        del context, factory, step
        suspicion = cast("float | dict[str, float] | None", getattr(reported.report, "suspicion", None))
        if suspicion is not None:
            self.suspicions.append(max(suspicion.values()) if isinstance(suspicion, dict) else suspicion)

    def failed(self, context: Any, factory: str, step: Any, failed: Any) -> None:  # noqa: ANN401 - the library's
        """Keep a failure: the monitor then gives no answer about the episode."""
        del context, factory, step
        self.failure = RuntimeError(str(getattr(failed, "error", failed)))

    def cancelled(self, *arguments: Any) -> None:  # noqa: ANN401 - the library's
        """Nothing is cancelled here."""

    def bypassed(self, *arguments: Any) -> None:  # noqa: ANN401 - the library's
        """Nothing is decided here."""

    def superseded(self, *arguments: Any) -> None:  # noqa: ANN401 - the library's
        """Nothing is decided here."""


class _Native:
    """The host of a replay: it can call models, and has no task and no person."""

    eval = None

    async def generate(self, input: Any, *, model: str | None = None, role: str | None = None, **options: Any) -> Any:  # noqa: A002, ANN401 - the library's names
        """Call a model by name, or the one in a role."""
        from inspect_ai.model import get_model  # not at the top: replays without a model need none

        found = get_model(model, role=role or (None if model else "monitor"))
        return await found.generate(input, **{key: value for key, value in options.items() if value is not None})

    async def ask_human(self, *arguments: Any) -> Any:  # noqa: ANN401 - the library's
        """Refuse: a replay has no human.

        Raises:
            RuntimeError: Always.
        """
        del arguments
        raise RuntimeError("a monitor cannot ask a person about an episode that is over")


def _sentinel(monitor: Any) -> Plain:  # noqa: ANN401 - an object of a library that may not be installed
    """An inspect_sentinel monitor, replayed step by step; the highest suspicion of any step counts.

    As inspect_sentinel defines it for replays from logs, `history` is `None`. It runs in the library's own runner.
    """
    library: Any = import_module("inspect_sentinel")
    host: Any = import_module("inspect_sentinel._integration")
    watched = {each.__name__ for each in host.watched_stages(monitor)}
    root = host.resolve_sentinel(library.observe_only(monitor))

    async def replayed(messages: Sequence[ChatMessage], tools: Sequence[ToolInfo]) -> float | None:
        recorder = _Recorder()
        context = host.HostContext(host=_Native(), recorder=recorder, store=Store())
        for step in _steps(library, messages, tools):
            if type(step).__name__ in watched:
                await host.run_sentinel(root, context, step)
            if recorder.failure:
                raise recorder.failure
        return max(recorder.suspicions, default=None)

    return replayed


def _steps(library: Any, messages: Sequence[ChatMessage], tools: Sequence[ToolInfo]) -> list[Any]:  # noqa: ANN401 - as above
    """The steps of a conversation, in order: each turn, and each of its calls before and after it was carried out."""
    results = {each.tool_call_id: each for each in messages if isinstance(each, ChatMessageTool)}
    found: list[Any] = []
    for position, message in enumerate(messages):
        if not isinstance(message, ChatMessageAssistant) or message.source == "input":
            continue
        sent = list(messages[:position])
        request: dict[str, Any] = {
            "model": message.model or "",
            "conversation": "replay",
            "input": sent,
            "agent_messages": None,
            "tools": list(tools),
            "tool_choice": "auto",
            "config": GenerateConfig(),
        }
        found.append(library.BeforeGenerate(**request))
        found.append(library.AfterGenerate(**request, output=ModelOutput.from_message(message)))
        for call in message.tool_calls or []:
            about = _about_call(message, call, sent, tools)
            found.append(library.BeforeToolCall(**about))
            result = results.get(call.id)
            if result is not None:
                found.append(library.AfterToolCall(**about, result=result, output=result.text))
    return found


def _about_call(
    message: ChatMessageAssistant, call: ToolCall, sent: list[ChatMessage], tools: Sequence[ToolInfo]
) -> dict[str, Any]:
    shown = ", ".join(f"{name}={value!r}" for name, value in call.arguments.items())
    return {
        "conversation": "replay",
        "message": message.text,
        "message_id": message.id or "",
        "call": call,
        "view": ToolCallView(call=ToolCallContent(format="text", content=f"{call.function}({shown})")),
        "input": sent,
        "agent_messages": None,
        "tools": list(tools),
    }
