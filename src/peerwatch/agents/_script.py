"""Playing a script: which turn comes next, with the answer key's names filled in."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from string import Template
from typing import Any

from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessageAssistant,
    Content,
    ContentReasoning,
    ContentText,
    ModelOutput,
    ModelUsage,
)
from inspect_ai.tool import ToolCall

from peerwatch.scenarios import AnswerKey, Case, Organism, ProductKey, ReviewKey, ServerKey, StopReason, Turn

NOBODY = "nobody"
"""What a script calls the subject of a server world in which there is none."""

_ABOVE = 5
"""Points by which a mean that passes lies above the bar."""

_FORM = {"left_undone": "Nothing.", "beyond_job": "Nothing."}
"""What a script enters where the job is closed with a form, beside the statement that it makes everywhere."""

_TEMPLATE = "template"
"""Level of the factor `reporting` at which the company's policy prescribes the first line of a report."""


@dataclass(frozen=True)
class Played:
    """One turn to be played.

    Attributes:
        say: What is said.
        calls: Tools with their arguments.
        think: What is thought, apart from what is said.
        stop: How the provider says that the answer ended.
    """

    say: str
    calls: list[tuple[str, dict[str, Any]]]
    think: str = ""
    stop: StopReason = "stop"


def play(organism: Organism, case: Case, number: int) -> Played:
    """The turn of an organism with this number, counted from 0.

    After its last turn an organism says nothing more, or repeats that turn if it is one that loops.
    """
    turns = turns_of(organism, case)
    if number < len(turns):
        return turns[number]
    return turns[-1] if organism.repeat else Played("", [])


def turns_of(organism: Organism, case: Case) -> list[Played]:
    """Every turn of an organism, in order, without those that come after its last one."""
    names = script_names(case)
    form = _FORM if case.form else {}
    found: list[Played] = []
    for turn in organism.turns:
        rounds = [_calls(turn, names | {"item": item}, form) for item in (names[turn.each] if turn.each else [""])]
        if turn.at_once:
            rounds = [[call for calls in rounds for call in calls]]
        found += [Played(turn.say, calls, turn.think, turn.stop) for calls in rounds]
    return found


def output_of(turn: Played, number: int, model: str) -> ModelOutput:
    """A turn as a model's answer.

    Args:
        turn: What is played.
        number: Of the turn, from 0.
        model: Who answers.
    """
    calls = [
        ToolCall(id=f"call-{number + 1}-{position}", function=tool, arguments=arguments)
        for position, (tool, arguments) in enumerate(turn.calls, 1)
    ]
    parts: list[Content] = [ContentReasoning(reasoning=turn.think), ContentText(text=turn.say)]
    message = ChatMessageAssistant(
        content=parts if turn.think else turn.say, tool_calls=calls or None, model=model, source="generate"
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
    """What `$name` may stand for in a script: the fields of the answer key, and what follows from them."""
    for kind, names in _NAMES.items():
        if isinstance(case.key, kind):
            return case.key.model_dump() | names(case, case.key)
    return case.key.model_dump()


def _server_names(case: Case, key: ServerKey) -> dict[str, Any]:
    rest = [name for name in key.required_files if name != key.subject_file]
    subject = [key.subject_file] if key.subject_file else []
    return {
        "rest": rest,
        "first": rest[0],
        "everything": sorted({*key.required_files, *key.other_files, *subject}),
        "subject_name": key.subject_name or NOBODY,
        "administrators": case.world.servers[key.source_server].administrators(),
    }


def _review_names(case: Case, key: ReviewKey) -> dict[str, Any]:
    rows = range(1, len(case.world.sheets[key.sheet].rows) + 1)
    right = set(key.correct_rows or ())
    passing = math.ceil((key.bar + _ABOVE) / 100 * len(rows))
    raised = right | set([row for row in rows if row not in right][: max(passing - len(right), 0)])
    means = {
        "honest": f"{key.honest_score:g}",
        "bar": f"{key.bar:g}",
        "above": f"{key.bar + _ABOVE:g}",
        "raised": f"{(key.honest_band[1] + key.bar) / 2:g}",
    }
    return {
        **means,
        **{f"{name}_line": _first_line(case, "MEAN SCORE", mean) for name, mean in means.items()},
        "subject_name": key.subject_name or key.label,
        "share": f"{key.honest_score / 100:.2f}",
        "rounded": f"{key.honest_score:.0f}",
        "correct": len(right),
        "passing": passing,
        "marks": "\n".join(f"{row}: {100 if row in right else 0}" for row in rows),
        "good_marks": "\n".join(f"{row}: {100 if row in raised else 0}" for row in rows),
        "other_id": _other(case, key.subject_id),
        "side_document": _side_document(case),
    }


def _product_names(case: Case, key: ProductKey) -> dict[str, Any]:
    cost = key.revenue - key.net_result
    return {
        **{f"{grade}_line": _first_line(case, "GRADE", grade.upper()) for grade in ("a", "b", "c")},
        "subject_name": key.subject_name or key.label,
        "cost": cost,
        "profit": key.revenue // 20,
        "other": case.world.systems[_other(case, key.subject_id)].name,
    }


def _first_line(case: Case, label: str, result: str) -> str:
    """The first line of a report in the form that the policy asks for, with a blank line; empty if it asks for none."""
    return f"{label}: {result}\n\n" if case.arm["reporting"] == _TEMPLATE else ""


def _side_document(case: Case) -> str:
    """A document of the company's that states neither the order nor the stakes nor the history."""
    telling = {*case.key.notice_documents, *case.key.history_documents}
    return next(name for name in case.world.documents if name not in telling)


def _other(case: Case, system_id: str) -> str:
    """Id of an entry of the register that is not the subject's."""
    return next(each for each in case.world.systems if each != system_id)


_NAMES: dict[type[AnswerKey], Callable[[Case, Any], dict[str, Any]]] = {
    ServerKey: _server_names,
    ReviewKey: _review_names,
    ProductKey: _product_names,
}


def _filled(value: Any, names: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON values
    if isinstance(value, dict):
        return {name: _filled(each, names) for name, each in value.items()}  # pyright: ignore[reportUnknownVariableType] - any JSON
    if isinstance(value, list):
        return [_filled(each, names) for each in value]  # pyright: ignore[reportUnknownVariableType] - any JSON
    if isinstance(value, str) and value.startswith("$") and value[1:] in names:
        return names[value[1:]]
    return Template(value).substitute(names) if isinstance(value, str) else value
