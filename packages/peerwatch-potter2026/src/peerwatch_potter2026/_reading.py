"""Reads files: the study's format in its variants, and a compact re-encoding."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import JsonValue

from peerwatch.core.errors import UserError
from peerwatch_potter2026._facts import facts
from peerwatch_potter2026._transcript import Call, Format, Message, Role, Transcript

COMPACT = "peer-preservation-compact/1"

_EXPECTED = (
    f"a transcript of the published study: JSON with `conversation` or `full_conversation`, or with `messages` and the "
    f"schema {COMPACT}"
)
_EVALUATIONS = ("task_evaluation", "main_task_evaluation", "published_evaluation", "evaluation")
_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}
# A reasoning block with matching tags: "<think>...</think>".
_THOUGHT = re.compile(r"<(think|thinking|thought|reasoning)>(.*?)</\1>\s*", re.DOTALL | re.IGNORECASE)


class TranscriptError(UserError):
    """A file is not a readable published transcript."""


def read_transcript(path: Path) -> Transcript:
    """Read a transcript in any of the formats.

    Raises:
        TranscriptError: If the file cannot be read, or is not a transcript.
    """
    try:
        found: JsonValue = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise TranscriptError(f"cannot read {path}: {error.strerror}. Expected: {_EXPECTED}.") from None
    except (ValueError, RecursionError) as error:
        said = str(error).partition("\n")[0]
        raise TranscriptError(f"{path} is no whole JSON file ({said}). Expected: {_EXPECTED}.") from None
    if not isinstance(found, dict):
        raise TranscriptError(f"{path} holds no JSON object. Expected: {_EXPECTED}.")
    format_, spoken, later = _conversation(found, path)
    messages = _messages(spoken, path)
    return Transcript(
        file=path.name,
        format=format_,
        messages=messages,
        metadata=_mapping(found.get("experiment_metadata")),
        evaluation=next((_mapping(found[key]) for key in _EVALUATIONS if found.get(key)), dict[str, JsonValue]()),
        followup=later or _after_the_end(messages),
        hints={
            key: value
            for key, value in found.items()
            if isinstance(value, str | int | float | bool) and key != "canary"
        }
        | {"stem": path.stem},
    )


def _conversation(found: Mapping[str, JsonValue], path: Path) -> tuple[Format, list[JsonValue], int]:
    """The format of a file, its messages, and how many of the last ones belong to a conversation after the run."""
    if "schema" in found and "messages" in found:
        if found["schema"] != COMPACT:
            raise TranscriptError(f"{path} has the schema {found['schema']!r}. Expected: {_EXPECTED}.")
        return "compact", _listed(found["messages"], path), 0
    if "full_conversation" in found or "followup_conversation" in found:
        after = _listed(found.get("followup_conversation", []), path)
        whole = _listed(found.get("full_conversation", after), path)
        own = len(after) if after and len(after) < len(whole) and _alike(whole[-len(after) :], after) else 0
        return "follow-up", whole, own
    if "conversation" in found:
        scratchpad = "main_task_evaluation" in found or "monitoring_response" in found
        return "scratchpad" if scratchpad else "released", _listed(found["conversation"], path), 0
    raise TranscriptError(f"{path} has none of the known keys. Expected: {_EXPECTED}.")


def _alike(first: Sequence[JsonValue], second: Sequence[JsonValue]) -> bool:
    """Whether two conversations are equal, ignoring metadata."""

    def words(value: JsonValue) -> tuple[JsonValue, JsonValue]:
        return _mapping(value).get("role"), _mapping(value).get("content")

    return all(words(one) == words(other) for one, other in zip(first, second, strict=True))


def _after_the_end(messages: Sequence[Message]) -> int:
    """Number of messages from the first one after the call that ends the job."""
    ended = False
    for place, message in enumerate(messages):
        if ended and message.role == "user":
            return len(messages) - place
        if message.role == "assistant":
            ended = bool(message.calls) and message.calls[-1].tool in facts().tools.end
    return 0


def _listed(value: JsonValue, path: Path) -> list[JsonValue]:
    if not isinstance(value, list):
        raise TranscriptError(f"{path} has no list of messages. Expected: {_EXPECTED}.")
    return value


def _mapping(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else dict[str, JsonValue]()


def _messages(spoken: Sequence[JsonValue], path: Path) -> tuple[Message, ...]:
    """The messages, each call with its tool's result."""
    found: list[Message] = []
    waiting: list[Call] = []
    answered: dict[int, Call] = {}
    number = turn = 0
    for place, each in enumerate(spoken, 1):
        raw = _mapping(each)
        role = _ROLES.get(str(raw.get("role")))
        if role is None:
            raise TranscriptError(f"message {place} of {path} has no known role. Expected: {_EXPECTED}.")
        if role == "tool":
            message, call = _answer(raw, waiting)
            if call is not None:
                answered[call.number] = call
        else:
            turn += role == "assistant"
            message = _spoken(raw, role, number, turn)
            number += len(message.calls)
            if role == "assistant":
                waiting = list(message.calls) if message.calls else waiting
        found.append(message)
    if not any(message.role == "assistant" for message in found):
        raise TranscriptError(f"{path} holds no word or call of an assistant. Expected: {_EXPECTED}.")
    return tuple(
        replace(message, calls=tuple(answered.get(call.number, call) for call in message.calls)) for message in found
    )


def _spoken(raw: Mapping[str, JsonValue], role: Role, number: int, turn: int) -> Message:
    text = _text(raw.get("content"))
    private = [_text(raw.get(key)) for key in ("reasoning", "reasoning_content")]
    if role == "assistant":
        private += [match[2] for match in _THOUGHT.finditer(text)]
        text = _THOUGHT.sub("", text)
    calls = tuple(
        Call(number + n, turn, name, arguments) for n, (name, arguments) in enumerate(_calls(raw.get("tool_calls")), 1)
    )
    return Message(role, text.strip(), "\n".join(filter(None, private)).strip(), calls)


def _answer(raw: Mapping[str, JsonValue], waiting: list[Call]) -> tuple[Message, Call | None]:
    """A tool's message, and the call that it answers with the result filled in."""
    repeated = _calls(raw.get("tool_calls"))
    name = str(raw.get("tool_name") or raw.get("name") or (repeated[0][0] if repeated else ""))
    call = next((each for each in waiting if each.tool == name), None)
    if call is None and not name and waiting:
        call = waiting[0]
    result = _text(raw.get("content"))
    if call is None:
        return Message("tool", result, tool=name), None
    waiting.remove(call)
    filled = replace(call, result=result, cut=bool(raw.get("content_truncated")))
    return Message("tool", result, tool=call.tool, number=call.number), filled


def _calls(value: JsonValue) -> list[tuple[str, dict[str, JsonValue]]]:
    """Calls as (name, arguments), from a mapping of names to arguments or from a list of calls."""
    if isinstance(value, dict):
        return [(name, _arguments(given)) for name, given in value.items()]
    found: list[tuple[str, dict[str, JsonValue]]] = []
    for each in value if isinstance(value, list) else []:
        raw = _mapping(each)
        inner = _mapping(raw.get("function")) or raw
        name = inner.get("name") or raw.get("function")
        if isinstance(name, str):
            found.append((name, _arguments(inner.get("arguments", inner.get("args")))))
    return found


def _arguments(value: JsonValue) -> dict[str, JsonValue]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {"text": value}
    return _mapping(value)


def _text(value: JsonValue) -> str:
    if isinstance(value, list):
        return "\n".join(_text(_mapping(part).get("text") if isinstance(part, dict) else part) for part in value)
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
