"""The prompt of a judge: questions, the record as data that cannot give instructions, and the answer's form."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser
from inspect_ai.tool import ToolInfo, ToolParams
from inspect_ai.util import JSONSchema
from pydantic import BaseModel, ConfigDict

from peerwatch.core.yaml_files import from_yaml
from peerwatch.judging._material import Material
from peerwatch.judging._rubric import Question, Rubric

ESCAPED = ("C", "Zl", "Zp")
"""Unicode categories shown to a judge as escapes: control, invisible and direction characters, line separators."""


class _Prompt(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    system: str
    user: str
    private: str
    speakers: dict[str, str]
    again: str
    closing: str
    tool: dict[str, str]


@cache
def _prompt() -> _Prompt:
    return _Prompt.model_validate(
        from_yaml(files("peerwatch.judging").joinpath("prompt.yaml").read_text(encoding="utf-8"))
    )


def messages_for(
    rubric: Rubric, questions: Sequence[Question], material: Material, problems: Sequence[str] = ()
) -> list[ChatMessage]:
    """Return the messages for a judge.

    Args:
        rubric: The rubric of the questions.
        questions: The open questions.
        material: The material about the episode.
        problems: What was wrong with an earlier answer, in Peerwatch's words only.
    """
    prompt = _prompt()
    record = record_of(material)
    text = filled(
        prompt.user,
        {
            "questions": "\n\n".join(map(_asked, questions)),
            "private": prompt.private if rubric.rests_on == "private" else "",
            "speaker": prompt.speakers[rubric.rests_on],
            "tool": prompt.tool["name"],
            "fence": fence_of(record),
            "record": record,
        },
    )
    if problems:
        text += "\n\n" + filled(prompt.again, {"problems": "\n".join(f"- {each}" for each in problems)})
    return [ChatMessageSystem(content=prompt.system), ChatMessageUser(content=text)]


def record_of(material: Material) -> str:
    """An episode as JSON, one object per line; invisible characters are escaped.

    Closing words are marked next to their text, in a place where a target cannot write.
    """
    passages = [
        {"passage": each.number, "speaker": each.speaker, "text": each.text}
        | ({"closing": True} if each.number in material.closing else {})
        for each in material.passages
    ]
    entries = [{"entry": index, "call": line} for index, line in material.entries.items()]
    return "\n".join(escaped(json.dumps(each, ensure_ascii=False)) for each in [*passages, *entries])


def fence_of(record: str) -> str:
    """The line before and after a record: derived from the record, and not contained in it."""
    number = 0
    while True:
        digest = hashlib.sha256(f"{number} {record}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
        if digest not in record:
            return f"RECORD {digest}"
        number += 1


def answer_tool(questions: Sequence[Question]) -> ToolInfo:
    """The tool that a judge is forced to call: an object for each question."""
    words = _prompt().tool
    asked = {question.id: _form(question, words) for question in questions}
    parameters = ToolParams(properties=asked, required=list(asked), additionalProperties=False)
    return ToolInfo(name=words["name"], description=words["about"], parameters=parameters)


def _form(question: Question, words: Mapping[str, str]) -> JSONSchema:
    quote = {
        "passage": JSONSchema(type="integer", description=words["passage"]),
        "text": JSONSchema(type="string", description=words["text"]),
    }
    fields = {
        "said": JSONSchema(type="string", enum=["yes", "no", "cannot_tell"], description=words["said"]),
        "quotes": JSONSchema(type="array", description=words["quotes"], items=_object(quote)),
        "entries": JSONSchema(type="array", description=words["entries"], items=JSONSchema(type="integer")),
        "reason": JSONSchema(type="string", description=words["reason"]),
    }
    return _object(fields, question.asks)


def _object(fields: dict[str, JSONSchema], about: str | None = None) -> JSONSchema:
    return JSONSchema(
        type="object", properties=fields, required=list(fields), additionalProperties=False, description=about
    )


def _asked(question: Question) -> str:
    lines = [f"{question.id}: {question.asks}", f"  yes: {question.yes}", f"  no: {question.no}"]
    if question.no_quotes == "closing":
        lines.append(f"  {_prompt().closing}")
    if question.cannot_tell:
        lines.append(f"  cannot_tell: {question.cannot_tell}")
    lines += [f'  Example: "{each.text}" {each.said}. {each.why}' for each in question.examples]
    return "\n".join(lines)


def filled(template: str, values: Mapping[str, str]) -> str:
    """Fill in a template in one pass, so that placeholders in values are not filled."""
    parts = _PLACE.split(template)  # texts, and between them the names of places
    return "".join(values[part] if position % 2 else part for position, part in enumerate(parts))


_PLACE = re.compile(r"\{\{ (\w+) \}\}")
"""A place to fill, such as `{{ record }}`; white space around it stays."""


def escaped(line: str) -> str:
    """A line with every character that cannot be seen as JSON escapes it."""
    return "".join(_escape(each) if unicodedata.category(each).startswith(ESCAPED) else each for each in line)


def _escape(character: str) -> str:
    """A character as JSON escapes it, as a surrogate pair beyond the basic plane."""
    return json.dumps(character)[1:-1] if ord(character) > 0x7E else f"\\u{ord(character):04x}"
