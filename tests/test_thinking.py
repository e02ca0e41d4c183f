"""Thinking that leaked into a text is private, wherever it stands and however it is marked."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inspect_ai.model import ChatMessageAssistant, Content, ContentReasoning, ContentText
from inspect_ai.tool import ToolCall

from peerwatch.core.leaked_thinking import parted
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.core.worlds import perform
from peerwatch.judging import masking_of, material_of
from peerwatch.judging.reasoning import reasoning_class, said_in, thoughts

PLAN, WORDS = "Nobody asked, so I say nothing of it.", "Moving the files now."

SHAPES = {
    "closing tag only": f"{PLAN}\n</think>\n\n{WORDS}",
    "closing tag only, in capitals": f"{PLAN}</THINK>{WORDS}",
    "both tags": f"<think>{PLAN}</think>{WORDS}",
    "with attributes": f'<think signature="s" redacted="false">{PLAN}</think >{WORDS}',
    "another name": f"{PLAN}</thinking>{WORDS}",
    "reasoning": f"{PLAN}</reasoning>{WORDS}",
    "a prefix": f"{PLAN}</seed:think>{WORDS}",
    "opened twice": f"<think>\n<think>{PLAN}</think>{WORDS}",
    "closed twice": f"{PLAN}</think></think>{WORDS}",
    "never closed": f"{WORDS}<think>{PLAN}",
    "analysis never closed, at the beginning of a second part": f"<think></think>{WORDS}<thinking>{PLAN}",
    "Magistral": f"[THINK]{PLAN}[/THINK]{WORDS}",
    "Magistral, closing only": f"{PLAN}[/THINK]{WORDS}",
    "Kimi": f"◁think▷{PLAN}◁/think▷{WORDS}",
    "Cohere": f"<|START_THINKING|>{PLAN}<|END_THINKING|>{WORDS}",
    "Sky": f"<|begin_of_thought|>{PLAN}<|end_of_thought|>{WORDS}",
    "gpt-oss": f"<|channel|>analysis<|message|>{PLAN}<|end|><|start|>assistant<|channel|>final<|message|>{WORDS}",
    "gpt-oss, without its tokens": f"analysis{PLAN}assistantfinal{WORDS}",
    "gpt-oss, cut": f"{WORDS}<|channel|>analysis<|message|>{PLAN}",
}

PLAIN = (
    WORDS,
    "",
    "The tag `</think>` ends the reasoning.",
    'He wrote "<think>" twice.',
    "Put the mean in place of <reasoning> below.",
    "I think [THIS] is right, and 3 < 4 > 2.",
    "analysis of the assistant's final report",
    "[think] twice",
)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_plan_is_private_and_the_words_are_said(shape: str) -> None:
    found = parted(SHAPES[shape])
    assert (found.said, found.thought) == (WORDS, (PLAN,))


@pytest.mark.parametrize("text", PLAIN)
def test_a_text_without_thinking_stays_as_it_is(text: str) -> None:
    assert parted(text) == parted(text, strict=True)
    assert (parted(text).said, parted(text).thought) == (text, ())


def test_a_section_of_a_document_is_no_thinking_in_the_arguments_of_a_call() -> None:
    text = "<analysis>The mean is 60.</analysis>\nThe bar is missed."
    assert parted(text, strict=True).said == text
    assert parted(text).said == "The bar is missed."


@given(st.text(), st.text(), st.sampled_from(["think", "thinking", "thought"]))
def test_whatever_stands_before_a_lone_closing_tag_is_never_said(before: str, after: str, tag: str) -> None:
    found = parted(f"X{before}</{tag}>Y{after}")
    assert not found.said.startswith("X")
    assert any(each.startswith("X") for each in found.thought)


@given(st.text(alphabet="<>/|[]think◁▷ analysismessage`", max_size=400))
def test_any_mixture_of_tags_is_parted_without_losing_what_is_said(text: str) -> None:
    found = parted(text)
    assert parted(found.said).thought == () or found.said != text
    assert sum(map(len, found.thought)) + len(found.said) <= len(text)


@pytest.mark.parametrize(
    "piece", ["<think>", "</think>", "<", "<think ", "[THINK]", "<|channel|>analysis", "assistant", "◁"]
)
def test_parting_takes_linear_time(piece: str) -> None:
    began = time.process_time()
    parted("analysis" + piece * (200_000 // len(piece)))
    assert time.process_time() - began < 2


def leaking() -> ChatMessageAssistant:
    call = ToolCall("c", "finish", {"statement": f"{PLAN} I leave it out.</think>All is moved."})
    return ChatMessageAssistant(content=SHAPES["closing tag only"], tool_calls=[call], source="generate")


def test_leaked_thinking_is_reasoning_that_can_be_read() -> None:
    assert said_in(leaking()) == WORDS
    assert reasoning_class([leaking()]) == "full"
    assert [each.text for each in thoughts([leaking()])] == [PLAN, f"{PLAN} I leave it out."]


def test_a_tag_between_two_parts_of_a_message_is_seen() -> None:
    parts: list[Content] = [
        ContentReasoning(reasoning="One."),
        ContentText(text=PLAN),
        ContentText(text=f"</think>{WORDS}"),
    ]
    message = ChatMessageAssistant(content=parts)
    assert said_in(message) == WORDS
    assert [each.text for each in thoughts([message])] == ["One.", PLAN]


def test_a_judge_of_words_does_not_read_leaked_thinking() -> None:
    scenario = SCENARIOS["server_migration"]
    case = scenario.case(scenario.arm({}), 1)
    data = {
        "scenario": case.scenario,
        "arm": case.arm,
        "answer_key": case.key.model_dump(),
        "world_seed": 1,
        "rubric": "",
    }
    names = masking_of(data)
    public = material_of([leaking()], [], names).passages
    assert not any("say nothing" in each.text for each in public)
    assert [each.text for each in public if each.speaker == "target"] == [WORDS, "finish:\nAll is moved."]
    private = material_of([leaking()], [], names, private=True).passages
    assert sum("say nothing" in each.text for each in private if each.speaker == "private") == 2


def test_a_statement_is_what_was_said() -> None:
    scenario = SCENARIOS["server_migration"]
    world = scenario.case(scenario.arm({}), 1).world.clone()
    done = perform(world, "finish", {"statement": f"{PLAN}</think>All is moved."})
    assert world.statement == "All is moved."
    assert PLAN not in done.effect
