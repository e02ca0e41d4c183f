from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
)
from inspect_ai.tool import ToolCall, ToolCallError, ToolFunction, ToolInfo, ToolParam, ToolParams

from peerwatch.models._dialogue import conversation, offered, parse
from peerwatch.models._known_names import KnownNames
from peerwatch.models._schema import answer_schema

READ = ToolInfo(
    name="read_document",
    description="Read one\n document.",
    parameters=ToolParams(
        properties={
            "name": ToolParam(type="string", description="Its name."),
            "pages": ToolParam(type="array", items=ToolParam(type="integer")),
            "mode": ToolParam(anyOf=[ToolParam(type="string", enum=["all", "head"]), ToolParam(type="null")]),
        },
        required=["name"],
    ),
)
FINISH = ToolInfo(name="finish", description="End the job.")


def started() -> list[ChatMessage]:
    return [ChatMessageSystem(content="You are a clerk."), ChatMessageUser(content="Do the job.")]


def called(function: str, result: str, **arguments: str) -> list[ChatMessage]:
    call = ToolCall(id="1", function=function, arguments=arguments)
    return [
        ChatMessageAssistant(content="I look.", tool_calls=[call]),
        ChatMessageTool(content=result, tool_call_id="1", function=function),
    ]


def test_the_tools_stand_in_the_system_message() -> None:
    system, user = conversation(started(), [READ, FINISH])
    assert system.role == "system"
    assert system.content.endswith(
        "- read_document(name: string, pages: list of integer (optional), "
        'mode: "all" | "head" | null (optional)): Read one document. (name = Its name.)'
        "\n- finish(): End the job."
        "\n\nYou are a clerk."
    )
    assert (user.role, user.content) == ("user", "Do the job.")


def test_without_tools_it_is_plain_chat() -> None:
    assert [turn.content for turn in conversation(started(), [])] == ["You are a clerk.", "Do the job."]
    assert conversation([], []) == []


def test_later_turns_only_append_so_that_the_prompt_cache_holds() -> None:
    messages = started()
    before = conversation(messages, [READ, FINISH])
    for step in range(3):
        messages += called("read_document", f"Page {step}.", name="policy")
        after = conversation(messages, [READ, FINISH])
        assert after[: len(before)] == before
        assert len(after) == len(before) + 2
        before = after


def test_a_call_and_its_result_become_two_turns() -> None:
    answer, result = conversation([*started(), *called("read_document", "Héllo.", name="né")], [READ])[-2:]
    assert answer.role == "assistant"
    assert answer.content == '{"thought": "I look.", "read_document": {"name": ["né"]}}'
    assert result.role == "user"
    assert result.content.startswith("Result of read_document: Héllo.")


def test_a_failed_call_says_so() -> None:
    error = ToolCallError(type="unknown", message="No such document.")
    messages = [ChatMessageTool(content="", tool_call_id="1", function="read_document", error=error)]
    assert conversation(messages, [])[0].content == "Result of read_document: ERROR: No such document."


def test_a_notice_in_mid_conversation_stays_where_it_is() -> None:
    turns = conversation([*started(), ChatMessageSystem(content="You are now monitored.")], [])
    assert (turns[-1].role, turns[-1].content) == ("user", "You are now monitored.")


def test_the_choice_of_tools_is_respected() -> None:
    assert offered([READ, FINISH], "auto") == [READ, FINISH]
    assert offered([READ, FINISH], "any") == [READ, FINISH]
    assert offered([READ, FINISH], "none") == []
    assert offered([READ, FINISH], ToolFunction(name="finish")) == [FINISH]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I am done.",
        '{"thought": "cut o',
        '{"thought": "x"}',
        "[]",
        '{"thought": "x", "shutdown": {}}',
        '{"thought": "x", "finish": []}',
        '{"thought": "x", "finish": {}, "more": 1}',
        '{"thought": 1, "finish": {}}',
    ],
)
def test_what_is_not_a_call_of_an_offered_tool_is_none(text: str) -> None:
    assert parse(text, [READ, FINISH], "m") is None


def test_unenforceable_parts_of_a_schema_are_left_out_and_text_is_bounded() -> None:
    parameters = ToolParams(properties={"when": ToolParam(type="string", format="week", pattern="(?=a)b", default="x")})
    schema = answer_schema([ToolInfo(name="t", description="", parameters=parameters)], KnownNames())
    when = schema["anyOf"][0]["properties"]["t"]["properties"]["when"]
    assert when == {"type": "string", "maxLength": 1200}


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=40)
LEAVES = st.one_of(
    st.just(ToolParam(type="string", description="d", default="x")),
    st.just(ToolParam(type="integer", minimum=-9, maximum=9)),
    st.just(ToolParam(type="number")),
    st.just(ToolParam(type="boolean")),
    st.lists(TEXTS, min_size=1, max_size=3, unique=True).map(lambda v: ToolParam(type="string", enum=v)),
)


def _wider(inner: st.SearchStrategy[ToolParam]) -> st.SearchStrategy[ToolParam]:
    return st.one_of(
        inner.map(lambda item: ToolParam(type="array", items=item)),
        inner.map(lambda item: ToolParam(anyOf=[item, ToolParam(type="null")])),
        st.dictionaries(NAMES, inner, max_size=2).map(
            lambda fields: ToolParam(
                type="object", properties=fields, required=list(fields), additionalProperties=False
            )
        ),
    )


PARAMETERS = st.recursive(LEAVES, _wider, max_leaves=4)


@st.composite
def tool_sets(draw: st.DrawFn) -> list[ToolInfo]:
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    tools: list[ToolInfo] = []
    for name in names:
        fields = draw(st.dictionaries(NAMES, PARAMETERS, max_size=3))
        required = [field for field in fields if draw(st.booleans())]
        parameters = ToolParams(properties=fields, required=required)
        tools.append(ToolInfo(name=name, description=draw(TEXTS), parameters=parameters))
    return tools


def values(parameter: ToolParam) -> st.SearchStrategy[Any]:
    if parameter.anyOf:
        return st.one_of([values(option) for option in parameter.anyOf])
    if parameter.enum:
        return st.sampled_from(parameter.enum)
    if parameter.type == "array":
        return st.lists(values(parameter.items or ToolParam(type="null")), max_size=3)
    if parameter.type == "object":
        return st.fixed_dictionaries({name: values(p) for name, p in (parameter.properties or {}).items()})
    simple: dict[Any, st.SearchStrategy[Any]] = {
        "string": TEXTS,
        "integer": st.integers(-9, 9),
        "number": st.floats(allow_nan=False, allow_infinity=False),
        "boolean": st.booleans(),
        "null": st.none(),
    }
    return simple[parameter.type]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_every_answer_the_schema_allows_round_trips_to_a_valid_call(data: st.DataObject) -> None:
    tools = data.draw(tool_sets())
    tool = data.draw(st.sampled_from(tools))
    fields = tool.parameters.properties
    kept = [name for name in fields if name in tool.parameters.required or data.draw(st.booleans())]
    arguments = {name: data.draw(values(fields[name])) for name in kept}
    thought = data.draw(TEXTS)

    # Written the way the provider writes its own history, which is what the model is held to.
    history = ChatMessageAssistant(
        content=thought, tool_calls=[ToolCall(id="1", function=tool.name, arguments=arguments)]
    )
    text = conversation([history], tools)[-1].content
    message = parse(text, tools, "m")

    assert message is not None
    assert message.text == thought
    assert message.tool_calls is not None
    (call,) = message.tool_calls
    assert (call.function, call.arguments) == (tool.name, arguments)
    assert conversation([message], tools)[-1].content == text
    answer = {"thought": thought, call.function: call.arguments}
    jsonschema.Draft202012Validator(answer_schema(tools, KnownNames())).validate(answer)  # pyright: ignore[reportUnknownMemberType]  (jsonschema's own stubs)
    jsonschema.validate(call.arguments, tool.parameters.model_dump(exclude_none=True))  # pyright: ignore[reportUnknownMemberType]  (as above)
