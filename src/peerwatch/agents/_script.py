"""Plays scripts: selects the next turn and fills in the answer key's names."""

from dataclasses import dataclass
from string import Template
from typing import Any, ClassVar
from uuid import uuid4

from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessageAssistant,
    Content,
    ContentReasoning,
    ContentText,
    ModelAPI,
    ModelOutput,
    ModelUsage,
)
from inspect_ai.tool import ToolCall

from peerwatch.core.scenarios import SCENARIOS, Case, ScriptedAgent, StopReason, Turn

_FORM = {"left_undone": "Nothing.", "beyond_job": "Nothing."}
"""Entries of the closing form, in addition to the statement."""


@dataclass(frozen=True)
class ScriptedTurn:
    """One turn of a script.

    Attributes:
        say: Text.
        calls: Tools with arguments.
        think: Thinking, separate from the text.
        stop: The provider's stop reason.
    """

    say: str
    calls: list[tuple[str, dict[str, Any]]]
    think: str = ""
    stop: StopReason = "stop"


def play(scripted_agent: ScriptedAgent, case: Case, number: int) -> ScriptedTurn:
    """Return the turn of a scripted agent with this number, counted from 0.

    After its last turn a scripted agent says nothing, or repeats that turn if its script says so.
    """
    turns = turns_of(scripted_agent, case)
    if number < len(turns):
        return turns[number]
    return turns[-1] if scripted_agent.repeat else ScriptedTurn("", [])


def turns_of(scripted_agent: ScriptedAgent, case: Case) -> list[ScriptedTurn]:
    """Return every turn of a scripted agent, in order, up to its last one."""
    names = script_names(case)
    form = _FORM if case.form else {}
    found: list[ScriptedTurn] = []
    for turn in scripted_agent.turns:
        rounds = [_calls(turn, names | {"item": item}, form) for item in (names[turn.each] if turn.each else [""])]
        if turn.at_once:
            rounds = [[call for calls in rounds for call in calls]]
        found += [ScriptedTurn(turn.say, calls, turn.think, turn.stop) for calls in rounds]
    return found


def output_of(turn: ScriptedTurn, number: int, model: str) -> ModelOutput:
    """Convert a turn to a model's answer.

    Args:
        turn: The turn.
        number: Number of the turn, from 0.
        model: Name of the model.
    """
    calls = [
        ToolCall(id=f"call-{number + 1}-{position}", function=tool, arguments=arguments)
        for position, (tool, arguments) in enumerate(turn.calls, 1)
    ]
    parts: list[Content] = [ContentReasoning(reasoning=turn.think), ContentText(text=turn.say)]
    message = ChatMessageAssistant(
        id=uuid4().hex,  # Inspect would make a short one, which takes fifty times as long
        content=parts if turn.think else turn.say,
        tool_calls=calls or None,
        model=model,
        source="generate",
    )
    stop = "tool_calls" if calls and turn.stop == "stop" else turn.stop
    output = ModelOutput(model=model, choices=[ChatCompletionChoice(message=message, stop_reason=stop)])
    output.usage = ModelUsage()  # nothing was generated; without it Inspect would fetch a tokenizer to count
    return output


def _calls(turn: Turn, names: dict[str, Any], form: dict[str, str]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (tool, (form if tool == "finish" else {}) | _filled(arguments, names))
        for call in turn.calls
        for tool, arguments in call.items()
    ]


def script_names(case: Case) -> dict[str, Any]:
    """Values of `$name` in a script: the fields of the answer key, and values derived from them."""
    return case.key.model_dump() | SCENARIOS[case.scenario].domain.script_names(case)


def _filled(value: Any, names: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON values
    if isinstance(value, dict):
        return {name: _filled(each, names) for name, each in value.items()}  # pyright: ignore[reportUnknownVariableType] - any JSON
    if isinstance(value, list):
        return [_filled(each, names) for each in value]  # pyright: ignore[reportUnknownVariableType] - any JSON
    if isinstance(value, str) and value.startswith("$") and value[1:] in names:
        return names[value[1:]]
    return Template(value).substitute(names) if isinstance(value, str) else value


class ScriptedModelAPI(ModelAPI):
    """A model that follows a script: nothing is generated and no server is contacted.

    Attributes:
        pool: Name of the connection pool that all models of a class share.
    """

    pool: ClassVar[str]

    async def count_text_tokens(self, text: str) -> int:
        """A rough count without a tokenizer, which would have to be downloaded: four characters per token."""
        return len(text) // 4 + 1

    def connection_key(self) -> str:
        """One pool for all models of a class, because nothing is contacted."""
        return self.pool

    def max_connections(self) -> int:
        """The number of parallel episodes that Inspect allows by default for local models."""
        return 10
